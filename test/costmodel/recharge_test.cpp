#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <oracle/random_cases.hpp>

#include <inas/costmodel/device.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/recharge.hpp>

namespace {

using inas::Harvester;
using inas::PowerSupply;
using inas::with_harvester;
using inas::costmodel::energy_budget_j;
using inas::costmodel::first_charge_s;
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

PowerSupply constant_power(double harvest_w, double leakage_a = 0) {
  return {.harvester = Harvester::constant_power, .harvest_w = harvest_w, .leakage_a = leakage_a};
}

/// Voltages that a board would refuse are among them.
PowerSupply random_supply(oracle::Generator& generator) {
  const auto real = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(generator() >> 11) * 0x1p-53;
  };
  const auto magnitude = [&](double low, double high) {
    return std::exp(real(std::log(low), std::log(high)));
  };
  PowerSupply supply;
  supply.capacitance_f = magnitude(1e-7, 100);
  supply.von_v = magnitude(0.1, 100);
  supply.voff_v = generator() % 4 == 0 ? 0 : supply.von_v * real(0, 0.99);
  supply.margin = generator() % 4 == 0 ? 1 : real(0.1, 1);
  if (generator() % 2 == 0) {
    supply.ehm_resistance_ohm = magnitude(1e-3, 1e6);
    supply.vsup_v = supply.von_v * (1 + magnitude(1e-5, 10));
    return supply;
  }
  supply = with_harvester(supply, Harvester::constant_power);
  supply.harvest_w = magnitude(1e-9, 100);
  supply.harvest_efficiency = generator() % 2 == 0 ? 1 : real(0.01, 1);
  const double all_a = supply.harvest_efficiency * supply.harvest_w / supply.von_v;
  switch (generator() % 4) {
    case 0:
      break;
    case 1:
      supply.leakage_a = all_a * magnitude(1e-5, 0.1);
      break;
    case 2:
      supply.leakage_a = all_a * real(0.1, 0.9);
      break;
    default:
      supply.leakage_a = all_a * (1 - magnitude(1e-6, 0.1));
      break;
  }
  return supply;
}

/// What charges the capacitor at `voltage_v`.
double current_a(const PowerSupply& supply, double voltage_v) {
  if (supply.harvester == Harvester::resistance) {
    return (supply.vsup_v - voltage_v) / supply.ehm_resistance_ohm;
  }
  return supply.harvest_efficiency * supply.harvest_w / voltage_v -
         supply.leakage_a * voltage_v / supply.von_v;
}

/// The voltage at which the harvester charges no further.
double end_of_charge_v(const PowerSupply& supply) {
  if (supply.harvester == Harvester::resistance) return supply.vsup_v;
  return std::sqrt(supply.harvest_efficiency * supply.harvest_w * supply.von_v / supply.leakage_a);
}

/// Seconds from one voltage to another: dt/dV = C/i(V), by Runge and Kutta's method of fourth
/// order, in steps that shrink towards the voltage that is never reached.
double integrated_s(const PowerSupply& supply, double from_v, double to_v) {
  const auto slope = [&](double voltage_v) {
    return supply.capacitance_f / current_a(supply, voltage_v);
  };
  const double end_v = end_of_charge_v(supply);
  double time_s = 0;
  double voltage_v = from_v;
  while (voltage_v < to_v) {
    double step_v = std::min((to_v - from_v) / 100, 0.02 * (end_v - voltage_v));
    step_v = std::min(step_v, to_v - voltage_v);
    // The slope depends on the voltage alone, so that both middle stages are the same.
    time_s += step_v / 6 *
              (slope(voltage_v) + 4 * slope(voltage_v + step_v / 2) + slope(voltage_v + step_v));
    const double next_v = voltage_v + step_v;
    if (next_v == voltage_v) break;
    voltage_v = next_v;
  }
  return time_s;
}

TEST(Recharge, EqualsTheNumericalIntegrationOfTheCapacitorsCurrent) {
  oracle::Generator generator(20'261'126);
  std::size_t leaking = 0;
  for (int round = 0; round < 4000; ++round) {
    const PowerSupply supply = random_supply(generator);
    ASSERT_NO_THROW(validate(supply)) << round;
    leaking += supply.leakage_a > 0 ? 1 : 0;
    const double budget_j = energy_budget_j(supply);
    for (const double share : {0.01, 0.3, 1.0}) {
      const double vend_squared =
          supply.von_v * supply.von_v - 2 * share * budget_j / supply.capacitance_f;
      const double expected_s =
          integrated_s(supply, std::sqrt(std::max(vend_squared, 0.0)), supply.von_v);
      ASSERT_NEAR(recharge_time_s(kCorrected, supply, share * budget_j) / expected_s, 1, 1e-7)
          << "round " << round << " share " << share << " harvest " << supply.harvest_w << " leak "
          << supply.leakage_a << " V " << supply.voff_v << " to " << supply.von_v;
    }
    ASSERT_NEAR(first_charge_s(supply) / integrated_s(supply, 0, supply.von_v), 1, 1e-7)
        << "round " << round;
  }
  EXPECT_GT(leaking, 1000u);
}

