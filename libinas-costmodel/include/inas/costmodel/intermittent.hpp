#pragma once

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/cost.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/costmodel/tiling.hpp>

namespace inas::costmodel {

/// One power cycle, in the order in which it happens.
struct CycleCost {
  Cost boot;
  Cost fetch;        ///< inputs, weights and partial sums, NVM → VM
  Cost index_fetch;  ///< the progress record
  Cost compute;
  Cost backup;        ///< outputs, VM → NVM
  Cost index_backup;  ///< the progress record

  /// ((((boot + fetch) + index_fetch) + compute) + backup) + index_backup
  [[nodiscard]] Cost total() const {
    return boot + fetch + index_fetch + compute + backup + index_backup;
  }
};

/// The cost of a power cycle of `kind`, whose batches have S tiles: boot, the reading of the
/// progress record, and for each batch its fetches, its compute, its backup and a progress record.
[[nodiscard]] inline CycleCost cycle_cost(const BatchTerms& terms, const CycleCost& overheads,
                                          std::int64_t S, const CycleKind& kind) {
  CycleCost cost = overheads;
  cost.fetch = cycle_fetch(terms, S, kind);
  cost.compute = kind.batches() * batch_compute(terms, S);
  cost.backup = kind.batches() * batch_backup(terms, S);
  cost.index_backup = kind.batches() * overheads.index_backup;
  return cost;
}

/// The cost of one power cycle of `layer` executed as `design`, a design that `check_design`
/// accepts. Pooling has no input-channel steps: both are the same. Source: cost-model page,
/// section 3.
[[nodiscard]] CycleCost cycle_cost(const Profile& profile, const Layer& layer, const Design& design,
                                   InputStep step, PoolInput pool = PoolInput::own);

/// What every power cycle costs whatever its design: boot and the progress record's transfers. The
/// other members are zero.
[[nodiscard]] CycleCost cycle_overheads(const Profile& profile);

/// End-to-end latency of a layer: first·(L_min + t(E_min)) + later·(L_max + t(E_max)).
[[nodiscard]] inline double layer_latency_s(const PowerCycles& cycles, double first_latency_s,
                                            double recharge_min_s, double later_latency_s,
                                            double recharge_max_s) {
  return static_cast<double>(cycles.first) * (first_latency_s + recharge_min_s) +
         static_cast<double>(cycles.later) * (later_latency_s + recharge_max_s);
}

/// A layer under intermittent power.
///
/// `later` is the cost of a later cycle whether or not there is one; `max()` is the cycle that
/// decides about atomicity: `later` if any later cycle happens, `first` otherwise.
struct IntermittentCost {
  CycleCost first;
  CycleCost later;
  PowerCycles cycles;
  std::int64_t vm_bytes = 0;
  double budget_j = 0;
  /// Recharging after a first and after a later cycle; infinite if the cycle exceeds the budget.
  double recharge_min_s = 0;
  double recharge_max_s = 0;
  /// first·(L_min + t(E_min)) + later·(L_max + t(E_max)); infinite if a cycle exceeds the budget,
  /// because such a layer never finishes.
  double latency_s = 0;

  [[nodiscard]] Cost min() const { return first.total(); }
  [[nodiscard]] Cost max() const { return cycles.later > 0 ? later.total() : first.total(); }
  /// C1: the dearest power cycle stays within the budget.
  [[nodiscard]] bool atomic() const { return max().energy_j <= budget_j; }
  /// E_max/E_av, the share of the budget that the dearest cycle uses.
  [[nodiscard]] double budget_share() const { return max().energy_j / budget_j; }
};

/// The cost of `layer` executed as `design` on `device`, whose supply is intermittent. Checks the
/// design.
[[nodiscard]] IntermittentCost intermittent_cost(const Device& device, const Layer& layer,
                                                 const Design& design,
                                                 PoolInput pool = PoolInput::own);

/// NVM traffic of a layer or of one power cycle, progress records included.
struct NvmTraffic {
  Cost read;
  Cost write;
};

/// All NVM traffic of a layer under intermittent power:
/// read = later·fetch_later + first·fetch_first + cycles·index fetch; write = cycles·(backup +
/// index backup). Applies fault 5 if the profile has it, as the published query does. Checks the
/// design.
[[nodiscard]] NvmTraffic nvm_traffic(const Profile& profile, const Layer& layer,
                                     const Design& design);

/// What the published code calls the traffic of a single power cycle; it adds the fetches of a
/// first and of a later cycle (fault 11), and is here to be compared with. Checks the design.
[[nodiscard]] NvmTraffic published_single_cycle_traffic(const Profile& profile, const Layer& layer,
                                                        const Design& design);

}  // namespace inas::costmodel
