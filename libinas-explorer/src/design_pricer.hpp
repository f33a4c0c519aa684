#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/execution/batches.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/explorer/layer_search.hpp>

#include "tile_families.hpp"

namespace inas::explorer {

/// What pricing a design needs to know of the device, computed once. Intermittent power only.
class DevicePrices {
 public:
  explicit DevicePrices(const costmodel::Device& device)
      : device_(&device),
        budget_j_(costmodel::energy_budget_j(device.supply)),
        overheads_(costmodel::cycle_overheads(device.profile)),
        // Sums are compared with the budget as they are rounded, which may be a few parts in 2⁵³
        // down.
        room_j_((1 + 1e-15) * budget_j_ - overheads_.of_cycle().energy_j),
        recharge_(device.profile.faults, device.supply),
        recharge_s_per_j_(recharge_.least_s_per_j()),
        recharge_full_s_(recharge_(budget_j_)),
        recharge_empty_s_(recharge_(std::min(budget_j_, overheads_.of_cycle().energy_j))),
        vm_bytes_(execution::usable_vm_bytes(device.platform)) {}

  [[nodiscard]] const costmodel::Device& device() const { return *device_; }
  [[nodiscard]] double budget_j() const { return budget_j_; }
  /// What a power cycle can do beside its boot.
  [[nodiscard]] double room_j() const { return room_j_; }
  [[nodiscard]] std::int64_t vm_bytes() const { return vm_bytes_; }
  [[nodiscard]] const costmodel::CycleOverheads& overheads() const { return overheads_; }

  [[nodiscard]] double recharge_s(double energy_j) const { return recharge_(energy_j); }

  /// A lower bound of what `cost` contributes to a layer's latency, recharging included.
  [[nodiscard]] double least_s(const costmodel::Cost& cost) const {
    return cost.latency_s + recharge_s_per_j_ * cost.energy_j;
  }

  /// A lower bound of the latency of a layer that does `work`, progress records for boots left out,
  /// in `cycles` power cycles or more: each carries at most the budget less its own boot. Infinite
  /// if the budget does not carry a boot. Where the time to recharge is concave, it is least if all
  /// cycles but one hold as much, or as little, as they can.
  [[nodiscard]] double least_s(const costmodel::Cost& work, double cycles) const {
    const costmodel::Cost boot = overheads_.of_cycle();
    if (room_j_ <= 0) return std::numeric_limits<double>::infinity();
    // Power cycles are whole; what is rounded up may be rounding alone.
    cycles = std::max({1.0, cycles, std::ceil(kBoundSafety * work.energy_j / room_j_)});
    if (!recharge_.concave()) return least_s(work) + cycles * least_s(boot);
    const double full = std::min(cycles - 1, std::floor(work.energy_j / room_j_));
    const double rest_j = std::min(work.energy_j - full * room_j_, room_j_);
    return work.latency_s + cycles * boot.latency_s + full * recharge_full_s_ +
           (cycles - 1 - full) * recharge_empty_s_ +
           recharge_(boot.energy_j + std::max(rest_j, 0.0));
  }

 private:
  const costmodel::Device* device_;
  double budget_j_;
  costmodel::CycleOverheads overheads_;
  double room_j_;
  costmodel::Recharge recharge_;
  double recharge_s_per_j_;
  double recharge_full_s_;   ///< of a power cycle that uses its budget up
  double recharge_empty_s_;  ///< of one without a batch
  std::int64_t vm_bytes_;
};

/// What a tile computes in a loop order, mac and dma where all tiles are alike.
class EvenTiles {
 public:
  EvenTiles(const costmodel::Profile& profile, const Layer& layer, const Design& execution,
            const execution::TileCounts& counts)
      : groups_(execution::batch_groups(layer, counts, execution.order, profile.first_sums())),
        terms_(costmodel::batch_terms(profile, layer, execution)) {}

  [[nodiscard]] const execution::BatchGroups& groups() const { return groups_; }

