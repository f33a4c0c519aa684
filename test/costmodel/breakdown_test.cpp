#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <library/random_wide_design.hpp>
#include <oracle/random_cases.hpp>

#include <inas/costmodel/breakdown.hpp>
#include <inas/costmodel/continuous.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/schedule.hpp>
#include <inas/execution/design_check.hpp>

namespace inas::costmodel {
namespace {

struct RandomNetwork {
  Device device;
  std::vector<Layer> layers;
  std::vector<Design> designs;
};

/// Layers whose designs fit the budget of a power cycle. `with_ledger`: some of them have K = 0.
RandomNetwork random_network(oracle::Generator& generator, const char* profile, bool with_ledger) {
  RandomNetwork random;
  Platform platform;
  platform.profile = profile;
  random.device = make_device(platform, {});
  random.device.supply.capacitance_f = 4e-4 + 1e-5 * static_cast<double>(generator() % 40);
  const SchedulePrices prices(random.device);
  const bool runtime = random.device.profile.cpu_mac.has_value();
  const std::size_t count = 1 + generator() % 5;
  while (random.layers.size() < count) {
    library::WideCase of = library::random_wide_case(generator, generator() % 2 == 0);
    if (runtime && execution::facts_of(of.of_library).work == execution::Work::vectors) {
      of.design.unit = generator() % 2 == 0 ? Unit::cpu : Unit::lea;
    }
    if (!intermittent_cost(random.device, of.of_library, of.design).atomic()) continue;
    if (with_ledger && generator() % 2 == 0) of.design.batches_per_cycle = 0;
    if (!fits(prices.ledger(),
              scheduled_layer(random.device, prices, of.of_library, of.design).walked)) {
      continue;
    }
    random.layers.push_back(of.of_library);
    random.designs.push_back(of.design);
  }
  return random;
}

constexpr const char* kProfiles[] = {"msp430fr5994", "msp430fr5994-serial", "msp430fr5994-paper"};

TEST(Breakdown, ByLayersItAddsUpToTheLayersCosts) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    oracle::Generator generator(seed);
    const RandomNetwork of = random_network(generator, kProfiles[seed % 3], false);
    const NetworkBreakdown network = breakdown_by_layers(of.device, of.layers, of.designs);
    std::int64_t cycles = 0;
    for (std::size_t i = 0; i < of.layers.size(); ++i) {
      const IntermittentCost cost = intermittent_cost(of.device, of.layers[i], of.designs[i]);
      const Breakdown& parts = network.layers[i].parts;
      const auto expect = [&](const Cost& found, auto&& of_cycle) {
        const Cost expected = cost.sum(of_cycle);
        ASSERT_NEAR(found.latency_s, expected.latency_s, 1e-9 * cost.latency_s) << seed;
        ASSERT_NEAR(found.energy_j, expected.energy_j, 1e-9 * expected.energy_j) << seed;
      };
      expect(parts.boot, [](const CycleCost& cycle) { return cycle.boot; });
      expect(parts.fetch, [](const CycleCost& cycle) { return cycle.fetch; });
      expect(parts.compute, [](const CycleCost& cycle) { return cycle.compute; });
      expect(parts.backup, [](const CycleCost& cycle) { return cycle.backup; });
      expect(parts.active(), [](const CycleCost& cycle) { return cycle.total(); });
      ASSERT_NEAR(parts.latency_s(), cost.latency_s, 1e-9 * cost.latency_s) << seed;
      cycles += cost.cycles.all();
    }
    ASSERT_EQ(network.power_cycles, cycles);
  }
}

TEST(Breakdown, AsScheduledItAddsUpToTheSchedule) {
  int shared = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    oracle::Generator generator(seed);
    const RandomNetwork of = random_network(generator, kProfiles[seed % 3], true);
    const NetworkBreakdown network = breakdown_as_scheduled(of.device, of.layers, of.designs);
    const ScheduleTotals totals = schedule(of.device, of.layers, of.designs);
    ASSERT_EQ(network.power_cycles, totals.power_cycles) << seed;
    ASSERT_NEAR(network.total().latency_s(), totals.latency_s, 1e-9 * totals.latency_s) << seed;
    const Cost boot = of.device.profile.reboot + of.device.profile.nvm_start;
    const double boots_s = boot.latency_s * static_cast<double>(totals.power_cycles);
    ASSERT_GE(network.total().boot.latency_s, boots_s * (1 - 1e-9));
    for (const LayerBreakdown& layer : network.layers) {
      ASSERT_GT(layer.parts.boot.latency_s, 0);
      ASSERT_GT(layer.parts.recharge_s, 0);
    }
    shared += totals.power_cycles < static_cast<std::int64_t>(of.layers.size()) ? 1 : 0;
  }
  EXPECT_GT(shared, 10) << "of networks with cycles that layers share";
}

TEST(Breakdown, TakesLayersOfAllTypes) {
  const Device device = make_device({}, {});
  const Shape map{4, 8, 8};
  const std::vector<Layer> layers{make_convolution("CONV", map, 4, 3, 3, 1, {1, 1, 1, 1}),
                                  make_depthwise_convolution("DWCONV", map, 3, 3, 1, {1, 1, 1, 1}),
                                  make_add("ADD", map, "DWCONV", "CONV"),
                                  make_max_pooling("MAXPOOL", map, 2, 2, 2),
                                  make_average_pooling("AVGPOOL", {4, 4, 4}, 2, 2, 2),
                                  make_global_average_pool("GAVGPOOL", {4, 2, 2}),
                                  make_fully_connected("FC", {4, 1, 1}, 2)};
  std::vector<Design> designs;
  for (const Layer& layer : layers) {
    const bool products =
        layer.type == LayerType::convolution || layer.type == LayerType::fully_connected;
    Design design;
    if (products) design.unit = Unit::cpu;
    if (execution::innermost_loop(execution::facts_of(layer), design.order) ==
        execution::Loop::none) {
      design.order = LoopOrder::reuse_W;
    }
    design.tile = {1, 1, 2, products ? 4 : 1};
    execution::check_design(layer, design);
    designs.push_back(design);
  }
  const NetworkBreakdown network = breakdown_as_scheduled(device, layers, designs);
  const double latency_s = schedule(device, layers, designs).latency_s;
  EXPECT_NEAR(network.total().latency_s(), latency_s, 1e-9 * latency_s);
  for (const LayerBreakdown& layer : network.layers) EXPECT_GT(layer.law_share, 0);
}

