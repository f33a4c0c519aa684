#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/rounds_done.hpp>

// oneTBB is not built for the thread sanitizer, which takes its handing over of work for data
// races. To suppress those would suppress the races of the bodies as well, whose stacks have
// oneTBB's frames in them, too. So there the bodies run on threads that the sanitizer follows.
#if defined(__SANITIZE_THREAD__)
#define INAS_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define INAS_THREAD_SANITIZER
#endif
#endif

#ifdef INAS_THREAD_SANITIZER
#include <inas/core/worker_threads.hpp>
#else
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#endif

namespace inas::explorer {

/// Calls body(0) … body(count − 1) on `threads` threads, 0 meaning one per core; more than that are
/// used under the thread sanitizer only. One thread is the calling one. Bodies must be independent;
/// the first exception of one reaches the caller. `done` is told of each body that has ended.
template <class Body>
void parallel_for(std::size_t count, std::int64_t threads, const Body& body,
                  const RoundsDone& done = {}) {
  if (threads < 0 || threads > 4096) {
    throw InvalidArgument(fmt::format("threads: found {}, allowed: 0 to 4096", threads));
  }
  std::atomic<std::int64_t> ended{0};
  const auto round = [&](std::size_t index) {
    body(index);
    if (done) done(++ended, static_cast<std::int64_t>(count));
  };
  if (threads == 1 || count < 2) {
    for (std::size_t index = 0; index < count; ++index) round(index);
    return;
  }
#ifdef INAS_THREAD_SANITIZER
  on_threads(threads == 0 ? all_cores() : threads, static_cast<std::int64_t>(count),
             [&] { return [&](std::int64_t index) { round(static_cast<std::size_t>(index)); }; });
#else
  const int cores = tbb::info::default_concurrency();
  tbb::task_arena arena(threads == 0 ? cores : std::min(static_cast<int>(threads), cores));
  arena.execute([&] { tbb::parallel_for(std::size_t{0}, count, round); });
#endif
}

}  // namespace inas::explorer
