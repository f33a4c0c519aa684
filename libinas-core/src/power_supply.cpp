#include <cmath>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/power_supply.hpp>

namespace inas {
namespace {

void require(bool holds, const char* key, double found, const std::string& allowed) {
  // Comparisons with NaN are false, so that a NaN never holds; infinities are refused here.
  if (!holds || !std::isfinite(found)) {
    throw InvalidArgument(fmt::format("power.{}: found {}, allowed: {}", key, found, allowed));
  }
}

/// F; more than the largest capacitors have. What a power cycle takes from a much larger one drowns
/// in the rounding of its voltage, and with it the time to recharge.
constexpr double kLargestCapacitance = 10'000;

/// Ω; far more than any capacitor leaks through. Larger ones recharge for longer than a double
/// holds.
constexpr double kLargestResistance = 1e12;

/// What bounds a harvester of constant power; far beyond what charges capacitors, and close enough
/// that no time is longer than a double holds.
constexpr double kLargestVoltage = 10'000;
constexpr double kLeastPower = 1e-12;
constexpr double kLargestPower = 1e6;
constexpr double kLeastEfficiency = 1e-6;
constexpr double kLeastLeakage = 1e-15;
constexpr double kLargestLeakage = 1'000;

/// Refuses `found` where it describes a harvester that there is not, unless it is `otherwise`.
void require_default(double found, double otherwise, const char* key, Harvester harvester) {
  require(found == otherwise, key, found,
          fmt::format("{} while power.harvester is {}, which it does not describe", otherwise,
                      to_string(harvester)));
}

void validate_resistance(const PowerSupply& supply) {
  constexpr PowerSupply kDefaults;
  require(supply.ehm_resistance_ohm >= 0 && supply.ehm_resistance_ohm <= kLargestResistance,
          "ehm_resistance_ohm", supply.ehm_resistance_ohm,
          fmt::format("0 to {} ohm", kLargestResistance));
  require(supply.vsup_v > 0, "vsup_v", supply.vsup_v, "a positive number of V");
  require(supply.von_v > 0 && supply.von_v < supply.vsup_v, "von_v", supply.von_v,
          fmt::format("above 0 V and below vsup_v, {} V", supply.vsup_v));
  require_default(supply.harvest_w, kDefaults.harvest_w, "harvest_w", supply.harvester);
  require_default(supply.harvest_efficiency, kDefaults.harvest_efficiency, "harvest_efficiency",
                  supply.harvester);
  require_default(supply.leakage_a, kDefaults.leakage_a, "leakage_a", supply.harvester);
}

void validate_constant_power(const PowerSupply& supply) {
  constexpr PowerSupply kDefaults;
  require_default(supply.ehm_resistance_ohm, kDefaults.ehm_resistance_ohm, "ehm_resistance_ohm",
                  supply.harvester);
  require_default(supply.vsup_v, kDefaults.vsup_v, "vsup_v", supply.harvester);
  require(supply.von_v > 0 && supply.von_v <= kLargestVoltage, "von_v", supply.von_v,
          fmt::format("above 0 V up to {} V", kLargestVoltage));
  require(supply.harvest_efficiency >= kLeastEfficiency && supply.harvest_efficiency <= 1,
          "harvest_efficiency", supply.harvest_efficiency,
          fmt::format("{} to 1", kLeastEfficiency));
  require(supply.leakage_a == 0 ||
              (supply.leakage_a >= kLeastLeakage && supply.leakage_a <= kLargestLeakage),
          "leakage_a", supply.leakage_a,
          fmt::format("0, or {} to {} A", kLeastLeakage, kLargestLeakage));
  require(supply.harvest_w >= kLeastPower && supply.harvest_w <= kLargestPower, "harvest_w",
          supply.harvest_w,
          fmt::format("{} to {} W where power.harvester is {}", kLeastPower, kLargestPower,
                      to_string(supply.harvester)));
  require(
      net_power_w(supply) > 0, "leakage_a", supply.leakage_a,
      fmt::format("less than the {:.6g} A that the harvester delivers at von_v, {} V, which the "
                  "capacitor otherwise never reaches",
                  supply.harvest_efficiency * supply.harvest_w / supply.von_v, supply.von_v));
}

}  // namespace

std::string_view to_string(Harvester harvester) {
  return harvester == Harvester::resistance ? "resistance" : "constant-power";
}

PowerSupply with_harvester(PowerSupply supply, Harvester harvester) {
  constexpr PowerSupply kDefaults;
  supply.harvester = harvester;
  if (harvester == Harvester::resistance) {
    supply.harvest_w = kDefaults.harvest_w;
    supply.harvest_efficiency = kDefaults.harvest_efficiency;
    supply.leakage_a = kDefaults.leakage_a;
  } else {
    supply.ehm_resistance_ohm = kDefaults.ehm_resistance_ohm;
    supply.vsup_v = kDefaults.vsup_v;
  }
  return supply;
}

void validate(const PowerSupply& supply) {
  if (supply.kind == PowerKind::continuous) return;
  require(supply.capacitance_f > 0 && supply.capacitance_f <= kLargestCapacitance, "capacitance_f",
          supply.capacitance_f, fmt::format("above 0 F up to {} F", kLargestCapacitance));
  if (supply.harvester == Harvester::resistance) {
    validate_resistance(supply);
  } else {
    validate_constant_power(supply);
  }
  require(supply.voff_v >= 0 && supply.voff_v < supply.von_v, "voff_v", supply.voff_v,
          fmt::format("from 0 V to below von_v, {} V", supply.von_v));
  require(supply.margin > 0 && supply.margin <= 1, "margin", supply.margin, "above 0 up to 1");
}

void validate(const PowerSupply& supply, const VoltageRange& range, std::string_view who) {
  if (supply.kind == PowerKind::continuous) return;
  require(supply.voff_v >= range.min_v, "voff_v", supply.voff_v,
          fmt::format("from {} V, the least at which {} works", range.min_v, who));
  require(supply.von_v <= range.max_v, "von_v", supply.von_v,
          fmt::format("up to {} V, the most at which {} works", range.max_v, who));
}

void validate(const PowerSupply& supply, const Board& board) {
  if (board.supply) validate(supply, *board.supply, fmt::format("the board {}", board.name));
}

}  // namespace inas
