#include <inas/costmodel/recharge.hpp>

namespace inas::costmodel {

double energy_budget_j(const PowerSupply& supply) {
  return 0.5 * supply.capacitance_f *
         (supply.von_v * supply.von_v - supply.voff_v * supply.voff_v) * supply.margin;
}

Recharge::Recharge(const PublishedFaults& faults, const PowerSupply& supply)
    : harvester_(supply.harvester),
      from_margin_(faults.recharge_from_margin),
      budget_j_(energy_budget_j(supply)),
      capacitance_f_(supply.capacitance_f),
      von_squared_(supply.von_v * supply.von_v),
      voff_squared_(supply.voff_v * supply.voff_v),
      vsup_v_(supply.vsup_v),
      rise_v_(supply.von_v - supply.vsup_v),
      minus_rc_s_(-supply.ehm_resistance_ohm * supply.capacitance_f),
      concave_(supply.harvester == Harvester::constant_power || supply.voff_v >= supply.vsup_v / 2),
      unused_j_(0.5 * capacitance_f_ * (von_squared_ - voff_squared_) - budget_j_),
      net_power_w_(net_power_w(supply)) {
  if (supply.leakage_a == 0) return;
  leak_time_s_ = supply.capacitance_f * supply.von_v / (2 * supply.leakage_a);
  leak_energy_j_ = leak_time_s_ * net_power_w_;
  // A product that underflows is that of a capacitor which is full before anything leaks.
  leaks_ = leak_energy_j_ > 0;
}

double Recharge::least_s_per_j() const {
  if (!concave_) return 0;
  // Rounding of the chord's slope must not lift it above the curve.
  constexpr double kSafety = 1 - 1e-9;
  return kSafety * (*this)(budget_j_) / budget_j_;
}

double recharge_time_s(const PublishedFaults& faults, const PowerSupply& supply, double energy_j) {
  return Recharge(faults, supply)(energy_j);
}

double first_charge_s(const PowerSupply& supply) {
  if (supply.harvester == Harvester::resistance) {
    return supply.ehm_resistance_ohm * supply.capacitance_f *
           std::log(supply.vsup_v / (supply.vsup_v - supply.von_v));
  }
  return recharge_time_s({}, supply, 0.5 * supply.capacitance_f * supply.von_v * supply.von_v);
}

}  // namespace inas::costmodel
