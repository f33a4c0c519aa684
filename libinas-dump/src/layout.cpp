#include <algorithm>
#include <numeric>

#include <inas_firmware/model.h>

#include <inas/dump/layout.hpp>

#include "tiles.hpp"

namespace inas::dump {
namespace {

constexpr std::int64_t kAlignment = 4;

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

/// A feature map, and the layers during which it must not be overwritten.
struct Map {
  std::int64_t bytes = 0;
  std::size_t from = 0;
  std::size_t to = 0;
  std::int64_t address = -1;
};

}  // namespace

MemoryLayout lay_out(const std::vector<ExecutedLayer>& layers) {
  MemoryLayout layout;
  layout.progress = {0, INAS_PROGRESS_BYTES};
  layout.layers.resize(layers.size());
  std::int64_t end = aligned(INAS_PROGRESS_BYTES);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    layout.layers[l].weights = {end, 2 * weight_count(layers[l].layer)};
    end += aligned(layout.layers[l].weights.bytes);
  }
  layout.image_bytes = end;

  // maps[0]: the network's input; then for each layer its result and the other copy, which is live
  // during that layer only and may not exist.
  const std::size_t last = layers.size() - 1;
  std::vector<Map> maps{{2 * layers.front().layer.ifm.values(), 0, 0}};
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const Tiles tiles = tiles_of(layers[l].layer, layers[l].design);
    const std::int64_t bytes = 2 * layers[l].layer.ofm.values();
    layout.layers[l].finished = tiles.steps > 1 ? static_cast<int>((tiles.steps - 1) % 2) : 0;
    maps.push_back({bytes, l, std::min(l + 1, last)});
    maps.push_back({tiles.steps > 1 ? bytes : 0, l, l});
  }
  const std::size_t result = maps.size() - 2;
  const auto conflict = [&](std::size_t a, std::size_t b) {
    if (std::min(a, b) == 0 && std::max(a, b) == result) return true;
    return maps[a].from <= maps[b].to && maps[b].from <= maps[a].to;
  };

  // The largest first, each at the lowest address where nothing that it conflicts with lies.
  std::vector<std::size_t> order(maps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return maps[a].bytes > maps[b].bytes; });
  layout.total_bytes = end;
  for (const std::size_t index : order) {
    Map& map = maps[index];
    std::int64_t address = layout.image_bytes;
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t other = 0; other < maps.size(); ++other) {
        const Map& placed = maps[other];
        if (placed.address < 0 || placed.bytes == 0 || !conflict(index, other)) continue;
        if (address < placed.address + placed.bytes && placed.address < address + map.bytes) {
          address = aligned(placed.address + placed.bytes);
          moved = true;
        }
      }
    }
    map.address = address;
    layout.total_bytes = std::max(layout.total_bytes, aligned(address + map.bytes));
  }

  Region input{maps[0].address, maps[0].bytes};
  for (std::size_t l = 0; l < layers.size(); ++l) {
    LayerRegions& regions = layout.layers[l];
    const Map& finished = maps[2 * l + 1];
    const Map& other = maps[2 * l + 2];
    regions.input = input;
    const auto side = static_cast<std::size_t>(regions.finished);
    regions.outputs[side] = {finished.address, finished.bytes};
    regions.outputs[1 - side] =
        other.bytes > 0 ? Region{other.address, other.bytes} : regions.outputs[side];
    input = regions.outputs[side];
  }
  return layout;
}

}  // namespace inas::dump
