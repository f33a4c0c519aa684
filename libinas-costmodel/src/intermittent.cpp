#include <limits>
#include <optional>

#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/execution/design_check.hpp>

namespace inas::costmodel {
namespace {

/// Values of a progress record, as the published model counts it (the firmware's holds more: fault
/// 17).
constexpr std::int64_t kIndexValues = 4;

/// Calls `visit(CyclePartCost)` for each part of the power cycles, the dearest first: one unless
/// the tiles are ragged.
template <class Visit>
void for_each_part(const Profile& profile, const Layer& layer, const Design& design,
                   execution::InputExtent extent, Visit&& visit) {
  const std::int64_t S = design.batch;
  const std::int64_t K = design.batches_per_cycle;
  const CycleCost overheads = cycle_overheads(profile);
  const execution::TileCounts counts = execution::tile_counts(layer, design.tile);
  const execution::BatchGroups groups = execution::batch_groups(layer, counts, design.order);
  if (!counts.ragged) {
    const BatchTerms terms = batch_terms(profile, layer, design, extent);
    visit(cycle_costs(terms, overheads, S, execution::cycle_plan(groups, S, K)));
    return;
  }
  const auto shapes = execution::tile_shapes(layer, design.tile);
  const ShapeTerms terms = shape_terms(profile, layer, design, shapes, extent);
  for (const execution::CyclePart& part : execution::cycle_parts(groups, shapes, S, K)) {
    if (part.plan.first.count == 0) break;
    visit(cycle_costs(terms, overheads, S, part));
  }
}

CyclePartCost dearest_part(const Profile& profile, const Layer& layer, const Design& design,
                           execution::InputExtent extent) {
  std::optional<CyclePartCost> dearest;
  for_each_part(profile, layer, design, extent, [&](const CyclePartCost& part) {
    if (!dearest) dearest = part;
  });
  return *dearest;
}

}  // namespace

CycleCost cycle_overheads(const Profile& profile) {
  CycleCost cost;
  cost.boot = profile.reboot;
  cost.index_fetch = profile.nvm_read(kIndexValues);
  cost.index_backup = profile.nvm_write(kIndexValues);
  return cost;
}

CycleCost cycle_cost(const Profile& profile, const Layer& layer, const Design& design,
                     execution::InputStep step, execution::InputExtent extent) {
  const CyclePartCost dearest = dearest_part(profile, layer, design, extent);
  return step == execution::InputStep::first ? dearest.first : dearest.later;
}

IntermittentCost intermittent_cost(const Device& device, const Layer& layer, const Design& design,
                                   execution::InputExtent extent) {
  execution::check_design(layer, design);
  IntermittentCost cost;
  bool is_dearest = true;
  for_each_part(device.profile, layer, design, extent, [&](const CyclePartCost& part) {
    if (is_dearest) {
      cost.first = part.first;
      cost.later = part.later;
      is_dearest = false;
    } else {
      cost.border.push_back(part);
    }
    cost.cycles.first += part.cycles.first;
    cost.cycles.later += part.cycles.later;
  });
  cost.vm_bytes = execution::vm_bytes(layer, design, device.platform.data_bytes);
  cost.budget_j = energy_budget_j(device.supply);

  const Cost min = cost.min();
  const Cost max = cost.max();
  const auto recharge = [&,
                         time_s = Recharge(device.profile.faults, device.supply)](double energy_j) {
    return energy_j <= cost.budget_j ? time_s(energy_j) : std::numeric_limits<double>::infinity();
  };
  cost.recharge_min_s = recharge(min.energy_j);
  cost.recharge_max_s = recharge(max.energy_j);
  if (!cost.atomic()) {
    cost.latency_s = std::numeric_limits<double>::infinity();
    return cost;
  }
  cost.latency_s = layer_latency_s(cost.dearest_cycles(), min.latency_s, cost.recharge_min_s,
                                   max.latency_s, cost.recharge_max_s);
  for (const CyclePartCost& part : cost.border) {
    const Cost first = part.first.total();
    const Cost later = part.cycles.later > 0 ? part.later.total() : first;
    cost.latency_s += layer_latency_s(part.cycles, first.latency_s, recharge(first.energy_j),
                                      later.latency_s, recharge(later.energy_j));
  }
  return cost;
}

NvmTraffic nvm_traffic(const Profile& profile, const Layer& layer, const Design& design) {
  execution::check_design(layer, design);
  const bool has_steps = execution::facts_of(layer).reads == execution::InputChannels::steps;
  NvmTraffic traffic;
  for_each_part(
      profile, layer, design, queried_input_extent(profile.faults), [&](const CyclePartCost& part) {
        const auto& [first, later, cycles] = part;
        traffic.read =
            traffic.read + (has_steps ? cycles.later * later.fetch + cycles.first * first.fetch +
                                            cycles.all() * first.index_fetch
                                      : cycles.all() * (first.fetch + first.index_fetch));
        traffic.write = traffic.write + cycles.all() * (first.backup + first.index_backup);
      });
  return traffic;
}

NvmTraffic published_single_cycle_traffic(const Profile& profile, const Layer& layer,
                                          const Design& design) {
  execution::check_design(layer, design);
  const auto [first, later, cycles] =
      dearest_part(profile, layer, design, queried_input_extent(profile.faults));
  const bool has_steps = execution::facts_of(layer).reads == execution::InputChannels::steps;
  return {.read = has_steps ? later.fetch + first.fetch + first.index_fetch
                            : first.fetch + first.index_fetch,
          .write = first.backup + first.index_backup};
}

}  // namespace inas::costmodel
