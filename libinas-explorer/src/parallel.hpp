#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <inas/core/error.hpp>

namespace inas::explorer {

/// Calls body(0) … body(count − 1) on `threads` threads, 0 meaning one per core; more than that are
/// not used. One thread is the calling one. Bodies must be independent; the first exception of one
/// reaches the caller.
template <class Body>
void parallel_for(std::size_t count, std::int64_t threads, const Body& body) {
  if (threads < 0 || threads > 4096) {
    throw InvalidArgument(fmt::format("threads: found {}, allowed: 0 to 4096", threads));
  }
  if (threads == 1 || count < 2) {
    for (std::size_t index = 0; index < count; ++index) body(index);
    return;
  }
  const int cores = tbb::info::default_concurrency();
  tbb::task_arena arena(threads == 0 ? cores : std::min(static_cast<int>(threads), cores));
  arena.execute([&] { tbb::parallel_for(std::size_t{0}, count, body); });
}

}  // namespace inas::explorer