  /// A lower bound of the energy of S tiles, however they are preserved.
  [[nodiscard]] double least_energy_j(std::int64_t S) const {
    return (batch_compute(terms_, S) + S * terms_.per_tile[0]).energy_j;
  }

  /// Calls `visit(CyclePartCost)` for each part of the power cycles.
  template <class Visit>
  void for_each_part(const costmodel::CycleOverheads& overheads, std::int64_t S, std::int64_t K,
                     Visit&& visit) const {
    visit(costmodel::cycle_costs(terms_, overheads, S, execution::cycle_plan(groups_, S, K)));
  }

 private:
  execution::BatchGroups groups_;
  costmodel::BatchTerms terms_;
};

/// The same where those at the border are smaller or reach into the padding.
class UnevenTiles {
 public:
  UnevenTiles(const costmodel::Profile& profile, const Layer& layer, const Design& execution,
              const execution::TileCounts& counts)
      : groups_(execution::batch_groups(layer, counts, execution.order, profile.first_sums())),
        shapes_(execution::tile_shapes(layer, execution.tile)),
        terms_(costmodel::shape_terms(profile, layer, execution, shapes_)) {}

  [[nodiscard]] const execution::BatchGroups& groups() const { return groups_; }
  [[nodiscard]] double least_energy_j(std::int64_t) const { return 0; }

  template <class Visit>
  void for_each_part(const costmodel::CycleOverheads& overheads, std::int64_t S, std::int64_t K,
                     Visit&& visit) const {
    for (const execution::CyclePart& part : execution::cycle_parts(groups_, shapes_, S, K)) {
      if (part.plan.cycles() == 0) break;
      visit(costmodel::cycle_costs(terms_, overheads, S, part));
    }
  }

 private:
  execution::BatchGroups groups_;
  std::array<execution::TileShape, execution::kTileShapes> shapes_;
  costmodel::ShapeTerms terms_;
};

/// Prices the designs of one tile, loop order, mac and dma, exactly as `evaluate` does.
template <class Tiles>
class ExecutionPrices {
 public:
  ExecutionPrices(const DevicePrices& prices, const Layer& layer, const Design& execution,
                  const execution::TileCounts& counts, bool multiple_batches)
      : prices_(prices),
        execution_(execution),
        multiple_batches_(multiple_batches),
        vm_(execution::vm_values(layer, execution)),
        tiles_(prices.device().profile, layer, execution, counts) {}

  /// The design with batches of S tiles and K = 1, or the largest legal K whose power cycles stay
  /// within the budget.
  [[nodiscard]] DesignEvaluation evaluate(std::int64_t S) const {
    DesignEvaluation result;
    result.design = execution_;
    result.design.batch = S;
    result.vm_bytes = vm_bytes(S);
    result.latency_s = std::numeric_limits<double>::infinity();
    result.spatial = result.vm_bytes <= prices_.vm_bytes();
    if (!result.spatial) return result;
    const std::int64_t K = multiple_batches_ ? largest_batches_per_cycle(S) : 1;
    result.design.batches_per_cycle = K;
    double latency_s = 0;
    for_each_part(S, K,
                  [&](const execution::PowerCycles& cycles, const costmodel::Cost& first,
                      const costmodel::Cost& later) {
                    if (result.cycles.all() == 0) {
                      result.energy_min_j = first.energy_j;
                      result.atomicity = true;
                    }
                    result.energy_max_j =
                        std::max(result.energy_max_j, dearest_j(cycles, first, later));
                    result.atomicity = result.energy_max_j <= prices_.budget_j();
                    result.cycles.first += cycles.first;
                    result.cycles.later += cycles.later;
                    if (!result.atomicity) return;
                    const double recharge_min_s = prices_.recharge_s(first.energy_j);
                    const double recharge_max_s =
                        cycles.later > 0 ? prices_.recharge_s(later.energy_j) : recharge_min_s;
                    latency_s += costmodel::layer_latency_s(cycles, first.latency_s, recharge_min_s,
                                                            later.latency_s, recharge_max_s);
                  });
    if (result.atomicity) result.latency_s = latency_s;
    return result;
  }

