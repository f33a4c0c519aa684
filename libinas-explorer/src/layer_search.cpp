#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include <inas/costmodel/continuous.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/costmodel/schedule.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/explorer/design_space.hpp>
#include <inas/explorer/layer_search.hpp>

#include "continuous_search.hpp"
#include "design_pricer.hpp"
#include "fluid_search.hpp"
#include "tile_families.hpp"

namespace inas::explorer {
namespace {

using costmodel::Cost;
using costmodel::Device;

/// Keeps the best of the designs shown to it, and what the explanation needs if none is feasible.
class Selection {
 public:
  void consider(const DesignEvaluation& candidate) {
    if (candidate.feasible()) {
      if (!best_ || candidate.latency_s < best_->latency_s ||
          (candidate.latency_s == best_->latency_s && candidate.vm_bytes < best_->vm_bytes)) {
        best_ = candidate;
      }
    } else if (candidate.spatial) {
      if (!cheapest_ || candidate.energy_max_j < cheapest_->energy_max_j) cheapest_ = candidate;
    } else if (!smallest_ || candidate.vm_bytes < smallest_->vm_bytes) {
      smallest_ = candidate;
    }
  }

  [[nodiscard]] LayerResult result(const Device& device, const Layer& layer) const {
    if (best_) return {best_, std::nullopt};
    Infeasibility why;
    why.layer = layer.name;
    if (cheapest_) {
      why.constraint = Constraint::atomicity;
      why.nearest = cheapest_->design;
      why.needed = cheapest_->energy_max_j;
      why.available = costmodel::energy_budget_j(device.supply);
    } else {
      why.constraint = Constraint::spatial;
      why.available = static_cast<double>(execution::usable_vm_bytes(device.platform));
      if (smallest_) {
        why.nearest = smallest_->design;
        why.needed = static_cast<double>(smallest_->vm_bytes);
      }
    }
    return {std::nullopt, why};
  }

 private:
  std::optional<DesignEvaluation> best_;
  std::optional<DesignEvaluation> cheapest_;  ///< fits VM, least energy
  std::optional<DesignEvaluation> smallest_;  ///< least VM bytes
};

/// An execution that may hold the best design.
struct Candidate {
  std::size_t number = 0;  ///< in enumeration order
  double bound_s = 0;      ///< lower bound of its latency
  Design execution;
  /// With the largest feasible S; nothing if its bound rules it out.
  std::optional<DesignEvaluation> largest = {};
  std::span<const std::int64_t> smaller = {};  ///< the legal S below it
};

/// The executions whose bound does not exceed `least_s`, in enumeration order.
struct Candidates {
  std::vector<Candidate> executions;                         ///< none if no design is feasible
  double least_s = std::numeric_limits<double>::infinity();  ///< of a design, maybe the best one's
};

Candidates promising_executions(const DevicePrices& prices, const Layer& layer,
                                const DesignSpace& space, bool multiple_batches, double least) {
  Candidates found;
  found.least_s = least;
  double& least_s = found.least_s;
  const auto least_of_compute = [&](const Cost& compute) {
    const double chord_s = prices.least_s(compute);
    return chord_s > least_s ? chord_s : prices.least_s(compute, 1);
  };
  std::vector<Candidate>& candidates = found.executions;
  for (const Family& family :
       families_of(prices.device().profile, layer, space, least_of_compute)) {
    if (family.bound_s > least_s) continue;
    for_each_member(
        prices.device().profile, layer, space, family, prices.device().platform,
        PowerKind::intermittent, least_of_compute, [&] { return least_s; },
        [&](const FamilyMember& member) {
          const auto consider = [&](const auto& of_execution) {
            // Cheaper than to find the largest feasible S, where K makes that dear.
            if (multiple_batches) {
              const std::int64_t fitting = of_execution.largest_fitting(member.batches);
              if (fitting == 0 || of_execution.bound_to_s(fitting, least_s) > least_s) return;
            }
            const std::int64_t S = of_execution.largest_feasible(member.batches);
            if (S == 0) return;
            Candidate candidate{member.number, of_execution.bound_to_s(S, least_s),
                                member.execution};
            if (candidate.bound_s > least_s) return;
            candidate.smaller = member.batches.first(static_cast<std::size_t>(
                std::lower_bound(member.batches.begin(), member.batches.end(), S) -
                member.batches.begin()));
            if (!multiple_batches || of_execution.bound_of_s(S, least_s) <= least_s) {
              candidate.largest = of_execution.evaluate(S);
              least_s = std::min(least_s, candidate.largest->latency_s);
            } else if (candidate.smaller.empty()) {
              return;
            }
            candidates.push_back(candidate);
          };
          with_prices(prices, layer, member.execution, member.counts, multiple_batches, consider);
        });
  }
  std::erase_if(candidates, [&](const Candidate& of) { return of.bound_s > least_s; });
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.number < b.number; });
  return found;
}

}  // namespace

