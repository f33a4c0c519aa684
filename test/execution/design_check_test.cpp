#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/error.hpp>
#include <inas/core/solution.hpp>
#include <inas/execution/design_check.hpp>

namespace {

using inas::Design;
using inas::InvalidArgument;
using inas::Layer;
using inas::LoopOrder;
using inas::execution::check_design;

const Layer kConvolution = inas::make_convolution("CONV_0", {6, 14, 14}, 8, 3, 3);  // 8×12×12
const Layer kPool = inas::make_global_average_pool("GAVGPOOL_0", {8, 12, 9});

void expect_refused(const Layer& layer, const Design& design, const std::string& symbol) {
  SCOPED_TRACE(to_string(design));
  try {
    check_design(layer, design);
    ADD_FAILURE() << "accepted";
  } catch (const InvalidArgument& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find(layer.name), std::string::npos) << message;
    EXPECT_NE(message.find(symbol), std::string::npos) << message;
  }
}

TEST(CheckDesign, AcceptsDivisorsOddOnesToo) {
  EXPECT_NO_THROW(
      check_design(kConvolution, {.tile = {3, 4, 2, 3}, .order = LoopOrder::reuse_W, .batch = 12}));
  EXPECT_NO_THROW(check_design(kConvolution, {.tile = {12, 12, 8, 6}}));
  EXPECT_NO_THROW(check_design(kPool, {.tile = {4, 3, 8, 1}, .batch = 9}));
}

TEST(CheckDesign, RefusesTilesThatDoNotDivideTheLayer) {
  expect_refused(kConvolution, {.tile = {5, 4, 2, 3}}, "Tr");
  expect_refused(kConvolution, {.tile = {3, 24, 2, 3}}, "Tc");
  expect_refused(kConvolution, {.tile = {3, 4, 3, 3}}, "Tm");
  expect_refused(kConvolution, {.tile = {3, 4, 2, 4}}, "Tn");
  expect_refused(kConvolution, {.tile = {0, 4, 2, 3}}, "Tr");
  expect_refused(kConvolution, {.tile = {3, -4, 2, 3}}, "Tc");
}

TEST(CheckDesign, AcceptsTheLeastRaggedTileOfEachCount) {
  // ⌈11/q⌉: 11, 6, 4, 3, 2, 1; 12 columns: 12, 6, 4, 3, 2, 1.
  const Layer layer = inas::make_convolution("CONV_0", {6, 13, 14}, 8, 3, 3);
  EXPECT_EQ(inas::execution::ragged_sizes(11), (std::vector<std::int64_t>{1, 2, 3, 4, 6, 11}));
  for (const std::int64_t rows : {1, 2, 3, 4, 6, 11}) {
    EXPECT_NO_THROW(check_design(layer, {.tile = {rows, 4, 2, 3}})) << rows;
  }
  for (const std::int64_t rows : {0, 5, 7, 8, 9, 10, 12}) {
    expect_refused(layer, {.tile = {rows, 4, 2, 3}}, "allowed: a divisor of 11 or 11/q rounded up");
  }
  // Channels are not ragged.
  expect_refused(layer, {.tile = {11, 4, 3, 3}}, "Tm is 3, allowed: a divisor of 8");
  expect_refused(layer, {.tile = {11, 4, 2, 4}}, "Tn is 4, allowed: a divisor of 6");
}

TEST(CheckDesign, RaggedSizesAreTheLeastForTheirCountsOfTiles) {
  for (std::int64_t extent = 1; extent <= 300; ++extent) {
    const std::vector<std::int64_t> sizes = inas::execution::ragged_sizes(extent);
    std::vector<std::int64_t> expected;
    for (std::int64_t tiles = extent; tiles >= 1; --tiles) {
      const std::int64_t size = (extent + tiles - 1) / tiles;
      if (expected.empty() || size != expected.back()) expected.push_back(size);
    }
    EXPECT_EQ(sizes, expected) << extent;
    for (std::int64_t size = -1; size <= extent + 1; ++size) {
      EXPECT_EQ(inas::splits(extent, size),
                std::find(sizes.begin(), sizes.end(), size) != sizes.end())
          << extent << " " << size;
    }
  }
}

