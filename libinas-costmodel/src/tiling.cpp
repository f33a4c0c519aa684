#include <algorithm>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/tiling.hpp>

namespace inas::costmodel {
namespace {

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// The map whose rows and columns Tr and Tc split.
const Shape& tiled_map(const Layer& layer) {
  return layer.type == LayerType::global_average_pool ? layer.ifm : layer.ofm;
}

/// Is `tiles` a part of a row of tiles that fits it evenly, or a number of whole rows?
bool keeps_to_rows(const BatchGroups& groups, std::int64_t tiles) {
  return groups.row == 0 || groups.row % tiles == 0 || tiles % groups.row == 0;
}

}  // namespace

TileCounts tile_counts(const Layer& layer, const Tile& tile) {
  if (layer.type == LayerType::max_pool) {
    throw InvalidArgument(fmt::format("{}: found a layer of type {}, allowed: CONV, FC, GAVGPOOL",
                                      layer.name, to_string(layer.type)));
  }
  const bool pooling = layer.type == LayerType::global_average_pool;
  const Shape& map = tiled_map(layer);
  TileCounts counts;
  counts.rows = ceil_div(map.height, tile.rows);
  counts.columns = ceil_div(map.width, tile.columns);
  counts.out_channels = ceil_div(layer.ofm.channels, tile.out_channels);
  counts.in_channels = pooling ? 1 : ceil_div(layer.ifm.channels, tile.in_channels);
  counts.ragged =
      counts.rows * tile.rows != map.height || counts.columns * tile.columns != map.width;
  return counts;
}

std::array<TileShape, kTileShapes> tile_shapes(const Layer& layer, const Tile& tile) {
  const Shape& map = tiled_map(layer);
  Tile last_column = tile;
  last_column.columns = map.width % tile.columns;
  Tile last_row = tile;
  last_row.rows = map.height % tile.rows;
  Tile corner = last_row;
  corner.columns = last_column.columns;
  const std::int64_t rows = map.height / tile.rows;
  const std::int64_t columns = map.width / tile.columns;
  const std::int64_t last_rows = last_row.rows > 0 ? 1 : 0;
  const std::int64_t last_columns = last_column.columns > 0 ? 1 : 0;
  return {{{tile, rows * columns},
           {last_column, rows * last_columns},
           {last_row, last_rows * columns},
           {corner, last_rows * last_columns}}};
}

std::vector<std::int64_t> ragged_sizes(std::int64_t extent) {
  std::vector<std::int64_t> sizes;
  // From one size the next smaller one follows, because it needs at least one tile more.
  for (std::int64_t size = extent; size > 1; size = ceil_div(extent, ceil_div(extent, size - 1))) {
    sizes.push_back(size);
  }
  sizes.push_back(1);
  std::reverse(sizes.begin(), sizes.end());
  return sizes;
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
  const std::int64_t positions = counts.rows * counts.columns;
  groups.outputs = (pooling || order == LoopOrder::reuse_W ? 1 : positions) *
                   (order == LoopOrder::reuse_I ? 1 : counts.out_channels);
  groups.joinable_outputs = groups.outputs;
  if (!counts.ragged) return groups;
  if (order == LoopOrder::reuse_W || pooling) {
    groups.row = counts.columns;
  } else {
    groups.joinable_outputs = groups.outputs / positions;
  }
  return groups;
}

bool legal_batch(const BatchGroups& groups, std::int64_t S) {
  return S >= 1 && groups.extent % S == 0 && keeps_to_rows(groups, S);
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
  if (groups.row > 0) {
    std::erase_if(legal, [&](std::int64_t K) { return !keeps_to_rows(groups, K * S); });
  }
  add(G, groups.steps);
  add(G * groups.steps, groups.joinable_outputs);
  return legal;
}

std::array<CyclePart, kTileShapes> cycle_parts(const BatchGroups& groups,
                                               const std::array<TileShape, kTileShapes>& shapes,
                                               std::int64_t S, std::int64_t K) {
  std::array<CyclePart, kTileShapes> parts;
  std::size_t used = 0;
  const std::int64_t tiles = std::min(K * S, groups.extent);
  if (groups.row == 0) {
    std::int64_t positions = 0;
    for (const TileShape& shape : shapes) positions += shape.positions;
    for (std::size_t index = 0; index < kTileShapes; ++index) {
      if (shapes[index].positions == 0) continue;
      BatchGroups there = groups;
      there.outputs = groups.outputs / positions * shapes[index].positions;
      parts[used].tiles[index] = tiles;
      parts[used++].plan = cycle_plan(there, S, K);
    }
    return parts;
  }
  // `windows` shares of a group that hold so many rows, full ones and the last one, by columns.
  const auto add = [&](std::int64_t windows, std::int64_t rows, std::int64_t last_rows,
                       std::int64_t columns, std::int64_t last_columns) {
    if (windows == 0) return;
    BatchGroups shares = groups;
    shares.extent = windows * tiles;
    parts[used].tiles = {rows * columns, rows * last_columns, last_rows * columns,
                         last_rows * last_columns};
    parts[used++].plan = cycle_plan(shares, S, K);
  };
  const std::int64_t last_column = shapes[1].positions > 0 ? 1 : 0;
  const std::int64_t last_row = shapes[2].positions > 0 ? 1 : 0;
  const std::int64_t rows = groups.extent / groups.row;
  if (tiles < groups.row) {
    const std::int64_t full_windows = groups.row / tiles - last_column;
    add((rows - last_row) * full_windows, 1, 0, tiles, 0);
    add((rows - last_row) * last_column, 1, 0, tiles - 1, 1);
    add(last_row * full_windows, 0, 1, tiles, 0);
    add(last_row * last_column, 0, 1, tiles - 1, 1);
  } else {
    const std::int64_t rows_each = tiles / groups.row;
    const std::int64_t columns = groups.row - last_column;
    add(rows / rows_each - last_row, rows_each, 0, columns, last_column);
    add(last_row, rows_each - 1, 1, columns, last_column);
  }
  return parts;
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

VmValues vm_values(const Layer& layer, const Design& execution) {
  const Tile& tile = execution.tile;
  const std::int64_t output = tile.rows * tile.columns * tile.out_channels;
  if (layer.type == LayerType::global_average_pool) return {output, tile.out_channels};
  const InputTile in = input_tile(layer, tile);
  const std::int64_t weights =
      layer.kernel_height * layer.kernel_width * tile.out_channels * tile.in_channels;
  const std::int64_t operands = in.rows * in.columns * tile.in_channels + weights;
  if (execution.order == LoopOrder::reuse_O) return {operands + output, 0};
  return {operands, output};
}

std::int64_t vm_bytes(const Layer& layer, const Design& design, std::int64_t data_bytes) {
  return vm_values(layer, design).bytes(design.batch, data_bytes);
}

}  // namespace inas::costmodel
