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
  const Tile& tile = design.tile;
  const TileCounts counts = tile_counts(layer, tile);
  const std::int64_t tiles = counts.all();
  const std::int64_t later = tiles - counts.per_input_step();
  const bool pooling = layer.type == LayerType::global_average_pool;

  const PoolInput pool =
      profile.faults.pool_fetches_convolution_tile ? PoolInput::convolution : PoolInput::own;
  const BatchTerms terms = batch_terms(profile, layer, design, pool);
  const Cost& i = terms.input;
  const Cost& w = terms.weights;
  const Cost& o = terms.partial_sums;

  ContinuousCost cost;
  cost.compute = tiles * batch_compute(terms, 1);
  const bool backs_up_once =
      design.order == LoopOrder::reuse_O && !pooling && !profile.faults.continuous_backup_per_tile;
  cost.backup = (backs_up_once ? counts.per_input_step() : tiles) * batch_backup(terms, 1);
  if (pooling) {
    cost.fetch = tiles * (i + o);
    return cost;
  }
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
