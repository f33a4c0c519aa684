#include <algorithm>
#include <limits>

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
  // Rounding of the chord's slope must not lift it above the curve.
  constexpr double kSafety = 1 - 1e-9;
  if (concave_) return kSafety * (*this)(budget_j_) / budget_j_;
  // Concave down to V_sup/2, where E = `concave_j`; behind it t grows, so that in each piece
  // t(E)/E is at least t at the piece's beginning over E at its end.
  const double half_squared = vsup_v_ * vsup_v_ / 4;
  const double full_j = from_margin_ ? budget_j_ + 0.5 * capacitance_f_ * voff_squared_
                                     : 0.5 * capacitance_f_ * von_squared_;
  const double concave_j = std::clamp(full_j - 0.5 * capacitance_f_ * half_squared, 0.0, budget_j_);
  constexpr int kPieces = 64;
  double least = std::numeric_limits<double>::infinity();
  for (int piece = 0; piece < kPieces; ++piece) {
    const auto at = [&](int i) { return concave_j + (budget_j_ - concave_j) * i / kPieces; };
    least = std::min(least, (*this)(at(piece)) / at(piece + 1));
  }
  return kSafety * least;
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
