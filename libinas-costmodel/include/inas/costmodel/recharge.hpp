#pragma once

#include <algorithm>
#include <cmath>

#include <inas/core/power_supply.hpp>
#include <inas/costmodel/profile.hpp>

/// How long a supply takes to charge its capacitor, in closed form: after each power cycle, which
/// is part of every latency, and once from empty, which is part of none. What is harvested while
/// the device runs is left out. Source: cost-model page, section 3.
namespace inas::costmodel {

/// The energy budget of a power cycle, E_av = ½·C·(V_on² − V_off²)·margin, in J.
[[nodiscard]] double energy_budget_j(const PowerSupply& supply);

/// The time to recharge after a power cycle; what does not depend on its energy is computed once.
class Recharge {
 public:
  Recharge(const PublishedFaults& faults, const PowerSupply& supply);

  /// Seconds until the capacitor is back at V_on after a power cycle that used `energy_j`, from 0
  /// to the budget. With a resistance
  ///   t = −R·C·ln((V_on − V_sup)/(V_end − V_sup)),
  /// where V_end² = V_on² − 2E/C, the energy balance. With constant power
  ///   t = E/P_net, or with leakage t = τ·ln(1 + E/(τ·P_net)),
  /// where P_net = η·P − I·V_on and τ = C·V_on/(2·I). The profile's fault 7 recharges from
  /// V_end² = V_off² + 2·(E_av − E)/C instead. Never falls as the energy grows.
  [[nodiscard]] double operator()(double energy_j) const {
    if (harvester_ == Harvester::constant_power) return constant_power_time_s(energy_j);
    const double vend_squared = from_margin_
                                    ? 2 * (budget_j_ - energy_j) / capacitance_f_ + voff_squared_
                                    : von_squared_ - 2 * energy_j / capacitance_f_;
    // A device that runs down to 0 V may leave a square below zero by a rounding.
    const double vend_v = std::sqrt(std::max(vend_squared, 0.0));
    return minus_rc_s_ * std::log(rise_v_ / (vend_v - vsup_v_));
  }

  /// A number r with t(E) ≥ r·E for all E from 0 to the budget.
  ///
  /// Where t is concave, the chord from 0 to the budget lies below it, since t(0) ≥ 0. With a
  /// resistance and V the voltage that a cycle leaves, dt/dE = R/((V_sup − V)·V), which falls as E
  /// grows while V ≥ V_sup/2; if the budget reaches lower voltages, what lies behind is bounded
  /// piece by piece. With constant power t is concave always: what leaks falls with V.
  [[nodiscard]] double least_s_per_j() const;

  /// Is t concave from 0 to the budget?
  [[nodiscard]] bool concave() const { return concave_; }

 private:
  [[nodiscard]] double constant_power_time_s(double energy_j) const {
    const double refill_j = from_margin_ ? energy_j + unused_j_ : energy_j;
    if (!leaks_) return refill_j / net_power_w_;
    return leak_time_s_ * std::log1p(refill_j / leak_energy_j_);
  }

  Harvester harvester_;
  bool from_margin_;
  double budget_j_;
  double capacitance_f_;
  double von_squared_;
  double voff_squared_;
  double vsup_v_;
  double rise_v_;       ///< V_on − V_sup
  double minus_rc_s_;   ///< −R·C
  bool concave_;        ///< t(E) from 0 to the budget
  double unused_j_;     ///< what the margin leaves of the energy between V_on and V_off
  double net_power_w_;  ///< P_net
  bool leaks_ = false;
  double leak_time_s_ = 0;    ///< τ
  double leak_energy_j_ = 0;  ///< τ·P_net
};

/// The same for one energy.
[[nodiscard]] double recharge_time_s(const PublishedFaults& faults, const PowerSupply& supply,
                                     double energy_j);

/// Seconds from an empty capacitor, 0 V, to V_on: t(½·C·V_on²) of the energy balance, whatever the
/// profile's faults. No latency includes it. Intermittent power only.
[[nodiscard]] double first_charge_s(const PowerSupply& supply);

}  // namespace inas::costmodel
