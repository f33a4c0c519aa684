#include <functional>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include <inas/core/space_stage.hpp>
#include <inas/explorer/design_space.hpp>
#include <inas/explorer/explorer.hpp>

#include "geometry.hpp"
#include "network_schedule.hpp"
#include "nvm_rule.hpp"

namespace inas::explorer {

struct Explorer::State {
  costmodel::Device device;
  ExplorerSettings settings;
  mutable std::shared_mutex mutex;
  std::unordered_map<Geometry, LayerResult, GeometryHash> known;

  /// Do power cycles run on over the ends of layers?
  [[nodiscard]] bool ledger() const { return runs_on(settings, device); }
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
  if (rule.needs_designs()) {
    std::vector<execution::ExecutedLayer> layers;
    for (std::size_t index = 0; index < network.layers.size(); ++index) {
      layers.push_back({network.layers[index], designs[index]});
    }
    return execution::nvm_need_bytes(layers, device.platform.data_bytes);
  }
  execution::NvmSum sum;
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    sum.add(rule.of_layer(network.layers[index], {}, index == 0));
  }
  return sum.bytes();
}

bool Explorer::choose_schedule(const Network& network, const std::vector<LayerResult>& layers,
                               NetworkResult& result) const {
  const costmodel::Device& device = state_->device;
  const auto needs = [&](const std::vector<Design>& designs) {
    return explorer::nvm_bytes(device, network, designs);
  };
  for (const DesignEvaluation& layer : result.layers) result.power_cycles += layer.cycles.all();
  const std::vector<Design> by_layers = result.designs();
  result.nvm_bytes = needs(by_layers);
  const bool fits = result.nvm_bytes <= device.platform.nvm_bytes;
  if (!state_->ledger()) return fits;

  const costmodel::SchedulePrices prices(device);
  NetworkSchedule schedule(prices);
  std::vector<LayerSchedules> schedules;
  std::vector<Design> fluid;
  result.bound_s = 0;
  for (std::size_t index = 0; index < layers.size(); ++index) {
    schedules.push_back(layer_schedules(device, prices, network.layers[index], layers[index]));
    schedule.run(schedules.back());
    if (!layers[index].fluid) continue;
    fluid.push_back(layers[index].fluid->design);
    *result.bound_s += layers[index].fluid->fluid_s;
  }
  const bool has_fluid = fluid.size() == layers.size();
  if (!has_fluid) result.bound_s.reset();
  const std::int64_t fluid_bytes = has_fluid ? needs(fluid) : 0;
  const bool fluid_fits = has_fluid && fluid_bytes <= device.platform.nvm_bytes;
  if (!fits && !fluid_fits) return false;

  const Scheduling way = schedule.finish().fastest(fits, fluid_fits).way;
  if (way == Scheduling::by_layers) return true;
  std::vector<costmodel::ScheduledLayer> scheduled;
  for (std::size_t index = 0; index < layers.size(); ++index) {
    const LayerSchedules& of = schedules[index];
    scheduled.push_back(way == Scheduling::fluid ? *of.fluid : *of.carried);
    Design design = way == Scheduling::fluid ? fluid[index] : result.layers[index].design;
    design.batches_per_cycle = 0;
    result.layers[index] = evaluate(device, network.layers[index], design);
  }
  if (way == Scheduling::fluid) result.nvm_bytes = fluid_bytes;
  set_schedule(prices, scheduled, result);
  if (!fits) {
    // Without the ledger NVM holds no designs by layers: those that it holds, layer by layer.
    result.by_layers_s = 0;
    for (const DesignEvaluation& layer : result.layers) result.by_layers_s += layer.latency_s;
  }
  return true;
}

NetworkResult Explorer::explore(const Network& network,
                                std::optional<double> latency_requirement_s) {
  validate(network);
  NetworkResult result;
  const bool designs_first = NvmRule(state_->device).needs_designs();
  if (!designs_first) {
    result.nvm_bytes = nvm_bytes(state_->device, network, {});
    result.why = broken_nvm_capacity(state_->device, result.nvm_bytes);
    if (result.why) return result;
  }
  std::vector<LayerResult> layers;
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    LayerResult& layer = layers.emplace_back(explore(network.layers[index]));
    if (!layer.best) {
      result.why = std::move(layer.why);
      result.why->layer_index = static_cast<std::int64_t>(index);
      return result;
    }
    result.by_layers_s += layer.best->latency_s;
    result.latency_s = result.by_layers_s;
    result.layers.push_back(*layer.best);
  }
  if (!choose_schedule(network, layers, result)) {
    result.why = broken_nvm_capacity(state_->device, result.nvm_bytes);
    return result;
  }
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