namespace {

/// The layer alone, its power cycles ended by the ledger.
void evaluate_with_ledger(const Device& device, const Layer& layer, DesignEvaluation& result) {
  const costmodel::SchedulePrices prices(device);
  const costmodel::ScheduledLayer of =
      costmodel::scheduled_layer(device, prices, layer, result.design);
  result.vm_bytes = execution::vm_bytes(layer, result.design, device.platform.data_bytes);
  result.atomicity = costmodel::fits(prices.ledger(), of.walked);
  if (!result.atomicity) {
    const costmodel::BatchEnergies& dearest = of.sums.dearest();
    result.energy_max_j = result.energy_min_j =
        prices.overheads().of_cycle().energy_j + dearest.entry_j + dearest.fetched_j;
    result.latency_s = std::numeric_limits<double>::infinity();
    return;
  }
  costmodel::Schedule schedule(prices);
  schedule.run(of);
  schedule.finish();
  const costmodel::ScheduleTotals& totals = schedule.totals();
  result.energy_max_j = totals.energy_max_j;
  result.energy_min_j = totals.energy_min_j;
  result.latency_s = totals.latency_s;
  result.cycles.first = totals.power_cycles;
}

}  // namespace

DesignEvaluation evaluate(const Device& device, const Layer& layer, const Design& design) {
  DesignEvaluation result;
  result.design = design;
  if (device.supply.kind == PowerKind::continuous) {
    const Cost total = costmodel::continuous_cost(device.profile, layer, design).total();
    result.vm_bytes = execution::vm_bytes(layer, design, device.platform.data_bytes);
    result.energy_max_j = total.energy_j;
    result.energy_min_j = total.energy_j;
    result.latency_s = total.latency_s;
    result.atomicity = true;
  } else if (design.batches_per_cycle == 0) {
    evaluate_with_ledger(device, layer, result);
  } else {
    const costmodel::IntermittentCost cost = costmodel::intermittent_cost(device, layer, design);
    result.vm_bytes = cost.vm_bytes;
    result.energy_max_j = cost.max().energy_j;
    result.energy_min_j = cost.min().energy_j;
    result.latency_s = cost.latency_s;
    result.cycles = cost.cycles;
    result.atomicity = cost.atomic();
  }
  result.spatial = result.vm_bytes <= execution::usable_vm_bytes(device.platform);
  return result;
}

LayerResult best_design_by_sweep(const Device& device, const Layer& layer,
                                 const ExplorerSettings& offered) {
  validate(layer);
  const ExplorerSettings settings = with_units(offered, device.profile);
  Selection selection;
  if (device.supply.kind == PowerKind::continuous) {
    for_each_design(layer, settings, device.supply.kind, [&](const Design& design) {
      selection.consider(evaluate(device, layer, design));
    });
    return selection.result(device, layer);
  }
  const DevicePrices prices(device);
  for_each_execution(layer, settings, device.supply.kind,
                     [&](const Design& execution, std::span<const std::int64_t> batches) {
                       with_prices(prices, layer, execution, settings.multiple_batches,
                                   [&](const auto& of_execution) {
                                     for (const std::int64_t S : batches) {
                                       selection.consider(of_execution.evaluate(S));
                                     }
                                   });
                     });
  LayerResult result = selection.result(device, layer);
  if (result.best && runs_on(settings, device)) {
    result.fluid = best_fluid_design_by_sweep(device, layer, settings);
  }
  return result;
}

LayerResult best_design(const Device& device, const Layer& layer, const ExplorerSettings& offered) {
  const ExplorerSettings settings = with_units(offered, device.profile);
  if (device.supply.kind == PowerKind::continuous) {
    return best_continuous_design(device, layer, settings);
  }
  validate(layer);
  const DevicePrices prices(device);
  const DesignSpace space(layer, settings, PowerKind::intermittent);
  std::optional<FluidDesign> fluid;
  double seed_s = std::numeric_limits<double>::infinity();
  if (runs_on(settings, device)) {
    fluid = best_fluid_design(device, layer, space);
    if (fluid) {
      Design execution = fluid->design;
      execution.batch = execution.batches_per_cycle = 1;
      with_prices(prices, layer, execution, settings.multiple_batches,
                  [&](const auto& of_execution) {
                    for (const std::int64_t S : space.batches_of(fluid->design)) {
                      seed_s = std::min(seed_s, of_execution.evaluate(S).latency_s);
                    }
                  });
    }
  }
  auto [candidates, least_s] =
      promising_executions(prices, layer, space, settings.multiple_batches, seed_s);
  // Why nothing is feasible only a sweep can tell.
  if (candidates.empty()) return best_design_by_sweep(device, layer, settings);
  Selection selection;
  for (const Candidate& candidate : candidates) {
    if (candidate.bound_s > least_s) continue;
    if (!candidate.smaller.empty()) {
      with_prices(
          prices, layer, candidate.execution, settings.multiple_batches,
          [&, &least_s = least_s](const auto& of_execution) {
            // What bounds a batch bounds every smaller one.
            const auto first = std::partition_point(
                candidate.smaller.begin(), candidate.smaller.end(),
                [&](std::int64_t S) { return of_execution.bound_to_s(S, least_s) > least_s; });
            for (const std::int64_t S : std::span(first, candidate.smaller.end())) {
              if (settings.multiple_batches && of_execution.bound_of_s(S, least_s) > least_s) {
                continue;
              }
              const DesignEvaluation evaluation = of_execution.evaluate(S);
              selection.consider(evaluation);
              least_s = std::min(least_s, evaluation.latency_s);
            }
          });
    }
    if (candidate.largest) selection.consider(*candidate.largest);
  }
  LayerResult result = selection.result(device, layer);
  result.fluid = fluid;
  return result;
}

}  // namespace inas::explorer
