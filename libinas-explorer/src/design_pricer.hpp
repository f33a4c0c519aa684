#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

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

/// Prices the designs of one tile, loop order, mac and dma, exactly as `evaluate` does.
class ExecutionPrices {
 public:
  ExecutionPrices(const DevicePrices& prices, const Layer& layer, const Design& execution,
                  bool multiple_batches)
      : prices_(prices),
        layer_(layer),
        execution_(execution),
        multiple_batches_(multiple_batches),
        groups_(costmodel::batch_groups(layer, costmodel::tile_counts(layer, execution.tile),
                                        execution.order)),
        terms_(costmodel::batch_terms(prices.device().profile, layer, execution)) {}

  /// The design with batches of S tiles and K = 1, or the largest legal K whose power cycles stay
  /// within the budget.
  [[nodiscard]] DesignEvaluation evaluate(std::int64_t S) const {
    DesignEvaluation result;
    result.design = execution_;
    result.design.batch = S;
    result.vm_bytes =
        costmodel::vm_bytes(layer_, result.design, prices_.device().platform.data_bytes);
    result.latency_s = std::numeric_limits<double>::infinity();
    result.spatial = result.vm_bytes <= prices_.device().platform.vm_bytes;
    if (!result.spatial) return result;
    const std::int64_t K = multiple_batches_ ? largest_batches_per_cycle(S) : 1;
    result.design.batches_per_cycle = K;
    const costmodel::CyclePlan plan = plan_of(S, K);
    result.cycles = {plan.first.count, plan.later.count};
    const costmodel::Cost first = cycle_total(S, plan.first);
    const costmodel::Cost max = plan.later.count > 0 ? cycle_total(S, plan.later) : first;
    result.energy_min_j = first.energy_j;
    result.energy_max_j = max.energy_j;
    result.atomicity = max.energy_j <= prices_.budget_j();
    if (!result.atomicity) return result;
    const double recharge_min_s = prices_.recharge_s(first.energy_j);
    const double recharge_max_s =
        plan.later.count > 0 ? prices_.recharge_s(max.energy_j) : recharge_min_s;
    result.latency_s = costmodel::layer_latency_s(result.cycles, first.latency_s, recharge_min_s,
                                                  max.latency_s, recharge_max_s);
    return result;
  }

  /// A lower bound of the latency of the design with batch S: recharging costs at least the chord.
  /// As all its terms are constant or fall with S, its value at the largest S bounds every S.
  [[nodiscard]] double latency_bound_s(std::int64_t S) const {
    // The bound is a sum of some tens of rounded terms, each off by one part in 2⁵³ at most.
    constexpr double kSafety = 1 - 1e-12;
    if (multiple_batches_) return kSafety * bound_of_multiple_batches_s(S);
    const costmodel::CyclePlan plan = plan_of(S, 1);
    double bound = with_recharge(plan.first.count, cycle_total(S, plan.first));
    if (plan.later.count > 0) bound += with_recharge(plan.later.count, cycle_total(S, plan.later));
    return kSafety * bound;
  }

 private:
  /// The whole layer as one power cycle, which fetches every operand once, and besides as many
  /// boots as its energy needs at least: each power cycle carries at most the budget less its own
  /// overheads.
  [[nodiscard]] double bound_of_multiple_batches_s(std::int64_t S) const {
    const std::int64_t batches = groups_.extent / S * groups_.steps * groups_.outputs;
    const costmodel::Cost all = cycle_total(S, plan_of(S, batches).first);
    const costmodel::Cost overheads = prices_.overheads().boot + prices_.overheads().index_fetch;
    const double room_j = prices_.budget_j() - overheads.energy_j;
    if (room_j <= 0) return std::numeric_limits<double>::infinity();
    const double work_j = all.energy_j - overheads.energy_j;
    const double cycles = std::max(1.0, work_j / room_j);
    return with_recharge(1, all) + (cycles - 1) * with_recharge(1, overheads);
  }

  [[nodiscard]] double with_recharge(std::int64_t count, const costmodel::Cost& cycle) const {
    return static_cast<double>(count) *
           (cycle.latency_s + prices_.recharge_s_per_j() * cycle.energy_j);
  }

  [[nodiscard]] std::int64_t largest_batches_per_cycle(std::int64_t S) const {
    const std::vector<std::int64_t> legal = costmodel::legal_batches_per_cycle(groups_, S);
    // A longer cycle holds all that a shorter one holds, so what fits is a beginning of the list.
    const auto too_many = std::partition_point(legal.begin() + 1, legal.end(), [&](std::int64_t K) {
      const costmodel::CyclePlan plan = plan_of(S, K);
      const costmodel::CycleKind& dearest = plan.later.count > 0 ? plan.later : plan.first;
      return cycle_total(S, dearest).energy_j <= prices_.budget_j();
    });
    return *(too_many - 1);
  }

  [[nodiscard]] costmodel::CyclePlan plan_of(std::int64_t S, std::int64_t K) const {
    return costmodel::cycle_plan(groups_, S, K);
  }

  [[nodiscard]] costmodel::Cost cycle_total(std::int64_t S,
                                            const costmodel::CycleKind& kind) const {
    return costmodel::cycle_cost(terms_, prices_.overheads(), S, kind).total();
  }

  const DevicePrices& prices_;
  const Layer& layer_;
  const Design& execution_;
  bool multiple_batches_;
  costmodel::BatchGroups groups_;
  costmodel::BatchTerms terms_;
};

}  // namespace inas::explorer
