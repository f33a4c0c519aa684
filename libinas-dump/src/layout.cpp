#include <algorithm>

#include <inas_firmware/model.h>

#include <inas/dump/layout.hpp>

#include "tiles.hpp"

namespace inas::dump {
namespace {

constexpr std::int64_t kAlignment = 4;

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

/// Bytes that must lie side by side while a layer runs, the network's input apart: its own input
/// and the copies of its output.
std::int64_t live_bytes(const std::vector<ExecutedLayer>& layers, std::size_t l,
                        std::int64_t steps) {
  const Layer& layer = layers[l].layer;
  const std::int64_t input = l == 0 ? 0 : aligned(2 * layer.ifm.values());
  return input + (steps > 1 ? 2 : 1) * aligned(2 * layer.ofm.values());
}

}  // namespace

MemoryLayout lay_out(const std::vector<ExecutedLayer>& layers) {
  MemoryLayout layout;
  layout.progress = {0, INAS_PROGRESS_BYTES};
  std::int64_t end = aligned(INAS_PROGRESS_BYTES);
  std::vector<std::int64_t> steps;
  std::int64_t live = 0;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    LayerRegions& regions = layout.layers.emplace_back();
    regions.weights = {end, 2 * weight_count(layers[l].layer)};
    end += aligned(regions.weights.bytes);
    steps.push_back(tiles_of(layers[l].layer, layers[l].design).steps);
    live = std::max(live, live_bytes(layers, l, steps.back()));
  }
  layout.image_bytes = end;

  Region input{end, 2 * layers.front().layer.ifm.values()};
  const std::int64_t low = end + aligned(input.bytes);
  const std::int64_t high = low + live;
  layout.total_bytes = high;
  // Each output lies at the end where its layer's input does not, its other copy beside it.
  for (std::size_t l = 0; l < layers.size(); ++l) {
    LayerRegions& regions = layout.layers[l];
    const std::int64_t bytes = 2 * layers[l].layer.ofm.values();
    const std::int64_t room = aligned(bytes);
    const bool at_low = l % 2 == 0;
    const Region finished{at_low ? low : high - room, bytes};
    const Region other{at_low ? low + room : high - 2 * room, bytes};
    regions.input = input;
    regions.finished = steps[l] > 1 ? static_cast<int>((steps[l] - 1) % 2) : 0;
    regions.outputs[regions.finished] = finished;
    regions.outputs[1 - regions.finished] = steps[l] > 1 ? other : finished;
    input = finished;
  }
  return layout;
}

}  // namespace inas::dump
