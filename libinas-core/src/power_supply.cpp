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

}  // namespace

void validate(const PowerSupply& supply) {
  if (supply.kind == PowerKind::continuous) return;
  require(supply.capacitance_f > 0 && supply.capacitance_f <= kLargestCapacitance, "capacitance_f",
          supply.capacitance_f, fmt::format("above 0 F up to {} F", kLargestCapacitance));
  require(supply.ehm_resistance_ohm >= 0 && supply.ehm_resistance_ohm <= kLargestResistance,
          "ehm_resistance_ohm", supply.ehm_resistance_ohm,
          fmt::format("0 to {} ohm", kLargestResistance));
  require(supply.vsup_v > 0, "vsup_v", supply.vsup_v, "a positive number of V");
  require(supply.von_v > 0 && supply.von_v < supply.vsup_v, "von_v", supply.von_v,
          fmt::format("above 0 V and below vsup_v, {} V", supply.vsup_v));
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
