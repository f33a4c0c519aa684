#pragma once

#include <cstdint>
#include <string_view>

#include <inas/core/board.hpp>

namespace inas {

enum class PowerKind : std::uint8_t { intermittent, continuous };

/// A capacitor that an energy-harvesting module (EHM) charges through an equivalent resistance. The
/// device runs from V_on down to V_off. Under continuous power the other fields have no meaning.
struct PowerSupply {
  PowerKind kind = PowerKind::intermittent;
  double capacitance_f = 0.005;
  double ehm_resistance_ohm = 24.0;
  double von_v = 2.99;
  double voff_v = 2.8;
  double vsup_v = 3.0;   ///< open-circuit voltage of the EHM
  double margin = 0.55;  ///< share of the capacitor's energy that is counted on, in (0, 1]

  bool operator==(const PowerSupply&) const = default;
};

/// Throws InvalidArgument, naming the field (`power.von_v`), unless 0 ≤ V_off < V_on < V_sup, the
/// capacitance is positive and at most 10,000 F, the resistance from 0 to 1e12 Ω, the margin in
/// (0, 1] and all are finite.
/// A continuous supply is always valid.
void validate(const PowerSupply& supply);

/// Throws InvalidArgument, naming the field and `who` ("the board msp430fr5994"), which works at
/// `range`, unless V_off and V_on lie in it. A continuous supply is always valid.
void validate(const PowerSupply& supply, const VoltageRange& range, std::string_view who);

/// The same for a board, as far as it says at which voltages it works.
void validate(const PowerSupply& supply, const Board& board);

}  // namespace inas
