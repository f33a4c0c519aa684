#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <library/random_wide_design.hpp>
#include <oracle/random_cases.hpp>
#include <support/expect_error.hpp>

#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/laws.hpp>
#include <inas/costmodel/schedule.hpp>
#include <inas/execution/design_check.hpp>

/// Networks as scheduled. The layers of a network need not join here: a schedule asks for no more
/// than their batches.
namespace inas::costmodel {
namespace {

struct NetworkCase {
  Device device;
  std::vector<Layer> layers;
  std::vector<Design> designs;
};

/// `with_K`: whether a design ends its power cycles by K, 0 never, 1 sometimes, 2 always.
NetworkCase random_network(oracle::Generator& generator, int with_K) {
  NetworkCase random;
  random.device = make_device({}, {});
  random.device.supply.capacitance_f = 2.8e-4 + 1e-5 * static_cast<double>(generator() % 40);
  const SchedulePrices prices(random.device);
  const std::size_t count = 1 + generator() % 5;
  while (random.layers.size() < count) {
    library::WideCase layer = library::random_wide_case(generator, generator() % 2 == 0);
    if (execution::facts_of(layer.of_library).work == execution::Work::vectors) {
      layer.design.unit = Unit::cpu;
    }
    if (with_K == 0 || (with_K == 1 && generator() % 2 == 0)) layer.design.batches_per_cycle = 0;
    Design by_batches = layer.design;
    by_batches.batches_per_cycle = std::max<std::int64_t>(1, layer.design.batches_per_cycle);
    if (!intermittent_cost(random.device, layer.of_library, by_batches).atomic()) continue;
    const ScheduledLayer scheduled =
        scheduled_layer(random.device, prices, layer.of_library, layer.design);
    if (!fits(prices.ledger(), scheduled.walked)) continue;
    random.layers.push_back(layer.of_library);
    random.designs.push_back(layer.design);
  }
  return random;
}

TEST(Schedule, NoPowerCycleExceedsTheBudget) {
  std::int64_t cycles = 0;
  std::int64_t over_ends = 0;
  double fullest = 0;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    oracle::Generator generator(seed);
    const NetworkCase of = random_network(generator, 0);
    const double budget_j = energy_budget_j(of.device.supply);
    ScheduleTotals sum;
    for (const ScheduledCycle& cycle : scheduled_cycles(of.device, of.layers, of.designs)) {
      const Cost cost = cycle.cost.total();
      ASSERT_LE(cost.energy_j, budget_j) << seed;
      fullest = std::max(fullest, cost.energy_j / budget_j);
      sum.latency_s += cost.latency_s + cycle.recharge_s;
      sum.energy_max_j = std::max(sum.energy_max_j, cost.energy_j);
      over_ends += cycle.segments.size() > 1 ? 1 : 0;
      ++sum.power_cycles;
    }
    const ScheduleTotals totals = schedule(of.device, of.layers, of.designs);
    ASSERT_EQ(totals.power_cycles, sum.power_cycles) << seed;
    ASSERT_NEAR(totals.latency_s, sum.latency_s, 1e-12 * sum.latency_s) << seed;
    ASSERT_NEAR(totals.energy_max_j, sum.energy_max_j, 1e-12 * sum.energy_max_j) << seed;
    cycles += sum.power_cycles;
  }
  EXPECT_GT(cycles, 15'000);
  EXPECT_GT(over_ends, 1000);
  EXPECT_GT(fullest, 0.999);
}

TEST(Schedule, NoneIsBelowTheFluidBound) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    oracle::Generator generator(seed);
    NetworkCase of = random_network(generator, static_cast<int>(seed % 3));
    if (seed % 4 == 0) {  // voltages at which the time to recharge is not concave
      of.device.supply.voff_v = 0.9;
      of.device.supply.capacitance_f /= 5;
    }
    const SchedulePrices prices(of.device);
    double bound_s = 0;
    bool fit = true;
    for (std::size_t index = 0; index < of.layers.size(); ++index) {
      const ScheduledLayer layer =
          scheduled_layer(of.device, prices, of.layers[index], of.designs[index]);
      fit = fit && fits(prices.ledger(), layer.walked);
      bound_s += prices.fluid_s(layer.sums.of(0, layer.sums.batches()));
    }
    if (!fit) continue;
    const double latency_s = schedule(of.device, of.layers, of.designs).latency_s;
    ASSERT_LE(bound_s, latency_s) << seed;
    ASSERT_GT(bound_s, 0) << seed;
  }
}

