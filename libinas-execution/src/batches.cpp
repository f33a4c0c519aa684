#include <algorithm>

#include <inas/execution/batches.hpp>
#include <inas/execution/power_cycle_walk.hpp>

namespace inas::execution {
BatchGroups batch_groups(const Layer& layer, const TileCounts& counts, LoopOrder order,
                         FirstSums first) {
  const LayerFacts& facts = facts_of(layer);
  const Loop innermost = innermost_loop(facts, order);
  BatchGroups groups;
  groups.extent = counts.of(innermost);
  groups.steps = innermost == Loop::in_channels ? 1 : counts.in_channels;
  groups.outputs = (innermost == Loop::positions ? 1 : counts.positions()) *
                   (innermost == Loop::out_channels ? 1 : counts.out_channels);
  groups.continues_output = adds_up(facts, innermost) && !fetches_first_sums(facts, first);
  groups.joinable_outputs = groups.outputs;
  if (!counts.ragged) return groups;
  if (innermost == Loop::positions) {
    groups.row = counts.columns;
  } else {
    groups.joinable_outputs = groups.outputs / counts.positions();
  }
  return groups;
}

bool legal_batch(const BatchGroups& groups, std::int64_t S) {
  return S >= 1 && groups.extent % S == 0 && keeps_to_rows(groups, S, 1);
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
    std::erase_if(legal, [&](std::int64_t K) { return !keeps_to_rows(groups, S, K); });
  }
  add(G, groups.steps);
  add(G * groups.steps, groups.joinable_outputs);
  return legal;
}

std::int64_t writes_per_output(const Layer& layer, const Design& design) {
  const LayerFacts& facts = facts_of(layer);
  const TileCounts counts = tile_counts(layer, design.tile);
  const Loop innermost = innermost_loop(facts, design.order);
  if (adds_up(facts, innermost)) return counts.of(innermost) / design.batch;
  return counts.in_channels;
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
    parts[used].plan = cycle_plan(shares, S, K);
    if (groups.continues_output && used > 0) {
      CyclePlan& plan = parts[used].plan;
      plan.later.count = plan.cycles();
      plan.first.count = 0;
    }
    ++used;
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

PowerCycles power_cycles(const Layer& layer, const Design& design, FirstSums first) {
  const TileCounts counts = tile_counts(layer, design.tile);
  const CyclePlan plan = cycle_plan(batch_groups(layer, counts, design.order, first), design.batch,
                                    design.batches_per_cycle);
  return {plan.first.count, plan.later.count};
}

WalkedLayer walked_layer(const Layer& layer, const Design& design, const LedgerUnits& units) {
  const TileCounts counts = tile_counts(layer, design.tile);
  const std::int64_t S = design.batch;
  const KeptOperand kept = kept_operand(facts_of(layer), design.order);
  const bool keeps = kept.input || kept.weights || kept.outputs;
  return {units, counts.all() / S, keeps ? batch_groups(layer, counts, design.order).extent / S : 1,
          design.batches_per_cycle};
}

}  // namespace inas::execution
