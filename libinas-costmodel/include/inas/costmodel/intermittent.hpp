#pragma once

#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/cost.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/execution/batches.hpp>

namespace inas::costmodel {

/// One power cycle, in the order in which it happens.
struct CycleCost {
  Cost boot;         ///< and what the CPU does at the start of a cycle
  Cost fetch;        ///< inputs, weights and partial sums, NVM → VM
  Cost index_fetch;  ///< the progress record
  Cost compute;
  Cost backup;        ///< outputs, VM → NVM
  Cost index_backup;  ///< the progress records
  Cost count;         ///< the count of fruitless cycles, before any work
  Cost bookkeeping;   ///< the CPU's work for entry, batches and tiles

  /// What depends on the layer.
  [[nodiscard]] Cost work() const { return fetch + compute + backup + index_backup + bookkeeping; }
  /// ((((((boot + fetch) + index_fetch) + compute) + backup) + index_backup) + count) + bookkeeping
  [[nodiscard]] Cost total() const {
    return boot + fetch + index_fetch + compute + backup + index_backup + count + bookkeeping;
  }
};

/// Part by part.
[[nodiscard]] inline CycleCost operator+(const CycleCost& a, const CycleCost& b) {
  return {a.boot + b.boot,
          a.fetch + b.fetch,
          a.index_fetch + b.index_fetch,
          a.compute + b.compute,
          a.backup + b.backup,
          a.index_backup + b.index_backup,
          a.count + b.count,
          a.bookkeeping + b.bookkeeping};
}
[[nodiscard]] inline CycleCost operator*(std::int64_t count, const CycleCost& a) {
  return {count * a.boot,   count * a.fetch,        count * a.index_fetch, count * a.compute,
          count * a.backup, count * a.index_backup, count * a.count,       count * a.bookkeeping};
}

/// What every power cycle costs whatever its design.
struct CycleOverheads {
  Cost boot;         ///< and what the CPU does at the start of a cycle
  Cost index_fetch;  ///< reading of the progress area
  Cost count;        ///< writing of the count of fruitless cycles
  Cost record;       ///< of each batch: writing of a progress record

  [[nodiscard]] Cost of_cycle() const { return boot + index_fetch + count; }
};

/// Of two costs of one profile the one with more energy.
[[nodiscard]] inline Cost dearer(const Cost& a, const Cost& b) {
  return b.energy_j > a.energy_j ? b : a;
}

/// Power cycles that are alike but for the input-channel step, and what they cost. `later` is the
/// cost of a later cycle whether or not there is one.
struct CyclePartCost {
  CycleCost first;
  CycleCost later;
  execution::PowerCycles cycles;

  /// The dearest cycle that happens. A later one fetches all that a first one does; biases may be
  /// dearer than the partial sums that it fetches in their place.
  [[nodiscard]] Cost dearest() const {
    if (cycles.later == 0) return first.total();
    return cycles.first == 0 ? later.total() : dearer(later.total(), first.total());
  }
};

/// A power cycle of K batches, of which only what its overheads cost is said.
[[nodiscard]] inline CycleCost cycle_of(const CycleOverheads& overheads, std::int64_t K) {
  CycleCost cycle;
  cycle.boot = overheads.boot;
  cycle.index_fetch = overheads.index_fetch;
  cycle.index_backup = K * overheads.record;
  cycle.count = overheads.count;
  return cycle;
}

/// The costs of the two kinds of power cycle of `plan`, whose batches have S tiles: boot, the
/// reading of the progress record, and for each batch its fetches, its compute, its backup and a
/// progress record. Both kinds hold K batches; they differ in what they fetch.
[[nodiscard]] inline CyclePartCost cycle_costs(const BatchTerms& terms,
                                               const CycleOverheads& overheads, std::int64_t S,
                                               const execution::CyclePlan& plan) {
  const std::int64_t K = plan.first.batches();
  CyclePartCost part{cycle_of(overheads, K), {}, {plan.first.count, plan.later.count}};
  part.first.compute = K * batch_compute(terms, S);
  part.first.backup = K * batch_backup(terms, S);
  part.first.bookkeeping = cycle_bookkeeping(terms, K, K * S);
  part.later = part.first;
  part.first.fetch = cycle_fetch(terms, S, plan.first);
  part.later.fetch = cycle_fetch(terms, S, plan.later);
  return part;
}

/// The same for one part of the power cycles of a layer of uneven tiles: with each operand fetched
/// they compute `of.tiles`. Backups are those of the batches, except where each tile has its own.
/// Source: cost-model page, section 8.
[[nodiscard]] inline CyclePartCost cycle_costs(const ShapeTerms& terms,
                                               const CycleOverheads& overheads, std::int64_t S,
                                               const execution::CyclePart& of) {
  const execution::CycleKind& first = of.plan.first;
  const execution::CycleKind& later = of.plan.later;
  const std::int64_t K = first.batches();
  const std::int64_t operands = first.first_operands + first.later_operands;
  // An operand of reuse_I and reuse_O belongs to tiles of one shape; that of the others is the same
  // for all shapes.
  std::size_t any_shape = 0;
  while (of.tiles[any_shape] == 0) ++any_shape;
  const BatchTerms& any = terms[any_shape];
  const auto fetch_operands = [&any](const execution::CycleKind& kind) {
    return kind.first_operands * any.once[0] + kind.later_operands * any.once[1];
  };
  CyclePartCost part{cycle_of(overheads, K), {}, {first.count, later.count}};
  part.first.bookkeeping = cycle_bookkeeping(any, K, K * S);
  part.first.compute = K * any.batch_compute;
  if (!any.backup.per_tile()) part.first.backup = K * batch_backup(any, S);
  Cost first_fetch = fetch_operands(first);
  Cost later_fetch = fetch_operands(later);
  for (std::size_t shape = any_shape; shape < execution::kTileShapes; ++shape) {
    const std::int64_t tiles = of.tiles[shape];
    if (tiles == 0) continue;
    const BatchTerms& here = terms[shape];
    const auto fetch_tiles = [&](const execution::CycleKind& kind) {
      return (kind.first_operands * tiles) * here.per_tile[0] +
             (kind.later_operands * tiles) * here.per_tile[1];
    };
    first_fetch = first_fetch + fetch_tiles(first);
    later_fetch = later_fetch + fetch_tiles(later);
    part.first.compute = part.first.compute + tiles_compute(here, operands * tiles);
    if (here.backup.per_tile()) {
      part.first.backup = part.first.backup + batch_backup(here, operands * tiles);
    }
  }
  part.later = part.first;
  part.first.fetch = first_fetch;
  part.later.fetch = later_fetch;
  return part;
}

/// The cost of one power cycle of `layer` executed as `design`, a design that `check_design`
/// accepts; of uneven tiles the dearest cycle at that step. Pooling has no input-channel steps:
/// both are the same. Source: cost-model page, section 3.
[[nodiscard]] CycleCost cycle_cost(const Profile& profile, const Layer& layer, const Design& design,
                                   execution::InputStep step,
                                   execution::InputExtent extent = execution::InputExtent::own);

[[nodiscard]] CycleOverheads cycle_overheads(const Profile& profile);

/// End-to-end latency of a layer: first·(L_min + t(E_min)) + later·(L_max + t(E_max)).
[[nodiscard]] inline double layer_latency_s(const execution::PowerCycles& cycles,
                                            double first_latency_s, double recharge_min_s,
                                            double later_latency_s, double recharge_max_s) {
  return static_cast<double>(cycles.first) * (first_latency_s + recharge_min_s) +
         static_cast<double>(cycles.later) * (later_latency_s + recharge_max_s);
}

/// A layer under intermittent power.
///
/// `first` and `later` are the cycles with the interior tiles, or, if there are none, with the
/// first tiles, at the first step and at later ones; unless tiles are uneven there are no others.
/// `later` is set whether or not there is one; `max()` is the dearest cycle, which decides about
/// atomicity.
struct IntermittentCost {
  CycleCost first;
  CycleCost later;
  execution::PowerCycles cycles;  ///< all of the layer
  /// The power cycles that hold other tiles; they are counted in `cycles`. Empty unless the
  /// design's tiles are uneven.
  std::vector<CyclePartCost> border;
  std::int64_t vm_bytes = 0;
  double budget_j = 0;
  /// Recharging after a first and after a later cycle; infinite if the cycle exceeds the budget.
  double recharge_min_s = 0;
  double recharge_max_s = 0;
  /// first·(L_min + t(E_min)) + later·(L_max + t(E_max)), of each part with uneven tiles; infinite
  /// if a cycle exceeds the budget, because such a layer never finishes.
  double latency_s = 0;

