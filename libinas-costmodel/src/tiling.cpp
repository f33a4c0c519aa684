#include <inas/costmodel/tiling.hpp>

namespace inas::costmodel {
namespace {

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

TileCounts tile_counts(const Layer& layer, const Tile& tile) {
  if (layer.type == LayerType::global_average_pool) {
    return {ceil_div(layer.ifm.height, tile.rows), ceil_div(layer.ifm.width, tile.columns),
            ceil_div(layer.ofm.channels, tile.out_channels), 1};
  }
  return {ceil_div(layer.ofm.height, tile.rows), ceil_div(layer.ofm.width, tile.columns),
          ceil_div(layer.ofm.channels, tile.out_channels),
          ceil_div(layer.ifm.channels, tile.in_channels)};
}

std::int64_t batch_extent(const Layer& layer, const TileCounts& counts, LoopOrder order) {
  if (layer.type == LayerType::global_average_pool) return counts.rows * counts.columns;
  switch (order) {
    case LoopOrder::reuse_I:
      return counts.out_channels;
    case LoopOrder::reuse_W:
      return counts.rows * counts.columns;
    case LoopOrder::reuse_O:
      return counts.in_channels;
  }
  return 1;
}

PowerCycles power_cycles(const Layer& layer, const Design& design) {
  const TileCounts counts = tile_counts(layer, design.tile);
  const std::int64_t all = counts.all() / design.batch;
  if (layer.type == LayerType::global_average_pool) return {all, 0};
  const std::int64_t first = design.order == LoopOrder::reuse_O
                                 ? counts.per_input_step()
                                 : counts.per_input_step() / design.batch;
  return {first, all - first};
}

InputTile convolution_input_tile(const Layer& layer, const Tile& tile) {
  return {tile.rows + layer.kernel_height - 1, tile.columns + layer.kernel_width - 1};
}

InputTile input_tile(const Layer& layer, const Tile& tile) {
  if (layer.type == LayerType::global_average_pool) return {tile.rows, tile.columns};
  return convolution_input_tile(layer, tile);
}

std::int64_t vm_bytes(const Layer& layer, const Design& design, std::int64_t data_bytes) {
  const Tile& tile = design.tile;
  const std::int64_t output = tile.rows * tile.columns * tile.out_channels;
  if (layer.type == LayerType::global_average_pool) {
    return data_bytes * (output + tile.out_channels * design.batch);
  }
  const InputTile in = input_tile(layer, tile);
  const std::int64_t weights =
      layer.kernel_height * layer.kernel_width * tile.out_channels * tile.in_channels;
  const std::int64_t outputs_kept = design.order == LoopOrder::reuse_O ? 1 : design.batch;
  return data_bytes * (in.rows * in.columns * tile.in_channels + weights + output * outputs_kept);
}

}  // namespace inas::costmodel
