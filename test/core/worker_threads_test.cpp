#include <atomic>
#include <barrier>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <inas/core/worker_threads.hpp>

namespace inas {
namespace {

TEST(WorkerThreads, EveryIndexIsWorkedOnOnce) {
  for (const std::int64_t threads : {1, 3, 8}) {
    std::vector<std::atomic<int>> calls(100);
    std::atomic<int> made = 0;
    on_threads(threads, 100, [&] {
      ++made;
      return [&](std::int64_t index) { ++calls[static_cast<std::size_t>(index)]; };
    });
    for (const std::atomic<int>& of_one : calls) EXPECT_EQ(of_one, 1);
    EXPECT_LE(made, threads);
  }
  on_threads(4, 0, [&] { return [&](std::int64_t index) { FAIL() << index; }; });
}

TEST(WorkerThreads, AnExceptionOfAnotherThreadReachesTheCallerAndEndsAll) {
  constexpr std::int64_t kCount = 1'000'000'000;
  const std::thread::id caller = std::this_thread::get_id();
  std::barrier all_at_work(3);
  std::atomic<std::int64_t> calls = 0;
  std::atomic<int> inside = 0;
  const auto make_work = [&] {
    return [&](std::int64_t) {
      if (++calls > 3) return;
      ++inside;
      all_at_work.arrive_and_wait();
      --inside;
      if (std::this_thread::get_id() != caller) throw std::runtime_error("in a thread");
      while (inside > 0) std::this_thread::yield();
    };
  };
  try {
    on_threads(3, kCount, make_work);
    ADD_FAILURE() << "no exception";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "in a thread");
  }
  EXPECT_EQ(inside, 0) << "all threads have ended";
  EXPECT_LT(calls, kCount);
}

TEST(WorkerThreads, AnExceptionWhileWorkIsMadeReachesTheCaller) {
  const auto make_work = []() -> void (*)(std::int64_t) { throw std::runtime_error("no work"); };
  EXPECT_THROW(on_threads(4, 10, make_work), std::runtime_error);
}

}  // namespace
}  // namespace inas
