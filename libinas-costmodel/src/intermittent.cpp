#include <limits>
#include <optional>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/execution/design_check.hpp>

namespace inas::costmodel {
namespace {

/// Values of a progress record that is written.
constexpr std::int64_t kRecordValues = 4;

/// Calls `visit(CyclePartCost)` for each part of the power cycles, the one with the interior tiles
/// first, if there are any: one unless the tiles are uneven.
template <class Visit>
void for_each_part(const Profile& profile, const Layer& layer, const Design& design,
                   execution::InputExtent extent, Visit&& visit) {
  const std::int64_t S = design.batch;
  const std::int64_t K = design.batches_per_cycle;
  const CycleOverheads overheads = cycle_overheads(profile);
  const execution::TileCounts counts = execution::tile_counts(layer, design.tile);
  const execution::BatchGroups groups =
      execution::batch_groups(layer, counts, design.order, profile.first_sums());
  if (!counts.uneven) {
    const BatchTerms terms = batch_terms(profile, layer, design, {}, extent);
    visit(cycle_costs(terms, overheads, S, execution::cycle_plan(groups, S, K)));
    return;
  }
  const auto shapes = execution::tile_shapes(layer, design.tile);
  const ShapeTerms terms = shape_terms(profile, layer, design, shapes, extent);
  for (const execution::CyclePart& part : execution::cycle_parts(groups, shapes, S, K)) {
    if (part.plan.cycles() == 0) break;
    visit(cycle_costs(terms, overheads, S, part));
  }
}

CyclePartCost dearest_part(const Profile& profile, const Layer& layer, const Design& design,
                           execution::InputExtent extent) {
  std::optional<CyclePartCost> dearest;
  for_each_part(profile, layer, design, extent, [&](const CyclePartCost& part) {
    if (!dearest || part.dearest().energy_j > dearest->dearest().energy_j) dearest = part;
  });
  return *dearest;
}

/// Do later power cycles fetch what first ones do not? Sums are the same either way, but not their
/// rounding.
bool differs_by_step(const Layer& layer, const Profile& profile) {
  const execution::LayerFacts& facts = execution::facts_of(layer);
  return execution::has_partial_sums(facts) &&
         !execution::fetches_first_sums(facts, profile.first_sums());
}

/// Checks the design; with K = 0 power cycles are not alike.
void check_regular(const Layer& layer, const Design& design) {
  execution::check_design(layer, design);
  if (design.batches_per_cycle > 0) return;
  throw InvalidArgument(
      fmt::format("{}: design {}: K is 0, allowed where power cycles are alike: 1 or more",
                  layer.name, to_string(design)));
}

}  // namespace

CycleOverheads cycle_overheads(const Profile& profile) {
  CycleOverheads overheads;
  overheads.boot = profile.reboot + profile.nvm_start + profile.runtime.cycle;
  overheads.index_fetch = profile.nvm_read(profile.progress_values);
  if (profile.count_values > 0) overheads.count = profile.nvm_write(profile.count_values);
  overheads.record = profile.nvm_write(kRecordValues);
  return overheads;
}

CycleCost cycle_cost(const Profile& profile, const Layer& layer, const Design& design,
                     execution::InputStep step, execution::InputExtent extent) {
  const CyclePartCost dearest = dearest_part(profile, layer, design, extent);
  return step == execution::InputStep::first ? dearest.first : dearest.later;
}

IntermittentCost intermittent_cost(const Device& device, const Layer& layer, const Design& design,
                                   execution::InputExtent extent) {
  check_regular(layer, design);
  IntermittentCost cost;
  bool is_leading = true;
  for_each_part(device.profile, layer, design, extent, [&](const CyclePartCost& part) {
    if (is_leading) {
      cost.first = part.first;
      cost.later = part.later;
      is_leading = false;
    } else {
      cost.border.push_back(part);
    }
    cost.cycles.first += part.cycles.first;
    cost.cycles.later += part.cycles.later;
  });
  cost.vm_bytes = execution::vm_bytes(layer, design, device.platform.data_bytes);
  cost.budget_j = energy_budget_j(device.supply);

  const Cost min = cost.min();
  const Cost later = cost.dearest_cycles().later > 0 ? cost.later.total() : min;
  const auto recharge = [&,
                         time_s = Recharge(device.profile.faults, device.supply)](double energy_j) {
    return energy_j <= cost.budget_j ? time_s(energy_j) : std::numeric_limits<double>::infinity();
  };
  cost.recharge_min_s = recharge(min.energy_j);
  cost.recharge_max_s = recharge(later.energy_j);
  if (!cost.atomic()) {
    cost.latency_s = std::numeric_limits<double>::infinity();
    return cost;
  }
  cost.latency_s = layer_latency_s(cost.dearest_cycles(), min.latency_s, cost.recharge_min_s,
                                   later.latency_s, cost.recharge_max_s);
  for (const CyclePartCost& part : cost.border) {
    const Cost first = part.first.total();
    const Cost then = part.cycles.later > 0 ? part.later.total() : first;
    cost.latency_s += layer_latency_s(part.cycles, first.latency_s, recharge(first.energy_j),
                                      then.latency_s, recharge(then.energy_j));
  }
  return cost;
}

void refuse_unit(const Profile& profile, const Layer& layer, const Design& design) {
  throw InvalidArgument(
      fmt::format("{}: design {}: the profile {} has no law for vectors on the {}, allowed: a "
                  "design for the {}, "
                  "or a profile with {}",
                  layer.name, to_string(design), profile.name, to_string(design.unit),
                  to_string(design.unit == Unit::cpu ? Unit::lea : Unit::cpu),
                  design.unit == Unit::cpu ? "cpu_mac" : "vector_mac"));
}

void refuse_kernel(const Profile& profile, const Layer& layer) {
  throw InvalidArgument(fmt::format(
      "{}: the profile {} has no laws for layers of type {}, allowed: another layer, or "
      "a profile with runtime.cycles of its kernel",
      layer.name, profile.name, to_string(layer.type)));
}

NvmTraffic nvm_traffic(const Profile& profile, const Layer& layer, const Design& design) {
  check_regular(layer, design);
  NvmTraffic traffic;
  for_each_part(
      profile, layer, design, queried_input_extent(profile.faults), [&](const CyclePartCost& part) {
        const auto& [first, later, cycles] = part;
        traffic.read =
            traffic.read + (differs_by_step(layer, profile)
                                ? cycles.later * later.fetch + cycles.first * first.fetch +
                                      cycles.all() * first.index_fetch
                                : cycles.all() * (first.fetch + first.index_fetch));
        traffic.write =
            traffic.write + cycles.all() * (first.backup + first.index_backup + first.count);
      });
  return traffic;
}

NvmTraffic published_single_cycle_traffic(const Profile& profile, const Layer& layer,
                                          const Design& design) {
  check_regular(layer, design);
  const auto [first, later, cycles] =
      dearest_part(profile, layer, design, queried_input_extent(profile.faults));
  return {.read = differs_by_step(layer, profile) ? later.fetch + first.fetch + first.index_fetch
                                                  : first.fetch + first.index_fetch,
          .write = first.backup + first.index_backup + first.count};
}

}  // namespace inas::costmodel