  /// The largest of `batches`, an ascending list, with which K = 1 keeps C0 and C1: larger S and K
  /// need no less VM. 0 if there is none.
  [[nodiscard]] std::int64_t largest_feasible(std::span<const std::int64_t> batches) const {
    for (auto S = batches.rbegin(); S != batches.rend(); ++S) {
      if (vm_bytes(*S) > prices_.vm_bytes()) continue;
      if (kBoundSafety * tiles_.least_energy_j(*S) > prices_.budget_j()) continue;
      if (dearest_energy_j(*S, 1) <= prices_.budget_j()) return *S;
    }
    return 0;
  }

  /// The largest of `batches`, an ascending list, that keeps C0. 0 if there is none.
  [[nodiscard]] std::int64_t largest_fitting(std::span<const std::int64_t> batches) const {
    for (auto S = batches.rbegin(); S != batches.rend(); ++S) {
      if (vm_bytes(*S) <= prices_.vm_bytes()) return *S;
    }
    return 0;
  }

  /// A lower bound of the latency of the designs with batches of S tiles or fewer: recharging costs
  /// at least the chord, and all other terms are constant or fall with S. A bound above `most_s`
  /// may be a rougher one.
  [[nodiscard]] double bound_to_s(std::int64_t S, double most_s) const {
    if (multiple_batches_) return kBoundSafety * bound_of_multiple_batches_s(S, 1, most_s);
    double bound = 0;
    for_each_part(S, 1,
                  [&](const execution::PowerCycles& cycles, const costmodel::Cost& first,
                      const costmodel::Cost& later) {
                    bound += static_cast<double>(cycles.first) * prices_.least_s(first) +
                             static_cast<double>(cycles.later) * prices_.least_s(later);
                  });
    return kBoundSafety * bound;
  }

  /// The same of the design with batches of S tiles alone, which is no lower: what splits its
  /// batches evenly splits smaller ones, too. Multiple batches only.
  [[nodiscard]] double bound_of_s(std::int64_t S, double most_s) const {
    return kBoundSafety * bound_of_multiple_batches_s(S, S, most_s);
  }

 private:
  /// What all batches of S tiles do in the longest power cycles that there are, which fetch every
  /// operand as rarely as possible.
  struct LeastWork {
    costmodel::Cost cost = {};  ///< boots and their progress records left out
    double cycles = 0;          ///< power cycles
    double most_batches = 0;    ///< that a power cycle can hold: the mean of its part's at least
  };

  /// The search asks for that of one S several times.
  [[nodiscard]] const LeastWork& least_work(std::int64_t S) const {
    if (S != of_least_work_) {
      least_work_ = compute_least_work(S);
      of_least_work_ = S;
    }
    return least_work_;
  }

  [[nodiscard]] LeastWork compute_least_work(std::int64_t S) const {
    const execution::BatchGroups& groups = tiles_.groups();
    const std::int64_t longest = groups.extent / S * groups.steps * groups.joinable_outputs;
    LeastWork work{.most_batches = static_cast<double>(longest)};
    tiles_.for_each_part(
        prices_.overheads(), S, longest, [&](const costmodel::CyclePartCost& part) {
          const costmodel::Cost cost =
              part.cycles.first * part.first.work() + part.cycles.later * part.later.work();
          const auto cycles = static_cast<double>(part.cycles.all());
          work.cost = work.cost + cost;
          work.cycles += cycles;
          const double budget_j = static_cast<double>(longest) * cycles * prices_.room_j();
          work.most_batches =
              std::min(work.most_batches, budget_j / (kBoundSafety * cost.energy_j));
        });
    return work;
  }