TEST(CheckDesign, RaggedBatchesKeepToRowsOfTiles) {
  // 11×12 outputs in tiles of 4×3: ρ = 3, the last of 3 rows; γ = 4.
  const Layer layer = inas::make_convolution("CONV_0", {6, 13, 14}, 8, 3, 3);
  Design design{.tile = {4, 3, 2, 3}, .order = LoopOrder::reuse_W};
  for (const std::int64_t S : {1, 2, 4, 12}) {
    design.batch = S;
    EXPECT_NO_THROW(check_design(layer, design)) << S;
  }
  for (const std::int64_t S : {3, 6}) {
    design.batch = S;
    expect_refused(layer, design, "a multiple of 4, the tiles of a row");
  }
  design.batch = 2;
  // Of the divisors of ρ·γ/S = 6 not 3, which is a row and a half; then ·ν = 2 and ·μ = 4.
  for (const std::int64_t K : {1, 2, 6, 12, 24, 48}) {
    design.batches_per_cycle = K;
    EXPECT_NO_THROW(check_design(layer, design)) << K;
  }
  for (const std::int64_t K : {3, 4, 18, 96}) {
    design.batches_per_cycle = K;
    expect_refused(layer, design, "K is");
  }
}

TEST(CheckDesign, RaggedPowerCyclesOfInputAndOutputReuseStayAtOnePosition) {
  const Layer layer = inas::make_convolution("CONV_0", {6, 13, 14}, 8, 3, 3);
  // reuse_I, μ = 4, ν = 2: all 8 batches of a position, not those of two.
  Design design{.tile = {4, 3, 2, 3}, .order = LoopOrder::reuse_I, .batch = 1};
  design.batches_per_cycle = 8;
  EXPECT_NO_THROW(check_design(layer, design));
  design.batches_per_cycle = 16;
  expect_refused(layer, design, "K is 16, allowed: 0, 1, 2, 4, 8");
  design.order = LoopOrder::reuse_O;
  design.batches_per_cycle = 8;
  EXPECT_NO_THROW(check_design(layer, design));
  design.batches_per_cycle = 16;
  expect_refused(layer, design, "K is 16, allowed: 0, 1, 2, 4, 8");
}

TEST(CheckDesign, RefusesABatchThatDoesNotDivideItsLoop) {
  // μ = 4, ρ·γ = 12, ν = 2
  expect_refused(kConvolution, {.tile = {3, 4, 2, 3}, .order = LoopOrder::reuse_I, .batch = 3},
                 "S is 3");
  expect_refused(kConvolution, {.tile = {3, 4, 2, 3}, .order = LoopOrder::reuse_W, .batch = 8},
                 "S is 8");
  expect_refused(kConvolution, {.tile = {3, 4, 2, 3}, .order = LoopOrder::reuse_O, .batch = 4},
                 "S is 4");
  expect_refused(kConvolution, {.tile = {3, 4, 2, 3}, .batch = 0}, "S is 0");
  expect_refused(kPool, {.tile = {4, 3, 8, 1}, .batch = 2}, "S is 2");
}

TEST(CheckDesign, PoolingHasOneLoopOrderAndNoInputChannels) {
  expect_refused(kPool, {.tile = {4, 3, 8, 1}, .order = LoopOrder::reuse_I},
                 "allowed for a layer of type GAVGPOOL: reuse_O");
  expect_refused(kPool, {.tile = {4, 3, 8, 1}, .order = LoopOrder::reuse_W}, "reuse_O");
  expect_refused(kPool, {.tile = {4, 3, 8, 2}}, "Tn");
}

TEST(CheckDesign, BatchesPerCycleMustSplitTheLayerEvenly) {
  // 12×12 outputs of 8 channels from 6: ρ·γ = 4·3 = 12, μ = 4, ν = 2.
  Design design{.tile = {3, 4, 2, 3}, .order = LoopOrder::reuse_I, .batch = 2};
  for (const std::int64_t K : {0, 1, 2, 4, 8, 12, 16, 24, 48}) {
    design.batches_per_cycle = K;
    EXPECT_NO_THROW(check_design(kConvolution, design)) << K;
  }
  for (const std::int64_t K : {-1, 3, 5, 6, 10, 20, 96}) {
    design.batches_per_cycle = K;
    expect_refused(kConvolution, design, "K is");
  }
}

TEST(BatchesPerCycle, TheLargestThatFitsIsThatOfTheList) {
  using inas::execution::BatchGroups;
  std::mt19937_64 random(3);
  const auto from_1_to = [&](std::int64_t most) {
    return 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most));
  };
  for (int round = 0; round < 5000; ++round) {
    BatchGroups groups;
    const std::int64_t S = from_1_to(3);
    groups.row = random() % 2 == 0 ? 0 : S * from_1_to(6);
    groups.extent = (groups.row > 0 ? groups.row : S) * from_1_to(40);
    groups.steps = from_1_to(12);
    groups.joinable_outputs = from_1_to(70);
    const std::int64_t most = from_1_to(std::int64_t{1} << (random() % 16));
    const auto legal = inas::execution::legal_batches_per_cycle(groups, S);
    const auto above = std::upper_bound(legal.begin(), legal.end(), most);
    EXPECT_EQ(inas::execution::largest_batches_per_cycle(groups, S,
                                                         [&](std::int64_t K) { return K <= most; }),
              *(above - 1))
        << round;
  }
}

