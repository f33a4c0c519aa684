#pragma once

#include <cstdint>
#include <limits>

#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/explorer/layer_search.hpp>

namespace inas::explorer {

/// What pricing a design needs to know of the device, computed once. Intermittent power only.
class DevicePrices {
 public:
  explicit DevicePrices(const costmodel::Device& device)
      : device_(&device),
        budget_j_(costmodel::energy_budget_j(device.supply)),
        overheads_(costmodel::cycle_overheads(device.profile)),
        recharge_s_per_j_(least_recharge_per_joule()) {}

  [[nodiscard]] const costmodel::Device& device() const { return *device_; }
  [[nodiscard]] double budget_j() const { return budget_j_; }
  [[nodiscard]] const costmodel::CycleCost& overheads() const { return overheads_; }

  [[nodiscard]] double recharge_s(double energy_j) const {
    return costmodel::recharge_time_s(device_->profile.faults, device_->supply, energy_j);
  }

  /// A number r with recharge_s(E) ≥ r·E for all E from 0 to the budget.
  ///
  /// With V the voltage that a cycle leaves, dt/dE = R/((V_sup − V)·V), which falls as E grows
  /// while V ≥ V_sup/2: there t is concave, and with t(0) ≥ 0 the chord from 0 to the budget lies
  /// below it. If the budget reaches lower voltages, 0 is used.
  [[nodiscard]] double recharge_s_per_j() const { return recharge_s_per_j_; }

 private:
  [[nodiscard]] double least_recharge_per_joule() const {
    // Rounding of the chord's slope must not lift it above the curve.
    constexpr double kSafety = 1 - 1e-9;
    const PowerSupply& supply = device_->supply;
    if (supply.voff_v < supply.vsup_v / 2) return 0;
    return kSafety * recharge_s(budget_j_) / budget_j_;
  }

  const costmodel::Device* device_;
  double budget_j_;
  costmodel::CycleCost overheads_;
  double recharge_s_per_j_;
};

/// Prices the designs of one tile in one loop order, exactly as `evaluate` does.
class TilePrices {
 public:
  TilePrices(const DevicePrices& prices, const Layer& layer, const Tile& tile, LoopOrder order)
      : prices_(prices),
        layer_(layer),
        tile_(tile),
        order_(order),
        counts_(costmodel::tile_counts(layer, tile)),
        first_shrinks_(order != LoopOrder::reuse_O || layer.type == LayerType::global_average_pool),
        terms_(costmodel::batch_terms(prices.device().profile, layer, tile, order)) {}

  [[nodiscard]] DesignEvaluation evaluate(std::int64_t S) const {
    DesignEvaluation result;
    result.design = {tile_, order_, S};
    result.vm_bytes =
        costmodel::vm_bytes(layer_, result.design, prices_.device().platform.data_bytes);
    result.latency_s = std::numeric_limits<double>::infinity();
    result.spatial = result.vm_bytes <= prices_.device().platform.vm_bytes;
    if (!result.spatial) return result;
    const costmodel::Cost first = cycle_total(S, costmodel::InputStep::first);
    result.cycles = cycles(S);
    const costmodel::Cost max =
        result.cycles.later > 0 ? cycle_total(S, costmodel::InputStep::later) : first;
    result.energy_min_j = first.energy_j;
    result.energy_max_j = max.energy_j;
    result.atomicity = max.energy_j <= prices_.budget_j();
    if (!result.atomicity) return result;
    const double recharge_min_s = prices_.recharge_s(first.energy_j);
    const double recharge_max_s =
        result.cycles.later > 0 ? prices_.recharge_s(max.energy_j) : recharge_min_s;
    result.latency_s = costmodel::layer_latency_s(result.cycles, first.latency_s, recharge_min_s,
                                                  max.latency_s, recharge_max_s);
    return result;
  }

  /// A lower bound of the latency of the design with batch S: recharging costs at least the chord.
  /// As all its terms are constant or fall with S, its value at the largest S bounds every S.
  [[nodiscard]] double latency_bound_s(std::int64_t S) const {
    // The bound is a sum of about twenty rounded terms, each off by one part in 2⁵³ at most.
    constexpr double kSafety = 1 - 1e-12;
    const costmodel::PowerCycles n = cycles(S);
    const double slope = prices_.recharge_s_per_j();
    const costmodel::Cost first = cycle_total(S, costmodel::InputStep::first);
    double bound = static_cast<double>(n.first) * (first.latency_s + slope * first.energy_j);
    if (n.later > 0) {
      const costmodel::Cost later = cycle_total(S, costmodel::InputStep::later);
      bound += static_cast<double>(n.later) * (later.latency_s + slope * later.energy_j);
    }
    return kSafety * bound;
  }

 private:
  [[nodiscard]] costmodel::PowerCycles cycles(std::int64_t S) const {
    const std::int64_t first = counts_.per_input_step() / (first_shrinks_ ? S : 1);
    return {first, counts_.all() / S - first};
  }

  [[nodiscard]] costmodel::Cost cycle_total(std::int64_t S, costmodel::InputStep step) const {
    costmodel::CycleCost cycle = prices_.overheads();
    cycle.fetch = batch_fetch(terms_, S, step);
    cycle.compute = batch_compute(terms_, S);
    cycle.backup = batch_backup(terms_, S);
    return cycle.total();
  }

  const DevicePrices& prices_;
  const Layer& layer_;
  const Tile& tile_;
  LoopOrder order_;
  costmodel::TileCounts counts_;
  bool first_shrinks_;
  costmodel::BatchTerms terms_;
};

}  // namespace inas::explorer
