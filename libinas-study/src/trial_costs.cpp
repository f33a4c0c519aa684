#include "trial_costs.hpp"

#include <inas/costmodel/breakdown.hpp>

namespace inas::study {
namespace {

bool has_designs(const nas::Trial& trial) {
  return trial.outcome != nas::Outcome::infeasible && !trial.network.layers.empty();
}

}  // namespace

TrialCosts costs_of(const Settings& settings, const costmodel::Device& device,
                    const nas::Trial& trial) {
  if (!has_designs(trial)) return {};
  const Network network = build_network(settings.space, trial.architecture);
  const std::vector<Design> designs = trial.network.designs();
  const costmodel::NetworkBreakdown breakdown =
      costmodel::breakdown(device, network.layers, designs);
  return {.latency_s = trial.network.latency_s,
          .energy_j = breakdown.total().active().energy_j,
          .power_cycles = trial.network.power_cycles,
          .macs = mac_count(network),
          .weights = weight_count(network),
          .nvm_bytes = trial.network.nvm_bytes};
}

std::string designs_text(const nas::Trial& trial) {
  if (!has_designs(trial)) return "";
  std::string text;
  for (const Design& design : trial.network.designs()) {
    if (!text.empty()) text += "; ";
    text += to_string(design);
  }
  return text;
}

}  // namespace inas::study
