#include "tiles.hpp"

#include <fmt/format.h>

#include <inas/core/error.hpp>

namespace inas::dump {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

Tiles tiles_of(const Layer& layer, const Design& design) {
  if (layer.type == LayerType::max_pool) {
    throw InvalidArgument(fmt::format("{}: found a layer of type {}, allowed: CONV, FC, GAVGPOOL",
                                      layer.name, to_string(layer.type)));
  }
  const bool pooling = layer.type == LayerType::global_average_pool;
  const Shape& map = pooling ? layer.ifm : layer.ofm;
  const auto split = [&](const char* symbol, std::int64_t size, std::int64_t extent) {
    if (size < 1 || size > extent) {
      throw InvalidArgument(fmt::format("{}: design {}: {} is {}, allowed: 1 to {}", layer.name,
                                        to_string(design), symbol, size, extent));
    }
    return ceil_div(extent, size);
  };
  Tiles tiles;
  tiles.rows = split("Tr", design.tile.rows, map.height);
  tiles.columns = split("Tc", design.tile.columns, map.width);
  tiles.out_channels = split("Tm", design.tile.out_channels, layer.ofm.channels);
  tiles.in_channels = split("Tn", design.tile.in_channels, pooling ? 1 : layer.ifm.channels);
  const std::int64_t positions = tiles.rows * tiles.columns;
  if (pooling || design.order == LoopOrder::reuse_W) {
    tiles.extent = positions;
  } else {
    tiles.extent = design.order == LoopOrder::reuse_I ? tiles.out_channels : tiles.in_channels;
  }
  const std::int64_t S = design.batch;
  if (S < 1 || tiles.extent % S != 0) {
    throw InvalidArgument(fmt::format("{}: design {}: S is {}, allowed: a divisor of {}",
                                      layer.name, to_string(design), S, tiles.extent));
  }
  tiles.batches = positions * tiles.out_channels * tiles.in_channels / S;
  const bool steps_are_batches = pooling || design.order == LoopOrder::reuse_O;
  tiles.steps = steps_are_batches ? tiles.extent / S : tiles.in_channels;
  return tiles;
}

std::int64_t tile_buffer_bytes(const Layer& layer, const Design& design) {
  const Tile& tile = design.tile;
  const std::int64_t outputs = tile.rows * tile.columns * tile.out_channels;
  if (layer.type == LayerType::global_average_pool) {
    return 2 * (outputs + tile.out_channels * design.batch);
  }
  const std::int64_t inputs = (tile.rows + layer.kernel_height - 1) *
                              (tile.columns + layer.kernel_width - 1) * tile.in_channels;
  const std::int64_t weights =
      layer.kernel_height * layer.kernel_width * tile.out_channels * tile.in_channels;
  return 2 * (inputs + weights + outputs * (design.order == LoopOrder::reuse_O ? 1 : design.batch));
}

}  // namespace inas::dump
