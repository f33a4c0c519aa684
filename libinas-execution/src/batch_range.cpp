#include <inas/execution/batch_range.hpp>

namespace inas::execution {
namespace {

TilesByShape operator-(const TilesByShape& a, const TilesByShape& b) {
  TilesByShape difference;
  for (std::size_t i = 0; i < kTileShapes; ++i) difference[i] = a[i] - b[i];
  return difference;
}

}  // namespace

BatchRanges::BatchRanges(const Layer& layer, const Design& design, FirstSums first)
    : batch_(design.batch), shapes_(tile_shapes(layer, design.tile)) {
  const TileCounts counts = tile_counts(layer, design.tile);
  groups_ = batch_groups(layer, counts, design.order, first);
  per_group_ = groups_.extent / batch_;
  of_positions_ = innermost_loop(facts_of(layer), design.order) == Loop::positions;
  rows_ = tile_rows(layer, design.tile);
  columns_ = tile_columns(layer, design.tile);
  uneven_ = counts.uneven;
  while (shapes_[any_shape_].positions == 0) ++any_shape_;
  if (!of_positions_) outputs_at_position_ = groups_.outputs / counts.positions();
}

std::size_t BatchRanges::shape_at(std::int64_t position) const {
  if (!uneven_) return any_shape_;
  return shape_index(rows_.class_of(position / columns_.tiles),
                     columns_.class_of(position % columns_.tiles));
}

TilesByShape BatchRanges::shapes_before(std::int64_t positions) const {
  TilesByShape shapes{};
  if (!uneven_) {
    shapes[any_shape_] = positions;
    return shapes;
  }
  const std::int64_t row = positions / columns_.tiles;
  const auto rows = rows_.before(row);
  for (std::size_t r = 0; r < kTileClasses; ++r) {
    for (std::size_t c = 0; c < kTileClasses; ++c) {
      shapes[r * kTileClasses + c] = rows[r] * columns_.count[c];
    }
  }
  if (row == rows_.tiles) return shapes;
  const auto in_row = columns_.before(positions % columns_.tiles);
  const auto here = static_cast<std::size_t>(rows_.class_of(row));
  for (std::size_t c = 0; c < kTileClasses; ++c) shapes[here * kTileClasses + c] += in_row[c];
  return shapes;
}

OperandOf BatchRanges::operand_of(std::int64_t group) const {
  OperandOf operand;
  operand.step = group % groups_.steps == 0 ? 0 : 1;
  operand.shape = any_shape_;
  if (!of_positions_) operand.shape = shape_at(group / groups_.steps / outputs_at_position_);
  return operand;
}

RangeCounts BatchRanges::before(std::int64_t batch) const {
  RangeCounts counts;
  const std::int64_t group = batch / per_group_;
  const std::int64_t in_group = batch - group * per_group_;
  const OperandOf here = operand_of(group);
  const auto add_groups = [&](std::size_t step, std::size_t shape, std::int64_t count) {
    counts.operands[step][shape] += count;
    counts.batches[shape] += count * per_group_;
    if (!of_positions_) counts.tiles[step][shape] += count * groups_.extent;
  };
  // Whole groups: those at the first step, and the others.
  const std::int64_t outputs = group / groups_.steps;
  const std::int64_t steps = group - outputs * groups_.steps;
  if (of_positions_) {
    const std::int64_t first = outputs + (steps > 0 ? 1 : 0);
    add_groups(0, any_shape_, first);
    add_groups(1, any_shape_, group - first);
    for (std::size_t shape = 0; shape < kTileShapes; ++shape) {
      counts.tiles[0][shape] = first * shapes_[shape].positions;
      counts.tiles[1][shape] = (group - first) * shapes_[shape].positions;
    }
  } else {
    const std::int64_t position = outputs / outputs_at_position_;
    const std::int64_t at_position = outputs - position * outputs_at_position_;
    TilesByShape whole = shapes_before(position);  // outputs by shape
    for (std::int64_t& count : whole) count *= outputs_at_position_;
    whole[here.shape] += at_position;
    for (std::size_t shape = 0; shape < kTileShapes; ++shape) {
      if (whole[shape] == 0) continue;
      add_groups(0, shape, whole[shape]);
      add_groups(1, shape, whole[shape] * (groups_.steps - 1));
    }
    if (steps > 0) {
      add_groups(0, here.shape, 1);
      add_groups(1, here.shape, steps - 1);
    }
  }
  if (in_group == 0) return counts;
  counts.operands[here.step][here.shape] += 1;
  counts.batches[here.shape] += in_group;
  if (of_positions_) {
    const TilesByShape tiles = shapes_before(in_group * batch_);
    for (std::size_t shape = 0; shape < kTileShapes; ++shape) {
      counts.tiles[here.step][shape] += tiles[shape];
    }
  } else {
    counts.tiles[here.step][here.shape] += in_group * batch_;
  }
  return counts;
}

RangeCounts BatchRanges::of(std::int64_t begin, std::int64_t end) const {
  const RangeCounts from = before(begin);
  const RangeCounts to = before(end);
  RangeCounts counts;
  for (std::size_t step = 0; step < kInputSteps; ++step) {
    counts.tiles[step] = to.tiles[step] - from.tiles[step];
    counts.operands[step] = to.operands[step] - from.operands[step];
  }
  counts.batches = to.batches - from.batches;
  if (begin % per_group_ == 0) return counts;
  const OperandOf resumed = operand_of(begin / per_group_);
  // An output tile that goes on is fetched as partial sums, which a new one does not have.
  const std::size_t step = groups_.continues_output ? 1 : resumed.step;
  counts.operands[step][resumed.shape] += 1;
  return counts;
}

}  // namespace inas::execution
