#include <algorithm>
#include <cmath>

#include <inas/costmodel/recharge.hpp>

namespace inas::costmodel {

double energy_budget_j(const PowerSupply& supply) {
  return 0.5 * supply.capacitance_f *
         (supply.von_v * supply.von_v - supply.voff_v * supply.voff_v) * supply.margin;
}

double recharge_time_s(const PublishedFaults& faults, const PowerSupply& supply, double energy_j) {
  const double c = supply.capacitance_f;
  const double vend_squared =
      faults.recharge_from_margin
          ? 2 * (energy_budget_j(supply) - energy_j) / c + supply.voff_v * supply.voff_v
          : supply.von_v * supply.von_v - 2 * energy_j / c;
  // A device that runs down to 0 V may leave a square below zero by a rounding.
  const double vend_v = std::sqrt(std::max(vend_squared, 0.0));
  return -supply.ehm_resistance_ohm * c *
         std::log((supply.von_v - supply.vsup_v) / (vend_v - supply.vsup_v));
}

}  // namespace inas::costmodel
