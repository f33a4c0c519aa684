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
/// (r·stride + i)·Tci + c·stride + j, of the weights (m·Kh + i)·Kw + j, for kernel tap i, j.
std::int64_t even_starts(const Layer& layer, const Tile& tile, MacGranularity mac) {
  const bool rows = mac == MacGranularity::row;
  const bool whole_kernel = rows && lines_of(layer) == 1;
  const std::int64_t lines = whole_kernel ? 1 : layer.kernel_height;
  const std::int64_t pieces = rows ? 1 : layer.kernel_width;
  const std::int64_t columns = input_block(layer, tile).columns;
  const std::int64_t before = weight_values(layer, tile);
  std::int64_t even = 0;
  for (std::int64_t at = 0; at < 32; ++at) {
    const std::int64_t r = at & 1, c = at >> 1 & 1, m = at >> 2 & 1, i = at >> 3 & 1, j = at >> 4;
    const std::int64_t input = before + (r * layer.stride + i) * columns + c * layer.stride + j;
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

namespace {

/// The rows or the columns of a layer's windows.
struct Direction {
  std::int64_t outputs = 1;
  std::int64_t inputs = 1;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t padding = 0;  ///< before the map

  [[nodiscard]] std::int64_t begin_of(std::int64_t output) const {
    return output * stride - padding;
  }
  /// What windows [begin, end) read outside of the map.
  [[nodiscard]] Outside outside_of(std::int64_t begin, std::int64_t end) const {
    return {std::max<std::int64_t>(-begin_of(begin), 0),
            std::max<std::int64_t>(begin_of(end - 1) + kernel - inputs, 0)};
  }
};

Direction rows_of(const Layer& layer) {
  return {layer.ofm.height, layer.ifm.height, layer.kernel_height, layer.stride, layer.padding.top};
}

Direction columns_of(const Layer& layer) {
  return {layer.ofm.width, layer.ifm.width, layer.kernel_width, layer.stride, layer.padding.left};
}

/// `extent` is split into tiles of `size`; `windows` that reach beyond the map, if there are any.
TileRun tile_run(std::int64_t extent, std::int64_t size, const Direction* windows) {
  TileRun run;
  run.tiles = ceil_div(extent, size);
  const std::int64_t rest = extent - (run.tiles - 1) * size;
  const auto set = [&](TileClass part, std::int64_t count, std::int64_t of_size,
                       const Outside& outside) {
    const auto index = static_cast<std::size_t>(part);
    run.count[index] = count;
    run.size[index] = of_size;
    run.outside[index] = outside;
  };
  const auto outside = [&](std::int64_t begin, std::int64_t end) {
    return windows == nullptr ? Outside{} : windows->outside_of(begin, end);
  };
  const Outside at_first = outside(0, std::min(size, extent));
  const Outside at_last = outside(extent - rest, extent);
  const bool first_differs = at_first != Outside{};
  const bool last_differs = run.tiles > 1 && (rest != size || at_last != Outside{});
  if (first_differs) set(TileClass::first, 1, std::min(size, extent), at_first);
  if (last_differs) set(TileClass::last, 1, rest, at_last);
  set(TileClass::interior, run.tiles - (first_differs ? 1 : 0) - (last_differs ? 1 : 0), size, {});
  return run;
}

bool reaches_beyond(const Outside& outside) { return outside != Outside{}; }

bool keeps_border(const Direction& windows, std::int64_t size) {
  const std::int64_t tiles = ceil_div(windows.outputs, size);
  return tiles == 1 ||
         (windows.begin_of(size) >= 0 && windows.outside_of(0, (tiles - 1) * size).after == 0);
}

}  // namespace

TileBorder border_of(const Layer& layer) {
  if (layer.padding == Padding{}) return {};
  return {rows_of(layer).outside_of(0, layer.ofm.height),
          columns_of(layer).outside_of(0, layer.ofm.width)};
}

bool keeps_border_rows(const Layer& layer, std::int64_t rows) {
  return layer.padding == Padding{} || keeps_border(rows_of(layer), rows);
}

bool keeps_border_columns(const Layer& layer, std::int64_t columns) {
  return layer.padding == Padding{} || keeps_border(columns_of(layer), columns);
}

TileCounts tile_counts(const Layer& layer, const Tile& tile) {
  const Shape& map = tiled_map(layer);
  TileCounts counts;
  counts.rows = ceil_div(map.height, tile.rows);
  counts.columns = ceil_div(map.width, tile.columns);
  counts.out_channels = ceil_div(layer.ofm.channels, tile.out_channels);
  counts.in_channels = ceil_div(stepped_channels(layer), tile.in_channels);
  counts.uneven =
      counts.rows * tile.rows != map.height || counts.columns * tile.columns != map.width;
  if (!counts.uneven && layer.padding != Padding{}) {
    const TileBorder border = border_of(layer);
    counts.uneven = reaches_beyond(border.rows) || reaches_beyond(border.columns);
  }
  return counts;
}

TileRun tile_rows(const Layer& layer, const Tile& tile) {
  const Direction windows = rows_of(layer);
  const bool padded = layer.padding != Padding{};
  return tile_run(tiled_map(layer).height, tile.rows, padded ? &windows : nullptr);
}

TileRun tile_columns(const Layer& layer, const Tile& tile) {
  const Direction windows = columns_of(layer);
  const bool padded = layer.padding != Padding{};
  return tile_run(tiled_map(layer).width, tile.columns, padded ? &windows : nullptr);
}

std::array<TileShape, kTileShapes> tile_shapes(const Layer& layer, const Tile& tile) {
  const TileRun rows = tile_rows(layer, tile);
  const TileRun columns = tile_columns(layer, tile);
  std::array<TileShape, kTileShapes> shapes;
  for (std::size_t r = 0; r < kTileClasses; ++r) {
    for (std::size_t c = 0; c < kTileClasses; ++c) {
      TileShape& shape = shapes[r * kTileClasses + c];
      shape.tile = tile;
      shape.tile.rows = rows.size[r];
      shape.tile.columns = columns.size[c];
      shape.border = {rows.outside[r], columns.outside[c]};
      shape.positions = rows.count[r] * columns.count[c];
    }
  }
  return shapes;
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

std::vector<std::int64_t> tile_row_sizes(const Layer& layer) {
  std::vector<std::int64_t> sizes = ragged_sizes(tiled_map(layer).height);
  std::erase_if(sizes, [&](std::int64_t rows) { return !keeps_border_rows(layer, rows); });
  return sizes;
}

std::vector<std::int64_t> tile_column_sizes(const Layer& layer) {
  std::vector<std::int64_t> sizes = ragged_sizes(tiled_map(layer).width);
  std::erase_if(sizes, [&](std::int64_t columns) { return !keeps_border_columns(layer, columns); });
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
