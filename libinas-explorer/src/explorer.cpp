#include <functional>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include <inas/core/space_stage.hpp>
#include <inas/explorer/explorer.hpp>

#include "geometry.hpp"
#include "nvm_rule.hpp"

namespace inas::explorer {

struct Explorer::State {
  costmodel::Device device;
  ExplorerSettings settings;
  mutable std::shared_mutex mutex;
  std::unordered_map<Geometry, LayerResult, GeometryHash> known;
};

Explorer::Explorer(costmodel::Device device, ExplorerSettings settings)
    : state_(std::make_unique<State>()) {
  validate(device.platform);
  validate(device.supply);
  state_->device = std::move(device);
  state_->settings = settings;
}

Explorer::~Explorer() = default;
Explorer::Explorer(Explorer&&) noexcept = default;
Explorer& Explorer::operator=(Explorer&&) noexcept = default;

const costmodel::Device& Explorer::device() const { return state_->device; }
const ExplorerSettings& Explorer::settings() const { return state_->settings; }

std::size_t Explorer::known_layers() const {
  const std::shared_lock lock(state_->mutex);
  return state_->known.size();
}

LayerResult Explorer::explore(const Layer& layer) {
  validate(layer);
  const Geometry geometry = geometry_of(layer);
  LayerResult result;
  bool found = false;
  {
    const std::shared_lock lock(state_->mutex);
    const auto known = state_->known.find(geometry);
    if (known != state_->known.end()) {
      result = known->second;
      found = true;
    }
  }
  if (!found) {
    result = best_design(state_->device, layer, state_->settings);
    const std::unique_lock lock(state_->mutex);
    state_->known.emplace(geometry, result);
  }
  if (result.why) result.why->layer = layer.name;
  return result;
}

std::int64_t nvm_bytes(const costmodel::Device& device, const Network& network,
                       std::span<const Design> designs) {
  const NvmRule rule(device);
  execution::NvmSum sum{.fixed_and_weights = rule.of_input(network.layers.front().ifm)};
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    const Design design = rule.needs_designs() ? designs[index] : Design{};
    sum.add(rule.of_layer(network.layers[index], design, index == 0));
  }
  return sum.bytes();
}

NetworkResult Explorer::explore(const Network& network,
                                std::optional<double> latency_requirement_s) {
  validate(network);
  NetworkResult result;
  const bool designs_first = NvmRule(state_->device).needs_designs();
  const auto within_nvm = [&] {
    result.nvm_bytes = nvm_bytes(state_->device, network, result.designs());
    result.why = broken_nvm_capacity(state_->device, result.nvm_bytes);
    return !result.why;
  };
  if (!designs_first && !within_nvm()) return result;
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    LayerResult layer = explore(network.layers[index]);
    if (!layer.best) {
      result.why = std::move(layer.why);
      result.why->layer_index = static_cast<std::int64_t>(index);
      return result;
    }
    result.latency_s += layer.best->latency_s;
    result.layers.push_back(*layer.best);
  }
  if (designs_first && !within_nvm()) return result;
  if (latency_requirement_s) {
    result.why = broken_responsiveness(result.latency_s, *latency_requirement_s);
  }
  return result;
}

NetworkResult Explorer::explore(const SearchSpace& space, const Architecture& architecture,
                                std::optional<double> latency_requirement_s) {
  Growth grown = grow(space, architecture);
  if (!grown.misfit) return explore(Network{std::move(grown.layers)}, latency_requirement_s);
  NetworkResult result;
  result.why = Infeasibility{.constraint = Constraint::geometry,
                             .layer = grown.misfit->layer,
                             .layer_index = static_cast<std::int64_t>(grown.layers.size()),
                             .nearest = std::nullopt,
                             .needed = static_cast<double>(grown.misfit->needed),
                             .available = static_cast<double>(grown.misfit->available)};
  return result;
}

}  // namespace inas::explorer
