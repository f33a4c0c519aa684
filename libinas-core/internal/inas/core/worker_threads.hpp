#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace inas {

/// One thread per core.
inline std::int64_t all_cores() {
  return std::max<std::int64_t>(1, std::thread::hardware_concurrency());
}

/// Calls work(0) … work(count − 1), each once, on up to `threads` threads, the calling one among
/// them. Each thread makes its own work by `make_work()`. An exception of one of them ends all
/// after the call that they are in; the first one reaches the caller when all have ended.
template <class MakeWork>
void on_threads(std::int64_t threads, std::int64_t count, const MakeWork& make_work) {
  std::atomic<std::int64_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  // Relaxed: what the calls write, the caller sees when the threads have ended; among each other
  // they are independent, which the thread sanitizer checks the better the less the counter orders.
  const auto take = [&] { return next.fetch_add(1, std::memory_order_relaxed); };
  const auto run = [&] {
    try {
      auto work = make_work();
      for (std::int64_t index = take(); index < count; index = take()) work(index);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> others;
    try {
      while (std::ssize(others) + 1 < std::min(threads, count)) others.emplace_back(run);
    } catch (const std::system_error&) {
      // The system gives no more threads: those that there are do the work.
    }
    run();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace inas
