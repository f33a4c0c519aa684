#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/continuous.hpp>

namespace inas::costmodel {

ContinuousCost continuous_cost(const Profile& profile, const Layer& layer, const Design& design) {
  check_design(layer, design);
  if (design.batch != 1 || design.batches_per_cycle != 1) {
    throw InvalidArgument(fmt::format(
        "{}: design {}: under continuous power nothing is preserved, so S and K must be 1",
        layer.name, to_string(design)));
  }
  return continuous_cost(profile, layer, design, tile_counts(layer, design.tile));
}

ContinuousCost continuous_cost(const Profile& profile, const Layer& layer, const Design& design,
                               const TileCounts& counts) {
  const bool pooling = layer.type == LayerType::global_average_pool;
  const bool backs_up_once =
      design.order == LoopOrder::reuse_O && !pooling && !profile.faults.continuous_backup_per_tile;
  const PoolInput pool =
      profile.faults.pool_fetches_convolution_tile ? PoolInput::convolution : PoolInput::own;
  const auto shapes = tile_shapes(layer, design.tile);
  Design of_shape = design;

  ContinuousCost cost;
  for (std::size_t shape = 0; shape < kTileShapes; ++shape) {
    const std::int64_t positions = shapes[shape].positions;
    if (positions == 0) continue;
    of_shape.tile = shapes[shape].tile;
    const BatchTerms terms = batch_terms(profile, layer, of_shape, pool);
    const Cost& i = terms.input;
    const Cost& w = terms.weights;
    const Cost& o = terms.partial_sums;
    const std::int64_t outputs = positions * counts.out_channels;
    const std::int64_t tiles = outputs * counts.in_channels;
    const std::int64_t later = tiles - outputs;
    cost.compute = cost.compute + tiles * batch_compute(terms, 1);
    cost.backup = cost.backup + (backs_up_once ? outputs : tiles) * batch_backup(terms, 1);
    if (pooling) {
      cost.fetch = cost.fetch + tiles * (i + o);
      continue;
    }
    switch (design.order) {
      case LoopOrder::reuse_I:
        cost.fetch = cost.fetch + ((positions * counts.in_channels) * i + tiles * w + later * o);
        break;
      case LoopOrder::reuse_W: {
        // The weights serve tiles of all shapes; they are counted with the full ones.
        const std::int64_t weights = shape == 0 ? counts.out_channels * counts.in_channels : 0;
        cost.fetch = cost.fetch + (tiles * i + weights * w + later * o);
        break;
      }
      case LoopOrder::reuse_O:
        cost.fetch = cost.fetch + (tiles * i + tiles * w);
        break;
    }
  }
  return cost;
}

}  // namespace inas::costmodel
