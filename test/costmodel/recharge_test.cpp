#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <inas/costmodel/device.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/recharge.hpp>

namespace {

using inas::PowerSupply;
using inas::costmodel::energy_budget_j;
using inas::costmodel::PublishedFaults;
using inas::costmodel::recharge_time_s;

constexpr PublishedFaults kCorrected{};
constexpr PublishedFaults kFromMargin{.recharge_from_margin = true};

TEST(Recharge, NothingUsedTakesNoTime) {
  for (const double margin : {0.1, 0.55, 1.0}) {
    PowerSupply supply;
    supply.margin = margin;
    EXPECT_EQ(recharge_time_s(kCorrected, supply, 0), 0) << margin;
  }
}

TEST(Recharge, PublishedRechargeStartsBelowTheMargin) {
  PowerSupply supply;
  EXPECT_GT(recharge_time_s(kFromMargin, supply, 0), 0);
  supply.margin = 1;
  EXPECT_NEAR(recharge_time_s(kFromMargin, supply, 0), 0, 1e-12);
}

TEST(Recharge, TimeGrowsWithTheEnergyUsed) {
  const PowerSupply supply;
  const double budget = energy_budget_j(supply);
  for (const PublishedFaults& faults : {kCorrected, kFromMargin}) {
    double previous = -1;
    for (int step = 0; step <= 1000; ++step) {
      const double time = recharge_time_s(faults, supply, budget * step / 1000);
      EXPECT_TRUE(std::isfinite(time));
      EXPECT_GT(time, previous) << step;
      previous = time;
    }
  }
}

TEST(Recharge, BothRulesAgreeWithoutAMargin) {
  PowerSupply supply;
  supply.margin = 1;
  const double budget = energy_budget_j(supply);
  for (const double share : {0.1, 0.5, 0.9}) {
    const double corrected = recharge_time_s(kCorrected, supply, share * budget);
    EXPECT_NEAR(recharge_time_s(kFromMargin, supply, share * budget) / corrected, 1, 1e-9);
  }
}

TEST(Recharge, BudgetIsTheShareOfTheEnergyBetweenTheTwoVoltages) {
  const PowerSupply supply{
      .capacitance_f = 0.002, .von_v = 3, .voff_v = 1, .vsup_v = 3.3, .margin = 0.5};
  EXPECT_DOUBLE_EQ(energy_budget_j(supply), 0.004);
}

TEST(Recharge, WholeBudgetIsRechargedFromTheTurnOffVoltage) {
  PowerSupply supply;
  supply.margin = 1;
  const double t = recharge_time_s(kCorrected, supply, energy_budget_j(supply));
  const double from_voff =
      -supply.ehm_resistance_ohm * supply.capacitance_f *
      std::log((supply.vsup_v - supply.von_v) / (supply.vsup_v - supply.voff_v));
  EXPECT_NEAR(t / from_voff, 1, 1e-9);
}

TEST(Recharge, WholeBudgetIsRechargedEvenIfTheDeviceRunsDownToZeroVolt) {
  for (const PublishedFaults& faults : {kCorrected, kFromMargin}) {
    for (int step = 1; step <= 2000; ++step) {
      PowerSupply supply;
      supply.margin = 1;
      supply.voff_v = 0;
      supply.von_v = 1 + 0.000993 * step;
      supply.capacitance_f = 1e-4 * step;
      EXPECT_TRUE(std::isfinite(recharge_time_s(faults, supply, energy_budget_j(supply))))
          << "V_on " << supply.von_v << " C " << supply.capacitance_f;
      if (HasFailure()) return;
    }
  }
}

TEST(IntermittentCost, ALayerWhoseCycleExceedsTheBudgetNeverFinishes) {
  PowerSupply supply;
  supply.capacitance_f = 1e-4;
  const inas::costmodel::Device device = inas::costmodel::make_device({}, supply);
  const inas::Layer layer = inas::make_convolution("CONV_0", {2, 8, 8}, 4, 3, 3);
  const auto cost = inas::costmodel::intermittent_cost(device, layer, {.tile = {6, 6, 4, 2}});
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(cost.atomic());
  EXPECT_GT(cost.budget_share(), 1);
  EXPECT_EQ(cost.latency_s, kInfinite);
  EXPECT_EQ(cost.recharge_max_s, kInfinite);
  EXPECT_EQ(cost.recharge_min_s, kInfinite);
}

TEST(IntermittentCost, OnlyTheDearerCycleDecidesWhetherALayerFinishes) {
  const inas::Layer layer = inas::make_convolution("CONV_0", {2, 8, 8}, 4, 3, 3);
  const inas::Design design{.tile = {6, 6, 4, 1}, .order = inas::LoopOrder::reuse_I};
  PowerSupply supply;
  const auto probe =
      inas::costmodel::intermittent_cost(inas::costmodel::make_device({}, supply), layer, design);
  ASSERT_GT(probe.max().energy_j, probe.min().energy_j);
  // A budget between the two kinds of cycle.
  supply.capacitance_f *= (probe.max().energy_j + probe.min().energy_j) / 2 / probe.budget_j;
  const auto cost =
      inas::costmodel::intermittent_cost(inas::costmodel::make_device({}, supply), layer, design);
  EXPECT_LT(cost.min().energy_j, cost.budget_j);
  EXPECT_FALSE(cost.atomic());
  EXPECT_TRUE(std::isfinite(cost.recharge_min_s));
  EXPECT_TRUE(std::isinf(cost.recharge_max_s));
  EXPECT_TRUE(std::isinf(cost.latency_s));
}

}  // namespace