TEST(CheckDesign, OnlyALedgerEndsCyclesWithoutAnyOtherBound) {
  inas::Solution solution = inas::test::sample_solution();
  solution.layers[1].design.batches_per_cycle = 0;
  inas::test::expect_error([&] { inas::execution::check_designs(solution); },
                           "CONV_1: design 2_2_4_2_reuse_W_S4_K0: K is 0, allowed without");
  solution.ledger.budget = 1000;
  EXPECT_NO_THROW(inas::execution::check_designs(solution));
}

TEST(CheckDesign, ALedgerIsForDesignsThatAskForIt) {
  inas::Solution solution = inas::test::sample_solution();
  solution.ledger.budget = 1000;
  inas::test::expect_error([&] { inas::execution::check_designs(solution); },
                           "ledger.budget: found 1000, allowed where every design has a K from 1");
  solution.layers[1].design.batches_per_cycle = 0;
  EXPECT_NO_THROW(inas::execution::check_designs(solution));
}

TEST(CheckDesign, EveryBatchFitsTheLedger) {
  inas::Solution solution = inas::test::sample_solution();
  solution.ledger.budget = 1000;
  solution.layers[3].design.batches_per_cycle = 0;
  solution.layers[2].units = {.entry = 101, .fetched = 899, .kept = 1};
  EXPECT_NO_THROW(inas::execution::check_designs(solution));
  solution.layers[2].units.entry = 102;
  inas::test::expect_error(
      [&] { inas::execution::check_designs(solution); },
      "a batch takes 1001 units of the energy ledger, entry included, allowed: at most its budget, "
      "1000, which is 1 short");
}

/// Each number of the runtime at its limit and one beyond.
TEST(CheckDesign, TheRuntimesNumbersMustHoldIt) {
  // S has 16 bits: 65,535 input channels, then 2·32,768 positions.
  const Layer deep = inas::make_fully_connected("FC_0", {65535, 1, 1}, 1);
  EXPECT_NO_THROW(check_design(deep, {.tile = {1, 1, 1, 1}, .batch = 65535}));
  const Layer wide = inas::make_convolution("CONV_0", {2, 65534, 2}, 1, 1, 1);
  expect_refused(wide, {.tile = {1, 1, 1, 2}, .order = LoopOrder::reuse_W, .batch = 131068},
                 "S: found 131068, allowed: at most 65535");
  // Batch numbers of 24 bits: 4095·4097 = 2²⁴ − 1.
  const Layer most = inas::make_convolution("CONV_0", {1, 4095, 4097}, 1, 1, 1);
  EXPECT_NO_THROW(check_design(most, {.tile = {1, 1, 1, 1}}));
  const Layer more = inas::make_convolution("CONV_0", {1, 4096, 4096}, 1, 1, 1);
  expect_refused(more, {.tile = {1, 1, 1, 1}},
                 "preservation batches: found 16777216, allowed: at most 16777215");
  EXPECT_NO_THROW(
      check_design(more, {.tile = {1, 1, 1, 1}, .order = LoopOrder::reuse_W, .batch = 2}));
  // Sums of 32 bits: 65,535 pixels and a batch of one, or all of them at once.
  const Layer pool = inas::make_global_average_pool("GAVGPOOL_0", {1, 255, 257});
  EXPECT_NO_THROW(check_design(pool, {.tile = {1, 1, 1, 1}}));
  EXPECT_NO_THROW(check_design(pool, {.tile = {51, 1, 1, 1}, .batch = 5 * 257}));
  expect_refused(
      pool, {.tile = {3, 1, 1, 1}},
      "pixels that are averaged and those of a batch, together: found 65538, allowed: at "
      "most 65536");
}

/// A broken design in a solution's file is named with the file.
TEST(CheckDesign, WhatIsReadFromAFolderIsChecked) {
  const inas::test::TemporaryFolder folder;
  inas::Solution solution = inas::test::sample_solution();
  const std::vector<inas::Tensor> weights = inas::test::sample_weights(solution, 1);
  inas::write_solution(folder.path(), solution, weights);
  EXPECT_EQ(inas::execution::read_checked_solution(folder.path()).layers, solution.layers);
  solution.layers[0].design.tile.rows = 4;
  inas::write_solution(folder.path(), solution, weights);
  const auto read = [&] { (void)inas::execution::read_checked_solution(folder.path()); };
  inas::test::expect_error(read, folder.path().string() + ": CONV_0: design ");
  inas::test::expect_error(read, "Tr is 4, allowed: a divisor of 6 or 6/q rounded up");
}

}  // namespace
