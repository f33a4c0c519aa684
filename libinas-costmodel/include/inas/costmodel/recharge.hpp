#pragma once

#include <algorithm>
#include <cmath>

#include <inas/core/power_supply.hpp>
#include <inas/costmodel/profile.hpp>

namespace inas::costmodel {

/// The energy budget of a power cycle, E_av = ½·C·(V_on² − V_off²)·margin, in J.
/// Source: cost-model page, section 3.
[[nodiscard]] double energy_budget_j(const PowerSupply& supply);

/// How long a supply takes to recharge; what does not depend on the energy is computed once.
class Recharge {
 public:
  Recharge(const PublishedFaults& faults, const PowerSupply& supply);

  /// Seconds until the capacitor is back at V_on after a power cycle that used `energy_j`, from 0
  /// to the budget:
  ///   t = −R·C·ln((V_on − V_sup)/(V_end − V_sup)),
  /// where V_end² = V_on² − 2E/C, the energy balance; or, with the profile's fault 7,
  /// V_end² = V_off² + 2·(E_av − E)/C.
  [[nodiscard]] double operator()(double energy_j) const {
    const double vend_squared = from_margin_
                                    ? 2 * (budget_j_ - energy_j) / capacitance_f_ + voff_squared_
                                    : von_squared_ - 2 * energy_j / capacitance_f_;
    // A device that runs down to 0 V may leave a square below zero by a rounding.
    const double vend_v = std::sqrt(std::max(vend_squared, 0.0));
    return minus_rc_s_ * std::log(rise_v_ / (vend_v - vsup_v_));
  }

 private:
  bool from_margin_;
  double budget_j_;
  double capacitance_f_;
  double von_squared_;
  double voff_squared_;
  double vsup_v_;
  double rise_v_;      ///< V_on − V_sup
  double minus_rc_s_;  ///< −R·C
};

/// The same for one energy.
[[nodiscard]] double recharge_time_s(const PublishedFaults& faults, const PowerSupply& supply,
                                     double energy_j);

}  // namespace inas::costmodel
