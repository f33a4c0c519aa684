#pragma once

#include <cstdint>
#include <string_view>

#include <inas/core/board.hpp>

namespace inas {

enum class PowerKind : std::uint8_t { intermittent, continuous };

/// What charges the capacitor. The cost model lets it charge while the device is off only.
enum class Harvester : std::uint8_t {
  resistance,      ///< a voltage, V_sup, behind a resistance; nothing leaks
  constant_power,  ///< the same power whatever the capacitor's voltage, less what leaks
};

/// "resistance" or "constant-power".
[[nodiscard]] std::string_view to_string(Harvester harvester);

/// A capacitor that an energy-harvesting module (EHM) charges. The device runs from V_on down to
/// V_off. Under continuous power the other fields have no meaning. What describes the harvester
/// that there is not has its default.
struct PowerSupply {
  PowerKind kind = PowerKind::intermittent;
  double capacitance_f = 0.005;
  double ehm_resistance_ohm = 24.0;  ///< resistance only
  double von_v = 2.99;
  double voff_v = 2.8;
  double vsup_v = 3.0;   ///< resistance only: open-circuit voltage of the EHM
  double margin = 0.55;  ///< share of the capacitor's energy that is counted on, in (0, 1]
  Harvester harvester = Harvester::resistance;
  double harvest_w = 0;           ///< constant power only: of the harvester
  double harvest_efficiency = 1;  ///< constant power only: share of it that arrives, in (0, 1]
  /// Constant power only: the capacitor's leakage current at V_on; at V it is in proportion to V,
  /// as that of an insulation resistance V_on/I.
  double leakage_a = 0;

  bool operator==(const PowerSupply&) const = default;
};

/// Constant power: what is left to charge the capacitor at V_on, in W, where most leaks.
[[nodiscard]] constexpr double net_power_w(const PowerSupply& supply) {
  return supply.harvest_efficiency * supply.harvest_w - supply.leakage_a * supply.von_v;
}

/// The same supply with a harvester of that kind: what describes the other kind has its default.
[[nodiscard]] PowerSupply with_harvester(PowerSupply supply, Harvester harvester);

/// Throws InvalidArgument, naming the field (`power.von_v`), unless
/// - 0 ≤ V_off < V_on, the capacitance is positive and at most 10,000 F, the margin in (0, 1] and
///   all are finite;
/// - resistance: V_on < V_sup, the resistance from 0 to 1e12 Ω;
/// - constant power: V_on at most 10,000 V, the power from 1e-12 to 1e6 W, the efficiency from 1e-6
///   to 1, the leakage 0 or from 1e-15 to 1,000 A, and less at V_on than what arrives, without
///   which the capacitor would never reach V_on;
/// - the fields of the other harvester have their defaults.
/// A continuous supply is always valid.
void validate(const PowerSupply& supply);

/// Throws InvalidArgument, naming the field and `who` ("the board msp430fr5994"), which works at
/// `range`, unless V_off and V_on lie in it. A continuous supply is always valid.
void validate(const PowerSupply& supply, const VoltageRange& range, std::string_view who);

/// The same for a board, as far as it says at which voltages it works.
void validate(const PowerSupply& supply, const Board& board);

}  // namespace inas
