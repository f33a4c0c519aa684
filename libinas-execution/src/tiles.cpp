#include <algorithm>

#include <inas/execution/tiles.hpp>

namespace inas::execution {
namespace {

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// How many of the numbers 0 to count − 1 have this parity.
constexpr std::int64_t of_parity(std::int64_t count, std::int64_t parity) {
  return (count + 1 - parity) / 2;
}

/// The vectors of a tile whose input and weights both start at an even value, where the input
/// channels are odd in number. Offsets, in units of Tn values: of the input, behind the weights,
/// (r + i)·Tci + c + j, of the weights (m·Kh + i)·Kw + j, for kernel tap i, j.
std::int64_t even_starts(const Layer& layer, const Tile& tile, MacGranularity mac) {
  const bool rows = mac == MacGranularity::row;
  const bool whole_kernel = rows && layer.ifm.width == 1;
  const std::int64_t lines = whole_kernel ? 1 : layer.kernel_height;
  const std::int64_t pieces = rows ? 1 : layer.kernel_width;
  const std::int64_t columns = input_block(layer, tile).columns;
  const std::int64_t before = weight_values(layer, tile);
  std::int64_t even = 0;
  for (std::int64_t at = 0; at < 32; ++at) {
    const std::int64_t r = at & 1, c = at >> 1 & 1, m = at >> 2 & 1, i = at >> 3 & 1, j = at >> 4;
    const std::int64_t input = before + (r + i) * columns + c + j;
    const std::int64_t weight = (m * layer.kernel_height + i) * layer.kernel_width + j;
    if (input % 2 != 0 || weight % 2 != 0) continue;
    even += of_parity(tile.rows, r) * of_parity(tile.columns, c) * of_parity(tile.out_channels, m) *
            of_parity(lines, i) * of_parity(pieces, j);
  }
  return even;
}

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

LeaShare lea_share(const Layer& layer, const Tile& tile, MacGranularity mac) {
  const Vectors each = vectors_of(layer, tile.in_channels, mac);
  const std::int64_t all = operations_of(layer, tile, each);
  LeaShare share;
  share.even_length = each.length - each.length % 2;
  if (share.even_length > 0) {
    share.vectors = tile.in_channels % 2 == 0 ? all : even_starts(layer, tile, mac);
  }
  share.rests = each.length % 2 * share.vectors;
  share.fallen_back = all - share.vectors;
  return share;
}

std::int64_t vm_bytes(const Layer& layer, const Design& design, std::int64_t data_bytes) {
  return vm_values(layer, design).bytes(design.batch, data_bytes);
}

}  // namespace inas::execution
