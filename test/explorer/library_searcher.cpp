#include "library/library_searcher.hpp"

#include <library/library_model.hpp>

#include <inas/execution/tiles.hpp>
#include <inas/explorer/design_space.hpp>

namespace library {

using inas::explorer::Constraint;
using inas::explorer::DesignEvaluation;
using inas::explorer::Infeasibility;

namespace {

/// Nothing if the reason is not one of a layer's designs.
std::optional<oracle::Shortfall> shortfall_of(const Infeasibility& why) {
  const bool of_layer =
      why.constraint == Constraint::spatial || why.constraint == Constraint::atomicity;
  if (!of_layer || !why.nearest) return std::nullopt;
  return oracle::Shortfall{why.constraint == Constraint::spatial, design_of(*why.nearest),
                           why.needed, why.available};
}

}  // namespace

inas::ExplorerSettings settings_of(oracle::Lists lists) {
  return inas::published_space(lists == oracle::Lists::all ? inas::Divisors::all
                                                           : inas::Divisors::published);
}

oracle::Candidate candidate_of(const inas::costmodel::Device& device, const inas::Layer& layer,
                               const DesignEvaluation& evaluation) {
  const auto cycles =
      device.supply.kind == inas::PowerKind::continuous
          ? inas::execution::power_cycles(layer, evaluation.design, device.profile.first_sums())
          : evaluation.cycles;
  return {.design = design_of(evaluation.design),
          .vm = evaluation.vm_bytes,
          .E_max = evaluation.energy_max_j,
          .E_min = evaluation.energy_min_j,
          .L = evaluation.latency_s,
          .npc = cycles.all(),
          .n0 = cycles.first,
          .later = cycles.later,
          .c0 = evaluation.spatial,
          .c1 = evaluation.atomicity};
}

oracle::Choice choice_of(const inas::costmodel::Device& device, const inas::Layer& layer,
                         const inas::explorer::LayerResult& result) {
  oracle::Choice choice;
  if (result.best) choice.best = candidate_of(device, layer, *result.best);
  if (result.why) choice.why = shortfall_of(*result.why);
  return choice;
}

oracle::NetworkChoice choice_of(const inas::costmodel::Device& device, const inas::Network& network,
                                const inas::explorer::NetworkResult& result) {
  oracle::NetworkChoice choice;
  choice.latency = result.latency_s;
  for (std::size_t index = 0; index < result.layers.size(); ++index) {
    const auto& layer = network.layers.at(index);
    choice.layers.push_back({candidate_of(device, layer, result.layers[index]), std::nullopt});
  }
  if (result.why) choice.layers.push_back({std::nullopt, shortfall_of(*result.why)});
  return choice;
}

oracle::Exploration LibrarySearcher::sweep(const oracle::Layer& layer, const oracle::Supply& supply,
                                           const oracle::Rules& rules, oracle::Lists lists) const {
  const inas::costmodel::Device device = device_of(supply, rules);
  const inas::Layer of_library = layer_of(layer);
  std::vector<oracle::Candidate> candidates;
  inas::explorer::for_each_design(
      of_library, settings_of(lists).legal, device.supply.kind, [&](const inas::Design& design) {
        candidates.push_back(
            candidate_of(device, of_library, inas::explorer::evaluate(device, of_library, design)));
      });
  return oracle::choose(candidates, supply);
}

oracle::Choice LibrarySearcher::choice(const oracle::Layer& layer, const oracle::Supply& supply,
                                       const oracle::Rules& rules, oracle::Lists lists) const {
  const inas::costmodel::Device device = device_of(supply, rules);
  const inas::Layer of_library = layer_of(layer);
  return choice_of(device, of_library,
                   inas::explorer::best_design(device, of_library, settings_of(lists)));
}

oracle::NetworkChoice LibrarySearcher::network(const std::vector<oracle::Layer>& layers,
                                               const oracle::Supply& supply,
                                               const oracle::Rules& rules,
                                               oracle::Lists lists) const {
  inas::Network network;
  for (const oracle::Layer& layer : layers) network.layers.push_back(layer_of(layer));
  inas::explorer::Explorer explorer(device_of(supply, rules), settings_of(lists));
  return choice_of(explorer.device(), network, explorer.explore(network));
}

}  // namespace library
