#include <limits>

#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/recharge.hpp>

namespace inas::costmodel {
namespace {

/// Values of a progress record, as the published model counts it (the firmware's holds more: fault
/// 17).
constexpr std::int64_t kIndexValues = 4;

PoolInput queried_pool_input(const Profile& profile) {
  return profile.faults.pool_fetches_convolution_tile ? PoolInput::convolution : PoolInput::own;
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
                     InputStep step, PoolInput pool) {
  const BatchTerms terms = batch_terms(profile, layer, design, pool);
  const BatchGroups groups = batch_groups(layer, tile_counts(layer, design.tile), design.order);
  const CyclePlan plan = cycle_plan(groups, design.batch, design.batches_per_cycle);
  return cycle_cost(terms, cycle_overheads(profile), design.batch,
                    step == InputStep::first ? plan.first : plan.later);
}

IntermittentCost intermittent_cost(const Device& device, const Layer& layer, const Design& design,
                                   PoolInput pool) {
  check_design(layer, design);
  IntermittentCost cost;
  cost.first = cycle_cost(device.profile, layer, design, InputStep::first, pool);
  cost.later = cycle_cost(device.profile, layer, design, InputStep::later, pool);
  cost.cycles = power_cycles(layer, design);
  cost.vm_bytes = vm_bytes(layer, design, device.platform.data_bytes);
  cost.budget_j = energy_budget_j(device.supply);

  const Cost min = cost.min();
  const Cost max = cost.max();
  const auto recharge = [&](double energy_j) {
    return energy_j <= cost.budget_j
               ? recharge_time_s(device.profile.faults, device.supply, energy_j)
               : std::numeric_limits<double>::infinity();
  };
  cost.recharge_min_s = recharge(min.energy_j);
  cost.recharge_max_s = recharge(max.energy_j);
  cost.latency_s = cost.atomic() ? layer_latency_s(cost.cycles, min.latency_s, cost.recharge_min_s,
                                                   max.latency_s, cost.recharge_max_s)
                                 : std::numeric_limits<double>::infinity();
  return cost;
}

NvmTraffic nvm_traffic(const Profile& profile, const Layer& layer, const Design& design) {
  check_design(layer, design);
  const PoolInput pool = queried_pool_input(profile);
  const CycleCost first = cycle_cost(profile, layer, design, InputStep::first, pool);
  const CycleCost later = cycle_cost(profile, layer, design, InputStep::later, pool);
  const PowerCycles cycles = power_cycles(layer, design);
  const bool pooling = layer.type == LayerType::global_average_pool;
  const Cost read = pooling ? cycles.all() * (first.fetch + first.index_fetch)
                            : cycles.later * later.fetch + cycles.first * first.fetch +
                                  cycles.all() * first.index_fetch;
  return {.read = read, .write = cycles.all() * (first.backup + first.index_backup)};
}

NvmTraffic published_single_cycle_traffic(const Profile& profile, const Layer& layer,
                                          const Design& design) {
  check_design(layer, design);
  const PoolInput pool = queried_pool_input(profile);
  const CycleCost first = cycle_cost(profile, layer, design, InputStep::first, pool);
  const CycleCost later = cycle_cost(profile, layer, design, InputStep::later, pool);
  const bool pooling = layer.type == LayerType::global_average_pool;
  return {.read = pooling ? first.fetch + first.index_fetch
                          : later.fetch + first.fetch + first.index_fetch,
          .write = first.backup + first.index_backup};
}

}  // namespace inas::costmodel