TEST(Recharge, NeverFallsAsTheEnergyGrowsAndLiesAboveItsChord) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  oracle::Generator generator(7);
  for (int round = 0; round < 2000; ++round) {
    const PowerSupply supply = random_supply(generator);
    const double budget_j = energy_budget_j(supply);
    for (const PublishedFaults& faults : {kCorrected, kFromMargin}) {
      const inas::costmodel::Recharge time_s(faults, supply);
      // With a resistance V_on² may be rounded, and t(0) with it.
      double previous_s = time_s(0);
      ASSERT_NEAR(previous_s, std::max(previous_s, 0.0), 1e-9 * time_s(budget_j)) << round;
      for (int step = 1; step <= 50; ++step) {
        const double energy_j = budget_j * step / 50;
        ASSERT_GE(time_s(energy_j), previous_s) << round << " " << step;
        ASSERT_LE(time_s.least_s_per_j() * energy_j, time_s(energy_j)) << round << " " << step;
        previous_s = time_s(energy_j);
        if (supply.harvester == Harvester::resistance) continue;
        const double more_j = std::nextafter(energy_j, kInfinity);
        ASSERT_GE(time_s(more_j), previous_s) << round << " " << step;
      }
      ASSERT_GT(previous_s, time_s(0)) << round;
      ASSERT_TRUE(std::isfinite(previous_s)) << round;
    }
  }
}

TEST(Recharge, ConstantPowerBringsBackWhatWasUsedInEnergyOverPower) {
  const PowerSupply supply = constant_power(0.002);
  EXPECT_DOUBLE_EQ(recharge_time_s(kCorrected, supply, 1e-3), 0.5);
  PowerSupply lossy = supply;
  lossy.harvest_efficiency = 0.5;
  EXPECT_DOUBLE_EQ(recharge_time_s(kCorrected, lossy, 1e-3), 1);
  EXPECT_DOUBLE_EQ(first_charge_s(supply), 0.5 * 0.005 * 2.99 * 2.99 / 0.002);
}

TEST(Recharge, LeakageOnlyLengthensAndTheLeastIsAsNone) {
  const PowerSupply sealed = constant_power(0.001);
  const double energy_j = energy_budget_j(sealed);
  const double sealed_s = recharge_time_s(kCorrected, sealed, energy_j);
  EXPECT_NEAR(recharge_time_s(kCorrected, constant_power(0.001, 1e-15), energy_j) / sealed_s, 1,
              1e-9);
  double previous_s = sealed_s;
  for (const double leakage_a : {1e-6, 1e-5, 1e-4, 3e-4, 3.3e-4}) {
    const PowerSupply leaking = constant_power(0.001, leakage_a);
    EXPECT_NO_THROW(validate(leaking));
    EXPECT_GT(recharge_time_s(kCorrected, leaking, energy_j), previous_s) << leakage_a;
    previous_s = recharge_time_s(kCorrected, leaking, energy_j);
  }
}

TEST(Recharge, WithConstantPowerThePublishedRuleStartsBelowTheMargin) {
  for (const double leakage_a : {0.0, 1e-4}) {
    PowerSupply supply = constant_power(0.001, leakage_a);
    const double budget_j = energy_budget_j(supply);
    const double unused_j = budget_j / supply.margin - budget_j;
    EXPECT_NEAR(recharge_time_s(kFromMargin, supply, budget_j / 2) /
                    recharge_time_s(kCorrected, supply, budget_j / 2 + unused_j),
                1, 1e-12);
    supply.margin = 1;
    EXPECT_EQ(recharge_time_s(kFromMargin, supply, budget_j),
              recharge_time_s(kCorrected, supply, budget_j));
  }
}

TEST(Recharge, TheExtremesOfWhatIsAllowedHaveATime) {
  for (const double capacitance_f : {1e-320, 1e-300, 1e-12, 1e4}) {
    for (const double von_v : {1e-6, 1.0, 1e4}) {
      for (const double harvest_w : {1e-12, 1e6}) {
        for (const double leakage_a : {0.0, 1e-15, 1e3, harvest_w / von_v * (1 - 1e-15)}) {
          PowerSupply supply = constant_power(harvest_w, leakage_a);
          supply.capacitance_f = capacitance_f;
          supply.von_v = von_v;
          supply.voff_v = 0;
          supply.margin = 1;
          if (leakage_a * von_v >= harvest_w || (leakage_a > 0 && leakage_a < 1e-15)) continue;
          SCOPED_TRACE(testing::Message() << capacitance_f << " F " << von_v << " V " << harvest_w
                                          << " W " << leakage_a << " A");
          const double time_s = recharge_time_s(kCorrected, supply, energy_budget_j(supply));
          EXPECT_TRUE(std::isfinite(time_s));
          EXPECT_GE(time_s, 0);
          EXPECT_TRUE(std::isfinite(first_charge_s(supply)));
        }
      }
    }
  }
}

TEST(FirstCharge, IsARechargeFromZeroVolt) {
  PowerSupply resistance;
  resistance.voff_v = 0;
  resistance.margin = 1;
  PowerSupply power = constant_power(0.001, 2e-4);
  power.voff_v = 0;
  power.margin = 1;
  for (const PowerSupply& supply : {resistance, power}) {
    // The square of the voltage is rounded, so that the root of what is left of it may be 1e-8 V.
    EXPECT_NEAR(
        first_charge_s(supply) / recharge_time_s(kCorrected, supply, energy_budget_j(supply)), 1,
        1e-7);
  }
  const PowerSupply usual;
  EXPECT_GT(first_charge_s(usual), recharge_time_s(kCorrected, usual, energy_budget_j(usual)));
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
