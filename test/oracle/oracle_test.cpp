#include <gtest/gtest.h>
#include <oracle/explore.hpp>
#include <oracle/ledger.hpp>
#include <oracle/legal.hpp>

#include "loop_nest.hpp"

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

using List = std::vector<oracle::Int>;

/// 3×3 windows on 8×8 pixels, one pixel around them.
Layer padded() {
  return {.kind = Kind::conv,
          .H = 8,
          .W = 8,
          .N = 2,
          .R = 8,
          .C = 8,
          .M = 4,
          .Kh = 3,
          .Kw = 3,
          .top = 1,
          .left = 1,
          .bottom = 1,
          .right = 1};
}

TEST(Oracle, FindsTransfersAndFillsOfABlockThatReachesBeyondItsMap) {
  // One pixel beyond the map on every side: rows are apart in VM.
  const oracle::Moved all = oracle::move({-1, -1, 6, 6, 2}, {4, 4, 2}, true);
  EXPECT_EQ(all.lengths, (List{8, 8, 8, 8}));
  EXPECT_EQ(all.rows, 4);
  EXPECT_EQ(all.filled, 2 * (36 - 16));
  EXPECT_EQ(all.fill_runs, 5);
  // Above and below alone: the map is one run.
  const oracle::Moved rows = oracle::move({-1, 0, 6, 4, 2}, {4, 4, 2}, true);
  EXPECT_EQ(rows.lengths, (List{32}));
  EXPECT_EQ(rows.rows, 1);
  EXPECT_EQ(rows.filled, 16);
  EXPECT_EQ(rows.fill_runs, 2);
  // The lower right corner, pixel by pixel.
  const oracle::Moved corner = oracle::move({3, 3, 2, 2, 1}, {4, 4, 2}, false);
  EXPECT_EQ(corner.lengths, (List{1}));
  EXPECT_EQ(corner.filled, 3);
  EXPECT_EQ(corner.fill_runs, 2);
  EXPECT_EQ(oracle::move({0, 0, 4, 4, 2}, {4, 4, 2}, true).fill_runs, 0);
}

TEST(Oracle, AllowsClippedTilesInTheFirstAndInTheLastRowAlone) {
  Layer layer = padded();
  EXPECT_EQ(oracle::legal_rows(layer), (List{1, 2, 3, 4, 8}));
  // The window of the last row but one would reach below the map, too.
  layer.top = 0;
  layer.bottom = 2;
  EXPECT_EQ(oracle::legal_rows(layer), (List{2, 3, 4, 8}));
  EXPECT_EQ(oracle::legal_columns(layer), (List{1, 2, 3, 4, 8}));
  layer.top = 2;
  layer.bottom = 0;
  EXPECT_EQ(oracle::legal_rows(layer), (List{2, 3, 4, 8}));
}

TEST(Oracle, TakesPartsOfRowsOrWholeRowsWhereTilesAreNotAlike) {
  Design design{.Tr = 2, .Tc = 2, .Tm = 2, .Tn = 1, .order = 'W', .S = 1};
  EXPECT_TRUE(oracle::uneven(padded(), design));
  EXPECT_EQ(oracle::legal_batches(padded(), design), (List{1, 2, 4, 8, 16}));
  design.Tc = 3;  // three tiles a row, four rows
  EXPECT_EQ(oracle::legal_batches(padded(), design), (List{1, 3, 6, 12}));
  design.S = 3;
  EXPECT_EQ(oracle::legal_batches_per_cycle(padded(), design), (List{1, 2, 4, 8, 16}));
  design.order = 'I';
  design.S = 2;
  EXPECT_EQ(oracle::legal_batches(padded(), design), (List{1, 2}));
  EXPECT_EQ(oracle::legal_batches_per_cycle(padded(), design), (List{1, 2}));
  EXPECT_TRUE(oracle::uneven(padded(), {.Tr = 8, .Tc = 8, .Tm = 2, .Tn = 1}));
  EXPECT_FALSE(oracle::uneven({.H = 4, .R = 4}, {.Tr = 2}));
  EXPECT_TRUE(oracle::uneven({.H = 5, .R = 5}, {.Tr = 3}));
}

TEST(Oracle, EndsAPowerCycleBeforeTheBatchThatTheLedgerDoesNotHold) {
  // Two groups of two batches: 10 units to enter, 5 with the weights, 3 without.
  const oracle::LedgerLayer layer{.layer = {.kind = Kind::dw, .H = 2, .N = 2, .R = 2, .M = 2},
                                  .wide = {.design = {.order = 'W'}, .K = 0},
                                  .entry = 10,
                                  .fetched = 5,
                                  .kept = 3};
  const auto cycles_of = [&](oracle::Int budget) {
    List ends;
    for (const auto& cycle : oracle::walk_ledger({layer}, budget)) {
      ends.push_back(cycle.parts.back().end);
    }
    return ends;
  };
  EXPECT_EQ(cycles_of(15), (List{1, 2, 3, 4}));
  EXPECT_EQ(cycles_of(18), (List{2, 4}));
  EXPECT_EQ(cycles_of(23), (List{3, 4}));
  EXPECT_EQ(cycles_of(26), (List{4}));
}

}  // namespace
