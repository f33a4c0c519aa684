#include <gtest/gtest.h>
#include <oracle/explore.hpp>

namespace {

using oracle::Design;
using oracle::Kind;
using oracle::Layer;
using oracle::Lists;

// What can be worked out by hand, for those who have no reference folder.

TEST(Oracle, ListsDivisorsAscendingAndOddOnesOnlyIfAllAreAsked) {
  using List = std::vector<oracle::Int>;
  EXPECT_EQ(oracle::divisors(18, Lists::all), (List{1, 2, 3, 6, 9, 18}));
  EXPECT_EQ(oracle::divisors(18, Lists::published), (List{1, 2, 6, 18}));
  EXPECT_EQ(oracle::divisors(13, Lists::published), (List{1}));
}

TEST(Oracle, VisitsTheLastParameterFastest) {
  const Layer layer{
      .kind = Kind::conv, .H = 3, .W = 2, .N = 1, .R = 2, .C = 1, .M = 2, .Kh = 2, .Kw = 2};
  const std::vector<Design> all = oracle::designs(layer, false, Lists::published);
  ASSERT_EQ(all.size(), 16u);
  EXPECT_EQ(oracle::params(all[0]), "1_1_1_1_reuse_I_S1");
  EXPECT_EQ(oracle::params(all[1]), "1_1_1_1_reuse_I_S2");
  EXPECT_EQ(oracle::params(all[2]), "1_1_1_1_reuse_W_S1");
  EXPECT_EQ(oracle::params(all[3]), "1_1_1_1_reuse_W_S2");
  EXPECT_EQ(oracle::params(all[4]), "1_1_1_1_reuse_O_S1");
  EXPECT_EQ(oracle::params(all[5]), "1_1_2_1_reuse_I_S1");
  EXPECT_EQ(oracle::params(all.back()), "2_1_2_1_reuse_O_S1");
}

TEST(Oracle, ChoosesTheLeastLatencyThenTheLeastMemoryThenTheFirst) {
  const auto candidate = [](oracle::Int id, double latency, oracle::Int vm) {
    oracle::Candidate c;
    c.design.Tr = id;
    c.L = latency;
    c.vm = vm;
    c.c0 = c.c1 = true;
    return c;
  };
  const oracle::Exploration result = oracle::choose(
      {candidate(1, 3, 1), candidate(2, 2, 9), candidate(3, 2, 8), candidate(4, 2, 8)}, {});
  EXPECT_EQ(result.best->design.Tr, 3);
  EXPECT_EQ(result.ties, 3);
  EXPECT_EQ(result.runner_up, 3.0);
  EXPECT_EQ(result.sum, 9.0);
}

TEST(Oracle, SumsExactly) {
  EXPECT_EQ(oracle::exact_sum({1e100, 1.0, -1e100, 1e-20, -1.0}), 1e-20);
  EXPECT_EQ(oracle::exact_sum({0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}), 1.0);
  EXPECT_EQ(oracle::exact_sum({1e16, 1.0, 1e-16}), 10000000000000002.0);  // half-way, decided below
}

}  // namespace