  [[nodiscard]] Cost min() const { return first.total(); }
  [[nodiscard]] Cost max() const {
    Cost dearest = CyclePartCost{first, later, dearest_cycles()}.dearest();
    for (const CyclePartCost& part : border) dearest = dearer(dearest, part.dearest());
    return dearest;
  }
  /// C1: the dearest power cycle stays within the budget.
  [[nodiscard]] bool atomic() const { return max().energy_j <= budget_j; }
  /// E_max/E_av, the share of the budget that the dearest cycle uses.
  [[nodiscard]] double budget_share() const { return max().energy_j / budget_j; }

  /// How many power cycles cost `first` and `later`.
  [[nodiscard]] execution::PowerCycles dearest_cycles() const {
    execution::PowerCycles left = cycles;
    for (const CyclePartCost& part : border) {
      left.first -= part.cycles.first;
      left.later -= part.cycles.later;
    }
    return left;
  }

  /// Σ `of_cycle(CycleCost)`, a Cost, over all power cycles.
  template <class OfCycle>
  [[nodiscard]] Cost sum(OfCycle&& of_cycle) const {
    const execution::PowerCycles dearest = dearest_cycles();
    Cost total = dearest.first * of_cycle(first);
    if (dearest.later > 0) total = total + dearest.later * of_cycle(later);
    for (const CyclePartCost& part : border) {
      total = total + part.cycles.first * of_cycle(part.first);
      if (part.cycles.later > 0) total = total + part.cycles.later * of_cycle(part.later);
    }
    return total;
  }
};

/// The cost of `layer` executed as `design` on `device`, whose supply is intermittent. Checks the
/// design, whose K is 1 or more: what the energy ledger ends is priced by `scheduled_cycles`.
[[nodiscard]] IntermittentCost intermittent_cost(
    const Device& device, const Layer& layer, const Design& design,
    execution::InputExtent extent = execution::InputExtent::own);

/// NVM traffic of a layer or of one power cycle, progress records included.
struct NvmTraffic {
  Cost read;
  Cost write;
};

/// All NVM traffic of a layer under intermittent power:
/// read = later·fetch_later + first·fetch_first + cycles·index fetch; write = cycles·(backup +
/// index backup); with uneven tiles the sum of that over the parts. Applies fault 5 if the profile
/// has it, as the published query does. Checks the design.
[[nodiscard]] NvmTraffic nvm_traffic(const Profile& profile, const Layer& layer,
                                     const Design& design);

/// What the published code calls the traffic of a single power cycle; it adds the fetches of a
/// first and of a later cycle (fault 11), and is here to be compared with; of uneven tiles those of
/// the dearest. Checks the design.
[[nodiscard]] NvmTraffic published_single_cycle_traffic(const Profile& profile, const Layer& layer,
                                                        const Design& design);

}  // namespace inas::costmodel
