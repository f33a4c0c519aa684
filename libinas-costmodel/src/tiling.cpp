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

BatchGroups batch_groups(const Layer& layer, const TileCounts& counts, LoopOrder order) {
  const bool pooling = layer.type == LayerType::global_average_pool;
  BatchGroups groups;
  groups.extent = batch_extent(layer, counts, order);
  groups.continues_output = order == LoopOrder::reuse_O && !pooling;
  groups.steps = order == LoopOrder::reuse_O || pooling ? 1 : counts.in_channels;
  groups.outputs = counts.all() / (groups.extent * groups.steps);
  return groups;
}

std::vector<std::int64_t> legal_batches_per_cycle(const BatchGroups& groups, std::int64_t S) {
  const std::int64_t G = groups.extent / S;
  std::vector<std::int64_t> legal{1};
  const auto add = [&legal](std::int64_t unit, std::int64_t count) {
    for (std::int64_t d = 2; d <= count; ++d) {
      if (count % d == 0) legal.push_back(unit * d);
    }
  };
  add(1, G);
  add(G, groups.steps);
  add(G * groups.steps, groups.outputs);
  return legal;
}

PowerCycles power_cycles(const Layer& layer, const Design& design) {
  const TileCounts counts = tile_counts(layer, design.tile);
  const CyclePlan plan =
      cycle_plan(batch_groups(layer, counts, design.order), design.batch, design.batches_per_cycle);
  return {plan.first.count, plan.later.count};
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
