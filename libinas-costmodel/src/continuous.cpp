#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/continuous.hpp>

#include "terms.hpp"

namespace inas::costmodel {

ContinuousCost continuous_cost(const Profile& profile, const Layer& layer, const Design& design) {
  check_design(layer, design);
  if (design.batch != 1) {
    throw InvalidArgument(
        fmt::format("{}: design {}: under continuous power nothing is preserved, so S must be 1",
                    layer.name, to_string(design)));
  }
  const Tile& tile = design.tile;
  const TileCounts counts = tile_counts(layer, tile);
  const std::int64_t tiles = counts.all();
  const std::int64_t later = tiles - counts.per_input_step();
  const bool pooling = layer.type == LayerType::global_average_pool;

  ContinuousCost cost;
  cost.compute = tiles * batch_compute(profile, layer, design);
  const std::int64_t backups =
      design.order == LoopOrder::reuse_O && !pooling && !profile.faults.continuous_backup_per_tile
          ? counts.per_input_step()
          : tiles;
  cost.backup = backups * batch_backup(profile, layer, design);

  if (pooling) {
    const InputTile in = profile.faults.pool_fetches_convolution_tile
                             ? convolution_input_tile(layer, tile)
                             : input_tile(layer, tile);
    cost.fetch =
        tiles * (input_fetch(profile, in, tile.out_channels) + pooled_output_fetch(profile, tile));
    return cost;
  }
  const Cost i = input_fetch(profile, input_tile(layer, tile), tile.in_channels);
  const Cost w = weight_fetch(profile, layer, tile);
  const Cost o = partial_sum_fetch(profile, design);
  switch (design.order) {
    case LoopOrder::reuse_I:
      cost.fetch = (counts.rows * counts.columns * counts.in_channels) * i + tiles * w + later * o;
      break;
    case LoopOrder::reuse_W:
      cost.fetch = tiles * i + (counts.out_channels * counts.in_channels) * w + later * o;
      break;
    case LoopOrder::reuse_O:
      cost.fetch = tiles * i + tiles * w;
      break;
  }
  return cost;
}

}  // namespace inas::costmodel
