#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/tiling.hpp>

namespace inas::costmodel {
namespace {

void require_divisor(const Layer& layer, const Design& design, const char* symbol,
                     std::int64_t value, std::int64_t extent) {
  if (value < 1 || value > extent || extent % value != 0) {
    throw InvalidArgument(fmt::format("{}: design {}: {} is {}, allowed: a divisor of {}",
                                      layer.name, to_string(design), symbol, value, extent));
  }
}

void require_tile_size(const Layer& layer, const Design& design, const char* symbol,
                       std::int64_t value, std::int64_t extent) {
  if (splits(extent, value)) return;
  throw InvalidArgument(
      fmt::format("{}: design {}: {} is {}, allowed: a divisor of {} or {}/q rounded up",
                  layer.name, to_string(design), symbol, value, extent, extent));
}

}  // namespace

void check_design(const Layer& layer, const Design& design) {
  const bool pooling = layer.type == LayerType::global_average_pool;
  const Shape& map = pooling ? layer.ifm : layer.ofm;
  require_tile_size(layer, design, "Tr", design.tile.rows, map.height);
  require_tile_size(layer, design, "Tc", design.tile.columns, map.width);
  require_divisor(layer, design, "Tm", design.tile.out_channels, layer.ofm.channels);
  require_divisor(layer, design, "Tn", design.tile.in_channels, pooling ? 1 : layer.ifm.channels);
  if (pooling && design.order != LoopOrder::reuse_O) {
    throw InvalidArgument(fmt::format("{}: design {}: the loop order of pooling is reuse_O",
                                      layer.name, to_string(design)));
  }
  const TileCounts counts = tile_counts(layer, design.tile);
  require_divisor(layer, design, "S", design.batch, batch_extent(layer, counts, design.order));
  const BatchGroups groups = batch_groups(layer, counts, design.order);
  if (!legal_batch(groups, design.batch)) {
    throw InvalidArgument(
        fmt::format("{}: design {}: S is {}, allowed with ragged tiles: a divisor or a multiple of "
                    "{}, the tiles of a row",
                    layer.name, to_string(design), design.batch, groups.row));
  }
  const std::vector<std::int64_t> legal = legal_batches_per_cycle(groups, design.batch);
  if (std::find(legal.begin(), legal.end(), design.batches_per_cycle) == legal.end()) {
    throw InvalidArgument(fmt::format("{}: design {}: K is {}, allowed: {}", layer.name,
                                      to_string(design), design.batches_per_cycle,
                                      fmt::join(legal, ", ")));
  }
}

}  // namespace inas::costmodel
