#include <inas/costmodel/recharge.hpp>

namespace inas::costmodel {

double energy_budget_j(const PowerSupply& supply) {
  return 0.5 * supply.capacitance_f *
         (supply.von_v * supply.von_v - supply.voff_v * supply.voff_v) * supply.margin;
}

Recharge::Recharge(const PublishedFaults& faults, const PowerSupply& supply)
    : from_margin_(faults.recharge_from_margin),
      budget_j_(energy_budget_j(supply)),
      capacitance_f_(supply.capacitance_f),
      von_squared_(supply.von_v * supply.von_v),
      voff_squared_(supply.voff_v * supply.voff_v),
      vsup_v_(supply.vsup_v),
      rise_v_(supply.von_v - supply.vsup_v),
      minus_rc_s_(-supply.ehm_resistance_ohm * supply.capacitance_f) {}

double recharge_time_s(const PublishedFaults& faults, const PowerSupply& supply, double energy_j) {
  return Recharge(faults, supply)(energy_j);
}

}  // namespace inas::costmodel
