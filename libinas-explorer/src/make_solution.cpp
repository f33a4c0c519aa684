#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/version.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/explorer/make_solution.hpp>

namespace inas::explorer {
namespace {

double budget_j(const PowerSupply& supply) {
  return supply.kind == PowerKind::continuous ? 0 : costmodel::energy_budget_j(supply);
}

Infeasibility broken_layer_constraint(const costmodel::Device& device, const Layer& layer,
                                      std::size_t index, const DesignEvaluation& priced) {
  const bool spatial = !priced.spatial;
  return {.constraint = spatial ? Constraint::spatial : Constraint::atomicity,
          .layer = layer.name,
          .layer_index = static_cast<std::int64_t>(index),
          .nearest = priced.design,
          .needed = spatial ? static_cast<double>(priced.vm_bytes) : priced.energy_max_j,
          .available =
              spatial ? static_cast<double>(device.platform.vm_bytes) : budget_j(device.supply)};
}

}  // namespace

Solution make_solution(const Settings& settings, const Architecture& architecture,
                       const Network& network, const NetworkResult& result) {
  if (result.layers.size() != network.layers.size()) {
    throw InvalidArgument(
        fmt::format("a solution needs a design for each of its {} layers, found {}",
                    network.layers.size(), result.layers.size()));
  }
  Solution solution;
  solution.architecture = architecture;
  solution.settings = settings;
  solution.latency_s = result.latency_s;
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
  }
  return solution;
}

NetworkResult price_solution(const Solution& solution) {
  const Settings& settings = solution.settings;
  const costmodel::Device device = costmodel::make_device(settings.platform, settings.power);
  NetworkResult result;
  for (std::size_t index = 0; index < solution.layers.size(); ++index) {
    const LayerSolution& layer = solution.layers[index];
    const DesignEvaluation priced = evaluate(device, layer.layer, layer.design);
    if (!priced.feasible() && !result.why) {
      result.why = broken_layer_constraint(device, layer.layer, index, priced);
    }
    result.latency_s += priced.latency_s;
    result.layers.push_back(priced);
  }
  if (!result.why) {
    result.why = broken_nvm_capacity(device, network_of(solution));
  }
  if (!result.why) {
    result.why = broken_responsiveness(result.latency_s, settings.search.latency_requirement_s);
  }
  return result;
}

}  // namespace inas::explorer
