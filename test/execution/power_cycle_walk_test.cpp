#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <inas/execution/batches.hpp>
#include <inas/execution/power_cycle_walk.hpp>

namespace inas::execution {
namespace {

using Cycles = std::vector<std::vector<CycleSegment>>;

Cycles walked(const Ledger& ledger, const std::vector<WalkedLayer>& layers) {
  Cycles cycles;
  std::vector<CycleSegment> now;
  for_each_power_cycle(
      ledger, layers, [&](const CycleSegment& segment) { now.push_back(segment); },
      [&] {
        cycles.push_back(now);
        now.clear();
      });
  EXPECT_TRUE(now.empty());
  return cycles;
}

/// The same batch by batch, as the runtime's loop does it.
Cycles walked_by_batches(const Ledger& ledger, const std::vector<WalkedLayer>& layers) {
  Cycles cycles;
  std::size_t layer = 0;
  std::int64_t batch = 0;
  while (layer < layers.size()) {
    std::vector<CycleSegment> now;
    std::int64_t left = ledger.budget;
    bool ends = false;
    while (!ends && layer < layers.size()) {
      const WalkedLayer& here = layers[layer];
      const bool enters = now.empty() || now.back().layer != layer;
      const bool kept = !enters && batch % here.group != 0;
      const std::int64_t need =
          (enters ? here.units.entry : 0) + (kept ? here.units.kept : here.units.fetched);
      if (ledger.kept() && need > left && !now.empty()) break;
      left -= std::min(need, left);
      if (enters) now.push_back({layer, batch, batch});
      ++batch;
      now.back().end = batch;
      ends = here.batches_per_cycle != 0 && batch % here.batches_per_cycle == 0;
      if (batch == here.batches) {
        ++layer;
        batch = 0;
      }
    }
    cycles.push_back(now);
  }
  return cycles;
}

std::vector<WalkedLayer> random_layers(std::mt19937_64& random, std::int64_t most_units) {
  const auto from = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
  };
  std::vector<WalkedLayer> layers(static_cast<std::size_t>(from(1, 5)));
  for (WalkedLayer& layer : layers) {
    layer.group = from(1, 6);
    const std::int64_t groups = from(1, 9);
    layer.batches = layer.group * groups;
    layer.units.entry = from(0, most_units / 4);
    layer.units.fetched = from(0, most_units);
    layer.units.kept = from(0, layer.units.fetched);
    if (from(0, 2) == 0) layer.batches_per_cycle = layer.group * (groups % 2 == 0 ? 2 : 1);
  }
  return layers;
}

TEST(PowerCycleWalk, IsTheRuntimesLoop) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20'000; ++round) {
    // Batches from a thousandth of the budget to more than all of it.
    const auto layers = random_layers(random, std::int64_t{1} << (random() % 11));
    const Ledger ledger{.budget = 1000};
    ASSERT_EQ(walked(ledger, layers), walked_by_batches(ledger, layers)) << round;
  }
}

TEST(PowerCycleWalk, WithoutALedgerCyclesEndByTheirBatches) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 2'000; ++round) {
    auto layers = random_layers(random, 1000);
    for (WalkedLayer& layer : layers) {
      if (layer.batches_per_cycle == 0) layer.batches_per_cycle = 1;
    }
    const Cycles cycles = walked({}, layers);
    ASSERT_EQ(cycles, walked_by_batches({}, layers)) << round;
    for (const auto& cycle : cycles) {
      ASSERT_EQ(cycle.size(), 1u);
      EXPECT_EQ(cycle[0].end - cycle[0].begin, layers[cycle[0].layer].batches_per_cycle);
    }
  }
}

TEST(PowerCycleWalk, ABatchThatJustFitsRuns) {
  const std::vector<WalkedLayer> layers{{{.entry = 10, .fetched = 40, .kept = 25}, 4, 2, 0}};
  // 10 + 40 + 25 = 75, then a new group: 40.
  EXPECT_EQ(walked({.budget = 75}, layers), (Cycles{{{0, 0, 2}}, {{0, 2, 4}}}));
  EXPECT_EQ(walked({.budget = 114}, layers), (Cycles{{{0, 0, 2}}, {{0, 2, 4}}}));
  EXPECT_EQ(walked({.budget = 115}, layers), (Cycles{{{0, 0, 3}}, {{0, 3, 4}}}));
  EXPECT_EQ(walked({.budget = 140}, layers), (Cycles{{{0, 0, 4}}}));
}

TEST(PowerCycleWalk, CyclesRunOnOverTheEndsOfLayers) {
  const WalkedLayer layer{{.entry = 10, .fetched = 40, .kept = 0}, 2, 1, 0};
  EXPECT_EQ(walked({.budget = 180}, {layer, layer}), (Cycles{{{0, 0, 2}, {1, 0, 2}}}));
  EXPECT_EQ(walked({.budget = 140}, {layer, layer}), (Cycles{{{0, 0, 2}, {1, 0, 1}}, {{1, 1, 2}}}));
}

TEST(PowerCycleWalk, ABatchBeyondTheBudgetRunsAlone) {
  const WalkedLayer layer{{.entry = 0, .fetched = 40, .kept = 0}, 2, 1, 0};
  EXPECT_EQ(walked({.budget = 39}, {layer}), (Cycles{{{0, 0, 1}}, {{0, 1, 2}}}));
}

TEST(PowerCycleWalk, GroupsAreThoseOfTheKeptOperand) {
  const Layer layer = make_convolution("CONV_0", {4, 9, 9}, 8, 3, 3);  // 8×7×7
  const auto group = [&](LoopOrder order, std::int64_t S) {
    return walked_layer(layer, {.tile = {7, 7, 2, 1}, .order = order, .batch = S}, {}).group;
  };
  EXPECT_EQ(group(LoopOrder::reuse_I, 1), 4);  // output channels
  EXPECT_EQ(group(LoopOrder::reuse_I, 2), 2);
  EXPECT_EQ(group(LoopOrder::reuse_W, 1), 1);  // positions
  EXPECT_EQ(group(LoopOrder::reuse_O, 1), 4);  // input channels
  const Layer pooling = make_max_pooling("MAXPOOL_0", {4, 8, 8}, 2, 2, 2);
  EXPECT_EQ(walked_layer(pooling, {.tile = {1, 1, 1, 1}, .batch = 2}, {}).group, 1);
  EXPECT_EQ(walked_layer(pooling, {.tile = {1, 1, 1, 1}, .batch = 2}, {}).batches, 32);
}

}  // namespace
}  // namespace inas::execution