  /// The least work of batches of S tiles, in as few power cycles as carry it that batches of
  /// `unit` tiles, which divides S, split evenly.
  [[nodiscard]] double bound_of_multiple_batches_s(std::int64_t S, std::int64_t unit,
                                                   double most_s) const {
    const LeastWork& work = least_work(S);
    const double rough_s = prices_.least_s(work.cost, work.cycles);
    if (kBoundSafety * rough_s > most_s) return rough_s;
    const double most = work.most_batches * static_cast<double>(S / unit);
    const std::int64_t K = execution::largest_batches_per_cycle(
        tiles_.groups(), unit,
        [&](std::int64_t batches) { return static_cast<double>(batches) <= most; });
    if (static_cast<double>(K) > most) return std::numeric_limits<double>::infinity();
    const execution::BatchGroups& groups = tiles_.groups();
    const std::int64_t batches = groups.extent / unit * groups.steps * groups.outputs;
    return prices_.least_s(work.cost, static_cast<double>(batches / K));
  }

  /// A longer cycle holds all that a shorter one holds.
  [[nodiscard]] std::int64_t largest_batches_per_cycle(std::int64_t S) const {
    const double most = least_work(S).most_batches;
    return execution::largest_batches_per_cycle(tiles_.groups(), S, [&](std::int64_t K) {
      return static_cast<double>(K) <= most && dearest_energy_j(S, K) <= prices_.budget_j();
    });
  }

  [[nodiscard]] double dearest_energy_j(std::int64_t S, std::int64_t K) const {
    double energy_j = 0;
    for_each_part(S, K,
                  [&](const execution::PowerCycles& cycles, const costmodel::Cost& first,
                      const costmodel::Cost& later) {
                    energy_j = std::max(energy_j, dearest_j(cycles, first, later));
                  });
    return energy_j;
  }

  /// Of the cycles that happen; see CyclePartCost::dearest.
  static double dearest_j(const execution::PowerCycles& cycles, const costmodel::Cost& first,
                          const costmodel::Cost& later) {
    return cycles.first == 0 ? later.energy_j : std::max(first.energy_j, later.energy_j);
  }

  /// Calls `visit(cycles, first, later)` for each part of the power cycles, with the costs of a
  /// cycle at the first step and at a later one; without later ones that of the first.
  template <class Visit>
  void for_each_part(std::int64_t S, std::int64_t K, Visit&& visit) const {
    tiles_.for_each_part(prices_.overheads(), S, K, [&](const costmodel::CyclePartCost& part) {
      const costmodel::Cost first = part.first.total();
      visit(part.cycles, first, part.cycles.later > 0 ? part.later.total() : first);
    });
  }

  [[nodiscard]] std::int64_t vm_bytes(std::int64_t S) const {
    return vm_.bytes(S, prices_.device().platform.data_bytes);
  }

  const DevicePrices& prices_;
  const Design& execution_;
  bool multiple_batches_;
  execution::VmValues vm_;
  Tiles tiles_;
  mutable LeastWork least_work_;
  mutable std::int64_t of_least_work_ = 0;  ///< its S; 0: of none yet
};

/// Calls `visit(ExecutionPrices)` for an execution; `counts` are those of its tile.
template <class Visit>
void with_prices(const DevicePrices& prices, const Layer& layer, const Design& execution,
                 const execution::TileCounts& counts, bool multiple_batches, Visit&& visit) {
  if (counts.uneven) {
    visit(ExecutionPrices<UnevenTiles>(prices, layer, execution, counts, multiple_batches));
  } else {
    visit(ExecutionPrices<EvenTiles>(prices, layer, execution, counts, multiple_batches));
  }
}

/// The same.
template <class Visit>
void with_prices(const DevicePrices& prices, const Layer& layer, const Design& execution,
                 bool multiple_batches, Visit&& visit) {
  with_prices(prices, layer, execution, execution::tile_counts(layer, execution.tile),
              multiple_batches, std::forward<Visit>(visit));
}

}  // namespace inas::explorer
