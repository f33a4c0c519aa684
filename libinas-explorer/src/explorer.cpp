#include <functional>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include <inas/explorer/explorer.hpp>

namespace inas::explorer {
namespace {

/// What a layer costs depends on its geometry alone, not on its name.
struct Geometry {
  LayerType type;
  Shape ifm;
  Shape ofm;
  std::int64_t kernel_height;
  std::int64_t kernel_width;
  std::int64_t stride;

  bool operator==(const Geometry&) const = default;
};

Geometry geometry_of(const Layer& layer) {
  return {layer.type, layer.ifm, layer.ofm, layer.kernel_height, layer.kernel_width, layer.stride};
}

struct GeometryHash {
  std::size_t operator()(const Geometry& geometry) const {
    std::uint64_t hash = static_cast<std::uint64_t>(geometry.type);
    for (const std::int64_t extent :
         {geometry.ifm.channels, geometry.ifm.height, geometry.ifm.width, geometry.ofm.channels,
          geometry.ofm.height, geometry.ofm.width, geometry.kernel_height, geometry.kernel_width,
          geometry.stride}) {
      hash = (hash ^ static_cast<std::uint64_t>(extent)) * 0x9E3779B97F4A7C15u;
      hash ^= hash >> 32;
    }
    return static_cast<std::size_t>(hash);
  }
};

}  // namespace

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

NetworkResult Explorer::explore(const Network& network,
                                std::optional<double> latency_requirement_s) {
  validate(network);
  NetworkResult result;
  result.why = broken_nvm_capacity(state_->device, network);
  if (result.why) return result;
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
  if (latency_requirement_s) {
    result.why = broken_responsiveness(result.latency_s, *latency_requirement_s);
  }
  return result;
}

NetworkResult Explorer::explore(const SearchSpace& space, const Architecture& architecture,
                                std::optional<double> latency_requirement_s) {
  if (const std::optional<std::int64_t> misfit = first_misfit(space, architecture)) {
    // The map in front of the layer is what the kernels before it leave: each takes k − 1 rows.
    std::int64_t rows = space.input.height;
    for (std::int64_t layer = 0; layer < *misfit; ++layer) {
      rows -= architecture[static_cast<std::size_t>(2 * layer)] - 1;
    }
    NetworkResult result;
    result.why = Infeasibility{
        .constraint = Constraint::geometry,
        .layer = fmt::format("CONV_{}", *misfit),
        .layer_index = *misfit,
        .nearest = std::nullopt,
        .needed = static_cast<double>(architecture[static_cast<std::size_t>(2 * *misfit)]),
        .available = static_cast<double>(rows)};
    return result;
  }
  return explore(build_network(space, architecture), latency_requirement_s);
}

}  // namespace inas::explorer
