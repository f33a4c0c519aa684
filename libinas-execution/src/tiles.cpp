#include <algorithm>

#include <inas/execution/tiles.hpp>

namespace inas::execution {
namespace {

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

const Shape& tiled_map(const Layer& layer) {
  return facts_of(layer).tiled == TiledMap::input ? layer.ifm : layer.ofm;
}

std::int64_t stepped_channels(const Layer& layer) {
  return facts_of(layer).reads == InputChannels::own ? 1 : layer.ifm.channels;
}

TileCounts tile_counts(const Layer& layer, const Tile& tile) {
  const Shape& map = tiled_map(layer);
  TileCounts counts;
  counts.rows = ceil_div(map.height, tile.rows);
  counts.columns = ceil_div(map.width, tile.columns);
  counts.out_channels = ceil_div(layer.ofm.channels, tile.out_channels);
  counts.in_channels = ceil_div(stepped_channels(layer), tile.in_channels);
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

std::int64_t vm_bytes(const Layer& layer, const Design& design, std::int64_t data_bytes) {
  return vm_values(layer, design).bytes(design.batch, data_bytes);
}

}  // namespace inas::execution
