#pragma once

#include <inas/core/power_supply.hpp>
#include <inas/costmodel/profile.hpp>

namespace inas::costmodel {

/// The energy budget of a power cycle, E_av = ½·C·(V_on² − V_off²)·margin, in J.
/// Source: cost-model page, section 3.
[[nodiscard]] double energy_budget_j(const PowerSupply& supply);

/// Seconds until the capacitor is back at V_on after a power cycle that used `energy_j`:
///   t = −R·C·ln((V_on − V_sup)/(V_end − V_sup)),
/// where V_end² = V_on² − 2E/C, the energy balance; or, with the profile's fault 7,
/// V_end² = V_off² + 2·(E_av − E)/C. `energy_j` is from 0 to the budget.
[[nodiscard]] double recharge_time_s(const PublishedFaults& faults, const PowerSupply& supply,
                                     double energy_j);

}  // namespace inas::costmodel
