#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/version.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/costmodel/schedule.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/explorer/make_solution.hpp>

#include "network_schedule.hpp"

namespace inas::explorer {
namespace {

double budget_j(const PowerSupply& supply) {
  return supply.kind == PowerKind::continuous ? 0 : costmodel::energy_budget_j(supply);
}

Infeasibility broken_by_layer(Constraint constraint, const Layer& layer, std::size_t index,
                              const Design& design, double needed, double available) {
  return {.constraint = constraint,
          .layer = layer.name,
          .layer_index = static_cast<std::int64_t>(index),
          .nearest = design,
          .of_given_design = true,
          .needed = needed,
          .available = available};
}

costmodel::Device device_of(const Settings& settings) {
  return costmodel::make_device(settings.platform, settings.power);
}

std::vector<Infeasibility> broken_constraints(const costmodel::Device& device,
                                              const Solution& solution,
                                              const NetworkResult& priced) {
  std::vector<Infeasibility> broken;
  for (std::size_t index = 0; index < priced.layers.size(); ++index) {
    const Layer& layer = solution.layers[index].layer;
    const DesignEvaluation& of_layer = priced.layers[index];
    if (!of_layer.spatial) {
      broken.push_back(
          broken_by_layer(Constraint::spatial, layer, index, of_layer.design,
                          static_cast<double>(of_layer.vm_bytes),
                          static_cast<double>(execution::usable_vm_bytes(device.platform))));
    }
    if (!of_layer.atomicity) {
      broken.push_back(broken_by_layer(Constraint::atomicity, layer, index, of_layer.design,
                                       of_layer.energy_max_j, budget_j(device.supply)));
    }
  }
  if (const auto nvm = broken_nvm_capacity(device, priced.nvm_bytes)) broken.push_back(*nvm);
  if (std::isfinite(priced.latency_s)) {
    const auto late =
        broken_responsiveness(priced.latency_s, solution.settings.search.latency_requirement_s);
    if (late) broken.push_back(*late);
  }
  return broken;
}

/// Prices designs that all fit as scheduled, if one of them asks for the ledger.
void run_on_ledger(const costmodel::Device& device, const Network& network, NetworkResult& result) {
  const std::vector<Design> designs = result.designs();
  if (!costmodel::runs_on_ledger(device.supply, designs)) return;
  const costmodel::SchedulePrices prices(device);
  std::vector<costmodel::ScheduledLayer> layers;
  for (std::size_t index = 0; index < designs.size(); ++index) {
    layers.push_back(
        costmodel::scheduled_layer(device, prices, network.layers[index], designs[index]));
  }
  set_schedule(prices, layers, result);
}

}  // namespace

Solution make_solution(const Settings& settings, const Architecture& architecture,
                       const Network& network, const NetworkResult& result) {
  if (result.layers.size() != network.layers.size()) {
    throw InvalidArgument(
        fmt::format("solution: found {} designs, allowed: one for each of the {} layers",
                    result.layers.size(), network.layers.size()));
  }
  Solution solution;
  solution.architecture = architecture;
  solution.settings = settings;
  solution.latency_s = result.latency_s;
  solution.by_layers_s = result.by_layers_s;
  solution.power_cycles = result.power_cycles;
  solution.ledger = result.ledger;
  solution.energy_budget_j = budget_j(settings.power);
  solution.software_version = version();
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    const DesignEvaluation& chosen = result.layers[index];
    solution.layers.push_back({.layer = network.layers[index],
                               .design = chosen.design,
                               .energy_per_cycle_max_j = chosen.energy_max_j,
                               .energy_per_cycle_min_j = chosen.energy_min_j,
                               .latency_s = chosen.latency_s,
                               .power_cycles = chosen.cycles.all(),
                               .vm_bytes = chosen.vm_bytes});
    if (result.ledger.kept()) solution.layers.back().units = result.units[index];
  }
  execution::check_designs(solution);
  return solution;
}

NetworkResult price_solution(const Solution& solution) {
  const costmodel::Device device = device_of(solution.settings);
  NetworkResult result;
  for (const LayerSolution& layer : solution.layers) {
    Design design = layer.design;
    if (device.supply.kind == PowerKind::continuous) design.batch = design.batches_per_cycle = 1;
    result.layers.push_back(evaluate(device, layer.layer, design));
    result.by_layers_s += result.layers.back().latency_s;
    result.power_cycles += result.layers.back().cycles.all();
  }
  result.latency_s = result.by_layers_s;
  if (std::isfinite(result.by_layers_s)) run_on_ledger(device, network_of(solution), result);
  result.nvm_bytes = nvm_bytes(device, network_of(solution), result.designs());
  const std::vector<Infeasibility> broken = broken_constraints(device, solution, result);
  if (!broken.empty()) result.why = broken.front();
  return result;
}

std::vector<Infeasibility> broken_constraints(const Solution& solution,
                                              const NetworkResult& priced) {
  return broken_constraints(device_of(solution.settings), solution, priced);
}

}  // namespace inas::explorer
