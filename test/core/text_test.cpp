#include <limits>

#include <gtest/gtest.h>

#include <inas/core/percentile.hpp>
#include <inas/core/text.hpp>

namespace inas {
namespace {

TEST(DurationText, IsInSecondsThenMinutesThenHours) {
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(59.4), "59 s");
  EXPECT_EQ(duration_text(59.5), "1:00");
  EXPECT_EQ(duration_text(245), "4:05");
  EXPECT_EQ(duration_text(3600), "1:00:00");
  EXPECT_EQ(duration_text(360'000 + 61), "100:01:01");
}

TEST(DurationText, OfWhatIsNoDurationSaysNoNumber) {
  EXPECT_EQ(duration_text(-1), "0 s");
  for (const double none :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), 1e300}) {
    EXPECT_EQ(duration_text(none), "–");
  }
}

TEST(Escaped, LeavesNothingThatEndsAnElementOrAnAttribute) {
  EXPECT_EQ(escaped("<a b=\"c\" d='e'>&"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
  EXPECT_EQ(escaped("ä\tb\n"), "ä\tb\n");
  EXPECT_EQ(escaped("a\x1b\x7f"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Characters, AreThoseOfUtf8AndNotBytes) {
  EXPECT_EQ(character_count("91.80 ± 0.29 µ–"), 15U);
  EXPECT_EQ(first_characters("a±b", 1), "a");
  EXPECT_EQ(first_characters("a±b", 2), "a±");
  EXPECT_EQ(first_characters("a±b", 3), "a±b");
  EXPECT_EQ(first_characters("a±b", 9), "a±b");
  EXPECT_EQ(first_characters("±", 0), "");
}

TEST(ShownText, IsOneLineOfWholeCharacters) {
  EXPECT_EQ(shown_text("walk", 4), "walk");
  EXPECT_EQ(shown_text("größe", 4), "größ…");
  EXPECT_EQ(shown_text("a\nb\tc\x7f", 9), "a?b?c?");
}

TEST(SplitAtCommas, KeepsEmptyParts) {
  EXPECT_EQ(split_at_commas("cpu"), (std::vector<std::string>{"cpu"}));
  EXPECT_EQ(split_at_commas(",a,,"), (std::vector<std::string>{"", "a", "", ""}));
}

TEST(Percentile, IsInterpolatedBetweenRanks) {
  const auto square = [](double rank) { return rank * rank; };
  EXPECT_EQ(percentile(5, 0, square), 0);
  EXPECT_EQ(percentile(5, 50, square), 4);
  EXPECT_EQ(percentile(5, 100, square), 16);
  EXPECT_EQ(percentile(5, 62.5, square), 6.5);
  EXPECT_EQ(percentile(1, 37, square), 0);
}

}  // namespace
}  // namespace inas
