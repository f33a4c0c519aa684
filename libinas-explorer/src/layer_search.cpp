#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include <inas/costmodel/continuous.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/explorer/design_space.hpp>
#include <inas/explorer/layer_search.hpp>

#include "design_pricer.hpp"

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
      why.nearest = smallest_->design;
      why.needed = static_cast<double>(smallest_->vm_bytes);
      why.available = static_cast<double>(device.platform.vm_bytes);
    }
    return {std::nullopt, why};
  }

 private:
  std::optional<DesignEvaluation> best_;
  std::optional<DesignEvaluation> cheapest_;  ///< fits VM, least energy
  std::optional<DesignEvaluation> smallest_;  ///< least VM bytes
};

}  // namespace

DesignEvaluation evaluate(const Device& device, const Layer& layer, const Design& design) {
  DesignEvaluation result;
  result.design = design;
  if (device.supply.kind == PowerKind::continuous) {
    const Cost total = costmodel::continuous_cost(device.profile, layer, design).total();
    result.vm_bytes = costmodel::vm_bytes(layer, design, device.platform.data_bytes);
    result.energy_max_j = total.energy_j;
    result.energy_min_j = total.energy_j;
    result.latency_s = total.latency_s;
    result.atomicity = true;
  } else {
    const costmodel::IntermittentCost cost = costmodel::intermittent_cost(device, layer, design);
    result.vm_bytes = cost.vm_bytes;
    result.energy_max_j = cost.max().energy_j;
    result.energy_min_j = cost.min().energy_j;
    result.latency_s = cost.latency_s;
    result.cycles = cost.cycles;
    result.atomicity = cost.atomic();
  }
  result.spatial = result.vm_bytes <= device.platform.vm_bytes;
  return result;
}

LayerResult best_design_by_sweep(const Device& device, const Layer& layer,
                                 const ExplorerSettings& settings) {
  validate(layer);
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
                       const ExecutionPrices of_execution(prices, layer, execution,
                                                          settings.multiple_batches);
                       for (const std::int64_t S : batches) {
                         selection.consider(of_execution.evaluate(S));
                       }
                     });
  return selection.result(device, layer);
}

LayerResult best_design(const Device& device, const Layer& layer,
                        const ExplorerSettings& settings) {
  if (device.supply.kind == PowerKind::continuous) {
    return best_design_by_sweep(device, layer, settings);
  }
  validate(layer);
  const DevicePrices prices(device);

  // First pass: a lower bound of every execution. The best designs of the most promising ones bound
  // the optimum from above.
  std::vector<double> bounds;
  double least_bound = std::numeric_limits<double>::infinity();
  double upper_bound = std::numeric_limits<double>::infinity();
  for_each_execution(layer, settings, device.supply.kind,
                     [&](const Design& execution, std::span<const std::int64_t> batches) {
                       const ExecutionPrices of_execution(prices, layer, execution,
                                                          settings.multiple_batches);
                       const double bound = of_execution.latency_bound_s(batches.back());
                       bounds.push_back(bound);
                       if (bound >= least_bound) return;
                       for (const std::int64_t S : batches) {
                         const DesignEvaluation candidate = of_execution.evaluate(S);
                         if (!candidate.feasible()) continue;
                         least_bound = bound;
                         upper_bound = std::min(upper_bound, candidate.latency_s);
                       }
                     });

  // Second pass, in enumeration order, so that ties fall as in the sweep: only what may still be
  // best.
  Selection selection;
  auto bound = bounds.begin();
  for_each_execution(layer, settings, device.supply.kind,
                     [&](const Design& execution, std::span<const std::int64_t> batches) {
                       if (*bound++ > upper_bound) return;
                       const ExecutionPrices of_execution(prices, layer, execution,
                                                          settings.multiple_batches);
                       for (const std::int64_t S : batches) {
                         const DesignEvaluation candidate = of_execution.evaluate(S);
                         selection.consider(candidate);
                         upper_bound = std::min(upper_bound, candidate.latency_s);
                       }
                     });
  return selection.result(device, layer);
}

}  // namespace inas::explorer
