#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/continuous.hpp>
#include <inas/execution/design_check.hpp>

namespace inas::costmodel {

ContinuousCost continuous_cost(const Profile& profile, const Layer& layer, const Design& design) {
  if (design.batch != 1 || design.batches_per_cycle != 1) {
    execution::check_design(layer, design);
    throw InvalidArgument(fmt::format(
        "{}: design {}: allowed under continuous power, which preserves nothing: S and K of 1",
        layer.name, to_string(design)));
  }
  return uninterrupted_cost(profile, layer, design);
}

ContinuousCost uninterrupted_cost(const Profile& profile, const Layer& layer,
                                  const Design& design) {
  execution::check_design(layer, design);
  return continuous_cost(profile, layer, design, execution::tile_counts(layer, design.tile));
}

ContinuousCost continuous_cost(const Profile& profile, const Layer& layer, const Design& design,
                               const execution::TileCounts& counts) {
  const execution::LayerFacts& facts = execution::facts_of(layer);
  const execution::KeptOperand kept = execution::kept_operand(facts, design.order);
  const execution::InputExtent extent = queried_input_extent(profile.faults);
  const auto shapes = execution::tile_shapes(layer, design.tile);

  ContinuousCost cost;
  Design of_shape = design;
  bool is_first = true;
  for (std::size_t shape = 0; shape < execution::kTileShapes; ++shape) {
    const std::int64_t positions = shapes[shape].positions;
    if (positions == 0) continue;
    const bool is_first_shape = std::exchange(is_first, false);
    of_shape.tile = shapes[shape].tile;
    const execution::TileBorder& border = shapes[shape].border;
    const BatchTerms terms = batch_terms(profile, layer, of_shape, border, extent);
    const std::int64_t outputs = positions * counts.out_channels;
    const std::int64_t tiles = outputs * counts.in_channels;
    const bool backs_up_once = kept.outputs &&
                               !execution::fetches_first_sums(facts, profile.first_sums()) &&
                               !profile.faults.continuous_backup_per_tile;
    cost.compute = cost.compute + tiles * batch_compute(terms, 1);
    if (is_first_shape) cost.bookkeeping = terms.entry;
    cost.bookkeeping = cost.bookkeeping + tiles * terms.tile;
    cost.backup = cost.backup + (backs_up_once ? outputs : tiles) * batch_backup(terms, 1);
    const auto [i, w, o, b] = operand_costs(profile, layer, of_shape, border, extent);
    if (execution::fetches_first_sums(facts, profile.first_sums())) {
      cost.fetch = cost.fetch + tiles * (i + o);
      continue;
    }
    const std::int64_t inputs = kept.input ? positions * counts.in_channels : tiles;
    // Weights that stay serve tiles of all shapes; they are counted with the first one.
    std::int64_t weights = tiles;
    if (kept.weights) weights = is_first_shape ? counts.out_channels * counts.in_channels : 0;
    const std::int64_t later = kept.outputs ? 0 : tiles - outputs;
    cost.fetch = cost.fetch + (inputs * i + weights * w + later * o + outputs * b);
  }
  return cost;
}

}  // namespace inas::costmodel
