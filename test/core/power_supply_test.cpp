#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/core/platform.hpp>
#include <inas/core/power_supply.hpp>

namespace inas {
namespace {

TEST(PowerSupply, ImpossibleValuesAreRefusedWithTheirKey) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<std::string, std::function<void(PowerSupply&)>>> faults{
      {"power.capacitance_f", [](PowerSupply& supply) { supply.capacitance_f = 0; }},
      {"power.capacitance_f", [](PowerSupply& supply) { supply.capacitance_f = kNan; }},
      {"power.capacitance_f", [](PowerSupply& supply) { supply.capacitance_f = kInfinity; }},
      {"power.ehm_resistance_ohm", [](PowerSupply& supply) { supply.ehm_resistance_ohm = -1; }},
      {"power.ehm_resistance_ohm", [](PowerSupply& supply) { supply.ehm_resistance_ohm = 1e13; }},
      {"power.von_v", [](PowerSupply& supply) { supply.von_v = 3.0; }},
      {"power.von_v", [](PowerSupply& supply) { supply.von_v = 3.1; }},
      {"power.voff_v", [](PowerSupply& supply) { supply.voff_v = 2.99; }},
      {"power.voff_v", [](PowerSupply& supply) { supply.voff_v = -0.1; }},
      {"power.vsup_v", [](PowerSupply& supply) { supply.vsup_v = kInfinity; }},
      {"power.margin", [](PowerSupply& supply) { supply.margin = 0; }},
      {"power.margin", [](PowerSupply& supply) { supply.margin = 1.01; }},
  };
  for (const auto& [key, fault] : faults) {
    PowerSupply supply;
    fault(supply);
    test::expect_error([&] { validate(supply); }, key);
    supply.kind = PowerKind::continuous;
    EXPECT_NO_THROW(validate(supply)) << "a capacitor means nothing under continuous power";
  }
}

PowerSupply constant_power(double harvest_w) {
  return {.harvester = Harvester::constant_power, .harvest_w = harvest_w};
}

TEST(PowerSupply, ImpossibleHarvestersOfConstantPowerAreRefusedWithTheirKey) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<std::string, std::function<void(PowerSupply&)>>> faults{
      {"power.harvest_w: found 0, allowed: 1e-12 to 1000000 W where power.harvester is "
       "constant-power",
       [](PowerSupply& supply) { supply.harvest_w = 0; }},
      {"power.harvest_w", [](PowerSupply& supply) { supply.harvest_w = -1e-3; }},
      {"power.harvest_w", [](PowerSupply& supply) { supply.harvest_w = 1.1e6; }},
      {"power.harvest_w", [](PowerSupply& supply) { supply.harvest_w = kNan; }},
      {"power.harvest_efficiency", [](PowerSupply& supply) { supply.harvest_efficiency = 0; }},
      {"power.harvest_efficiency", [](PowerSupply& supply) { supply.harvest_efficiency = 1.01; }},
      {"power.harvest_efficiency", [](PowerSupply& supply) { supply.harvest_efficiency = kNan; }},
      {"power.leakage_a", [](PowerSupply& supply) { supply.leakage_a = -1e-9; }},
      {"power.leakage_a", [](PowerSupply& supply) { supply.leakage_a = 1e-16; }},
      {"power.leakage_a", [](PowerSupply& supply) { supply.leakage_a = kInfinity; }},
      {"power.von_v", [](PowerSupply& supply) { supply.von_v = 10'001; }},
      {"power.von_v", [](PowerSupply& supply) { supply.von_v = kInfinity; }},
      {"power.voff_v", [](PowerSupply& supply) { supply.voff_v = 2.99; }},
      {"power.margin", [](PowerSupply& supply) { supply.margin = 0; }},
  };
  for (const auto& [key, fault] : faults) {
    PowerSupply supply = constant_power(1e-3);
    EXPECT_NO_THROW(validate(supply));
    fault(supply);
    test::expect_error([&] { validate(supply); }, key);
    supply.kind = PowerKind::continuous;
    EXPECT_NO_THROW(validate(supply));
  }
}

TEST(PowerSupply, ACapacitorThatLeaksAllThatArrivesIsRefused) {
  PowerSupply supply = constant_power(3e-3);
  supply.von_v = 3;
  supply.harvest_efficiency = 0.5;
  supply.leakage_a = std::nextafter(0.5e-3, 0);
  EXPECT_NO_THROW(validate(supply));
  for (const double leakage_a : {0.5e-3, 0.7e-3}) {
    supply.leakage_a = leakage_a;
    test::expect_error([&] { validate(supply); },
                       "allowed: less than the 0.0005 A that the harvester delivers at von_v, 3 V, "
                       "which the capacitor otherwise never reaches");
    test::expect_error([&] { validate(supply); }, "power.leakage_a: found 0.000");
  }
}

TEST(PowerSupply, WhatDescribesTheOtherHarvesterIsRefused) {
  const auto refused = [](PowerSupply supply, const std::string& key,
                          const std::string& harvester) {
    test::expect_error([&] { validate(supply); }, "power." + key + ": found 0.5");
    test::expect_error([&] { validate(supply); }, "while power.harvester is " + harvester);
    EXPECT_NO_THROW(validate(with_harvester(supply, supply.harvester)));
  };
  PowerSupply supply = constant_power(1e-3);
  supply.ehm_resistance_ohm = 0.5;
  refused(supply, "ehm_resistance_ohm", "constant-power");
  supply = constant_power(1e-3);
  supply.vsup_v = 0.5;
  refused(supply, "vsup_v", "constant-power");
  refused({.harvest_w = 0.5}, "harvest_w", "resistance");
  refused({.harvest_efficiency = 0.5}, "harvest_efficiency", "resistance");
  refused({.leakage_a = 0.5}, "leakage_a", "resistance");
}

TEST(PowerSupply, WithConstantPowerTheTurnOnVoltageHasNoSourceAboveIt) {
  PowerSupply supply = constant_power(1e-3);
  supply.von_v = 3.5;
  EXPECT_NO_THROW(validate(supply));
  EXPECT_NO_THROW(validate(supply, platform_board()));
}

TEST(PowerSupply, TheLargestCapacitorIsNamed) {
  PowerSupply supply;
  supply.capacitance_f = 10'000;
  EXPECT_NO_THROW(validate(supply));
  supply.capacitance_f = std::nextafter(10'000.0, 1e6);
  test::expect_error([&] { validate(supply); }, "allowed: above 0 F up to 10000 F");
  supply.capacitance_f = 2e6;
  test::expect_error([&] { validate(supply); },
                     "power.capacitance_f: found 2000000, allowed: above 0 F up to 10000 F");
}

TEST(PowerSupply, TheBoardMustWorkFromVonDownToVoff) {
  struct Voltages {
    double von_v;
    double voff_v;
    std::string refusal;  ///< empty: legal
  };
  for (const Voltages& given :
       {Voltages{2.99, 2.8, ""}, Voltages{3.6, 1.8, ""}, Voltages{2.2, 1.8, ""},
        Voltages{2.99, std::nextafter(1.8, 0),
                 "allowed: from 1.8 V, the least at which the board msp430fr5994 works"},
        Voltages{2.99, 0, "power.voff_v: found 0, allowed: from 1.8 V"},
        Voltages{std::nextafter(3.6, 4), 2.8,
                 "allowed: up to 3.6 V, the most at which the board msp430fr5994 works"},
        Voltages{5, 2.8, "power.von_v: found 5, allowed: up to 3.6 V"}}) {
    SCOPED_TRACE(testing::Message() << given.von_v << " V down to " << given.voff_v << " V");
    PowerSupply supply{.von_v = given.von_v, .voff_v = given.voff_v, .vsup_v = 6};
    EXPECT_NO_THROW(validate(supply)) << "a supply knows no board";
    const auto check = [&] { validate(supply, platform_board()); };
    if (given.refusal.empty()) {
      EXPECT_NO_THROW(check());
    } else {
      test::expect_error(check, given.refusal);
    }
    supply.kind = PowerKind::continuous;
    EXPECT_NO_THROW(check());
    supply.kind = PowerKind::intermittent;
    EXPECT_NO_THROW(validate(supply, load_board("host"))) << "a computer has no such limits";
  }
}

TEST(PowerSupply, AnEhmWithoutResistanceIsLegal) {
  PowerSupply supply;
  supply.ehm_resistance_ohm = 0;
  EXPECT_NO_THROW(validate(supply));
}

TEST(Platform, ImpossibleValuesAreRefusedWithTheirKey) {
  const std::vector<std::pair<std::string, std::function<void(Platform&)>>> faults{
      {"platform.vm_bytes", [](Platform& platform) { platform.vm_bytes = 0; }},
      {"platform.vm_bytes", [](Platform& platform) { platform.vm_bytes = std::int64_t{1} << 31; }},
      {"platform.clock_hz",
       [](Platform& platform) { platform.clock_hz = std::numeric_limits<double>::quiet_NaN(); }},
      {"platform.clock_hz",
       [](Platform& platform) { platform.clock_hz = std::numeric_limits<double>::infinity(); }},
      {"platform.longest_vector", [](Platform& platform) { platform.longest_vector = -1; }},
      {"platform.longest_vector: found 7, allowed: 0 or an even number to 65534",
       [](Platform& platform) { platform.longest_vector = 7; }},
      {"platform.longest_vector", [](Platform& platform) { platform.longest_vector = 65'536; }},
      {"platform.nvm_bytes",
       [](Platform& platform) { platform.nvm_bytes = std::int64_t{1} << 31; }},
      {"platform.data_bytes", [](Platform& platform) { platform.data_bytes = 3; }},
      {"platform.clock_hz", [](Platform& platform) { platform.clock_hz = -16e6; }},
      {"platform.profile", [](Platform& platform) { platform.profile.clear(); }},
  };
  for (const auto& [key, fault] : faults) {
    Platform platform;
    fault(platform);
    test::expect_error([&] { validate(platform); }, key);
  }
}

}  // namespace
}  // namespace inas
