#include <gtest/gtest.h>

#include <inas/core/stop.hpp>

namespace inas {
namespace {

TEST(Stop, ByDefaultItNeverComes) { EXPECT_FALSE(Stop()); }

TEST(Stop, AnyOfItsReasonsWillDo) {
  std::atomic<bool> first{false};
  std::atomic<bool> second{false};
  const Stop one = first;
  const Stop both = one.or_when(second);
  EXPECT_FALSE(both);
  second = true;
  EXPECT_TRUE(both);
  EXPECT_FALSE(one);
  second = false;
  first = true;
  EXPECT_TRUE(both);
  EXPECT_TRUE(one);
}

TEST(Stop, OfTwoTimesTheEarlierCounts) {
  const auto now = Stop::Clock::now();
  const Stop later = Stop().or_at(now + std::chrono::hours(1));
  EXPECT_FALSE(later);
  EXPECT_TRUE(later.or_at(now));
  EXPECT_TRUE(Stop().or_at(now).or_at(now + std::chrono::hours(1)));
  std::atomic<bool> flag{true};
  EXPECT_TRUE(later.or_when(flag));
}

}  // namespace
}  // namespace inas