TEST(Schedule, WithoutALedgerIsTheSumOfTheLayers) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    oracle::Generator generator(seed);
    const NetworkCase of = random_network(generator, 2);
    double latency_s = 0;
    std::int64_t cycles = 0;
    for (std::size_t index = 0; index < of.layers.size(); ++index) {
      const IntermittentCost cost =
          intermittent_cost(of.device, of.layers[index], of.designs[index]);
      latency_s += cost.latency_s;
      cycles += cost.cycles.all();
    }
    const ScheduleTotals totals = schedule(of.device, of.layers, of.designs);
    ASSERT_EQ(totals.power_cycles, cycles) << seed;
    ASSERT_NEAR(totals.latency_s, latency_s, 1e-10 * latency_s) << seed;
  }
}

/// With more budget, or one layer fewer, no more power cycles.
TEST(Schedule, PowerCyclesAreMonotone) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    oracle::Generator generator(seed);
    NetworkCase of = random_network(generator, 0);
    const auto cycles = [&] { return schedule(of.device, of.layers, of.designs).power_cycles; };
    const std::int64_t before = cycles();
    of.device.supply.capacitance_f *= 1.5;
    ASSERT_LE(cycles(), before) << seed;
    of.device.supply.capacitance_f /= 1.5;
    if (of.layers.size() == 1) continue;
    of.layers.pop_back();
    of.designs.pop_back();
    ASSERT_LE(cycles(), before) << seed;
  }
}

/// A network in few cycles is not slower than its layers one by one, but for what cuts in other
/// places fetch again.
TEST(Schedule, RunsOnWithNoMorePowerCyclesThanLayerByLayer) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    oracle::Generator generator(seed);
    const NetworkCase of = random_network(generator, 0);
    std::int64_t alone = 0;
    for (std::size_t index = 0; index < of.layers.size(); ++index) {
      alone += schedule(of.device, {&of.layers[index], 1}, {&of.designs[index], 1}).power_cycles;
    }
    ASSERT_LE(schedule(of.device, of.layers, of.designs).power_cycles, alone) << seed;
  }
}

TEST(Schedule, LawsTimesCountsAreItsCycles) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    oracle::Generator generator(seed);
    NetworkCase of = random_network(generator, 0);
    const std::vector<double> laws = law_cycles(of.device.profile);
    const std::vector<double> counts = law_counts(of.device, of.layers, of.designs);
    double cycles = 0;
    for (std::size_t i = 0; i < laws.size(); ++i) cycles += counts[i] * laws[i];
    double active_s = 0;
    for (const ScheduledCycle& cycle : scheduled_cycles(of.device, of.layers, of.designs)) {
      active_s += cycle.cost.total().latency_s - of.device.profile.reboot.latency_s;
    }
    ASSERT_NEAR(active_s * of.device.profile.clock_hz, cycles, 1e-6 * cycles) << seed;
  }
}

TEST(Schedule, PowerCyclesThatAreNotAlikeHaveNoRegularCost) {
  const Layer layer = make_convolution("CONV_3", {4, 8, 8}, 4, 3, 3);
  test::expect_error(
      [&] {
        Design design;
        design.batches_per_cycle = 0;
        (void)intermittent_cost(make_device({}, {}), layer, design);
      },
      "CONV_3: design 1_1_1_1_reuse_O_S1_K0: K is 0, allowed where");
}

}  // namespace
}  // namespace inas::costmodel
