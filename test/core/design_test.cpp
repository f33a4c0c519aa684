#include <random>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/core/design.hpp>

namespace inas {
namespace {

TEST(Design, TextFormIsThePublishedOne) {
  EXPECT_EQ(to_string(Design{{4, 5, 8, 1}, LoopOrder::reuse_O, 2}), "4_5_8_1_reuse_O_S2");
  EXPECT_EQ(
      to_string(Design{
          {1, 1, 1, 1}, LoopOrder::reuse_I, 1, MacGranularity::row, DmaGranularity::coalesced, 3}),
      "1_1_1_1_reuse_I_S1_row_coalesced_K3");
  EXPECT_EQ(
      to_string(Design{
          {}, LoopOrder::reuse_O, 1, MacGranularity::tap, DmaGranularity::pixel, 2, Unit::cpu}),
      "1_1_1_1_reuse_O_S1_K2_cpu");
  EXPECT_EQ(to_string(Design{.batches_per_cycle = 0}), "1_1_1_1_reuse_O_S1_K0");
  EXPECT_EQ(parse_design("1_1_1_1_reuse_O_S1_K0").batches_per_cycle, 0);
}

TEST(Design, TextFormRoundTrips) {
  std::mt19937 random(7);
  const auto number = [&] { return static_cast<std::int64_t>(1 + random() % 5000); };
  for (int round = 0; round < 2000; ++round) {
    const Design design{{number(), number(), number(), number()},
                        static_cast<LoopOrder>(random() % 3),
                        number(),
                        static_cast<MacGranularity>(random() % 2),
                        static_cast<DmaGranularity>(random() % 2),
                        number(),
                        static_cast<Unit>(random() % 2)};
    ASSERT_EQ(parse_design(to_string(design)), design) << to_string(design);
  }
}

TEST(Design, TheLeaMayBeSpeltOut) {
  EXPECT_EQ(parse_design("4_5_8_1_reuse_O_S2_row_lea"), parse_design("4_5_8_1_reuse_O_S2_row"));
}

TEST(Design, AnyOtherTextIsRefusedAndQuoted) {
  for (const char* text : {"",
                           "1",
                           "1_1_1_1",
                           "1_1_1_1_reuse_X_S1",
                           "1_1_1_1_reuse_I_S",
                           "1_1_1_1_reuse_I_S0",
                           "0_1_1_1_reuse_I_S1",
                           "-1_1_1_1_reuse_I_S1",
                           "1_1_1_1_reuse_I_S1 ",
                           " 1_1_1_1_reuse_I_S1",
                           "1_1_1_1_reuse_I_S99999999999999999999",
                           "1_1_1_1_reuse_I_S4294967296",
                           "1_1_1_1_reuse_I_S1_coalesced_row",
                           "1_1_1_1_reuse_I_S1_K",
                           "1.5_1_1_1_reuse_I_S1",
                           "+1_1_1_1_reuse_I_S1",
                           "1_1_1_1_reuse_IW_S1",
                           "1_1_1_1_REUSE_I_S1",
                           "1_1_1_1_1_reuse_I_S1",
                           "1_1_1_1_reuse_I_S1_K-1",
                           "1_1_1_1_reuse_I_S0_K0",
                           "1_1_1_1_reuse_I_S1_cpu_lea",
                           "1_1_1_1_reuse_I_S1_cpu_row",
                           "1_1_1_1_reuse_I_S1_row_row"}) {
    test::expect_error([&] { (void)parse_design(text); }, text);
  }
}

TEST(Design, OneDesignHasOneText) {
  for (const char* text :
       {"01_1_1_1_reuse_I_S1", "1_1_1_1_reuse_I_S007", "1_1_1_1_reuse_I_S1_K1"}) {
    test::expect_error([&] { (void)parse_design(text); }, text);
  }
}

TEST(Design, NumbersEndAtTheLargestOf32Bits) {
  EXPECT_EQ(parse_design("1_1_1_1_reuse_I_S2147483647").batch, 2147483647);
  test::expect_error([] { (void)parse_design("1_1_1_1_reuse_I_S2147483648"); }, "2147483648");
}

TEST(Design, EveryTruncationIsRefusedOrAnotherDesign) {
  const std::string text = "12_3_4_5_reuse_W_S67";
  for (std::size_t length = 0; length < text.size(); ++length) {
    const std::string cut = text.substr(0, length);
    if (cut == "12_3_4_5_reuse_W_S6") {
      EXPECT_EQ(parse_design(cut).batch, 6);
    } else {
      test::expect_error([&] { (void)parse_design(cut); }, cut);
    }
  }
}

}  // namespace
}  // namespace inas