TEST(Breakdown, OfTheRuntimeIsAsScheduledWithTheLedgerAndByLayersWithout) {
  Device device = make_device({}, {});
  const std::vector<Layer> layers{make_convolution("A", {2, 8, 8}, 4, 3, 3),
                                  make_convolution("B", {4, 6, 6}, 4, 3, 3)};
  Design design;
  design.unit = Unit::cpu;
  design.tile = {2, 2, 2, 2};
  const std::vector<Design> each(2, design);
  design.batches_per_cycle = 0;
  const std::vector<Design> on_ledger(2, design);
  const auto latency_s = [](const NetworkBreakdown& network) {
    return network.total().latency_s();
  };
  EXPECT_EQ(latency_s(breakdown(device, layers, each)),
            latency_s(breakdown_by_layers(device, layers, each)));
  EXPECT_EQ(latency_s(breakdown(device, layers, on_ledger)),
            latency_s(breakdown_as_scheduled(device, layers, on_ledger)));
  EXPECT_NE(latency_s(breakdown(device, layers, on_ledger)),
            latency_s(breakdown_by_layers(device, layers, on_ledger)));
  EXPECT_TRUE(runs_on_ledger(device.supply, std::vector<Design>{each[0], on_ledger[0]}));
  device.supply.kind = PowerKind::continuous;
  EXPECT_FALSE(runs_on_ledger(device.supply, on_ledger));
  EXPECT_EQ(breakdown(device, layers, each).power_cycles, 0);
}

TEST(Breakdown, UnderContinuousPowerItIsTheUninterruptedCost) {
  Device device = make_device({}, {});
  device.supply.kind = PowerKind::continuous;
  const std::vector<Layer> layers{make_convolution("CONV", {2, 8, 8}, 4, 3, 3)};
  Design design;
  design.unit = Unit::cpu;
  design.tile = {2, 2, 2, 2};
  const std::vector<Design> designs{design};
  const NetworkBreakdown network = breakdown_by_layers(device, layers, designs);
  const Cost expected = continuous_cost(device.profile, layers[0], design).total();
  EXPECT_DOUBLE_EQ(network.total().latency_s(), expected.latency_s);
  EXPECT_EQ(network.total().recharge_s, 0);
  EXPECT_EQ(network.power_cycles, 0);
}

/// The law that is made a million times dearer is the one that dominates.
TEST(Breakdown, NamesTheLawThatTakesMostOfTheEnergy) {
  const auto dear = [](LinearCost& cost) {
    cost.energy_j.slope *= 1e6;
    cost.energy_j.intercept *= 1e6;
  };
  const std::vector<Layer> layers{make_convolution("CONV", {4, 8, 8}, 4, 3, 3)};
  Design design;
  design.tile = {2, 2, 4, 4};
  const auto law_of = [&](const char* profile, Unit unit, auto&& change) {
    Platform platform;
    platform.profile = profile;
    Device device = make_device(platform, {});
    device.supply.capacitance_f = 1e3;
    change(device.profile);
    design.unit = unit;
    const std::vector<Design> designs{design};
    const LayerBreakdown layer = breakdown_by_layers(device, layers, designs).layers.front();
    EXPECT_GT(layer.law_share, 0.99);
    EXPECT_LE(layer.law_share, 1 + 1e-9);
    return layer.law;
  };
  const char* runtime = "msp430fr5994";
  EXPECT_EQ(law_of(runtime, Unit::cpu, [&](Profile& p) { dear(p.nvm_read); }), "nvm_read");
  EXPECT_EQ(law_of(runtime, Unit::cpu, [&](Profile& p) { dear(p.nvm_write); }), "nvm_write");
  EXPECT_EQ(law_of(runtime, Unit::cpu, [&](Profile& p) { dear(*p.cpu_mac); }), "cpu_mac");
  EXPECT_EQ(law_of(runtime, Unit::lea, [&](Profile& p) { dear(p.vector_mac); }), "vector_mac");
  EXPECT_EQ(law_of(runtime, Unit::cpu, [](Profile& p) { p.reboot.energy_j *= 1e6; }), "reboot");
  EXPECT_EQ(law_of(runtime, Unit::cpu, [](Profile& p) { p.nvm_start = {1, 1}; }), "nvm_start");
  EXPECT_EQ(law_of(runtime, Unit::cpu, [](Profile& p) { p.runtime.cycle.energy_j *= 1e9; }),
            "runtime");
  const char* paper = "msp430fr5994-paper";
  EXPECT_EQ(law_of(paper, Unit::lea, [](Profile& p) { p.partial_sum.energy_j *= 1e6; }),
            "overheads");
  EXPECT_EQ(law_of(paper, Unit::lea, [](Profile& p) { p.add.energy_j *= 1e6; }), "add");
}

}  // namespace
}  // namespace inas::costmodel
