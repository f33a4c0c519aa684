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
  if (!counts.uneven) return groups;
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
  // `windows` shares of a group that hold so many rows and columns of tiles of each class.
  using ByClass = std::array<std::int64_t, kTileClasses>;
  const auto add = [&](std::int64_t windows, const ByClass& rows, const ByClass& columns) {
    if (windows == 0) return;
    BatchGroups shares = groups;
    shares.extent = windows * tiles;
    for (std::size_t r = 0; r < kTileClasses; ++r) {
      for (std::size_t c = 0; c < kTileClasses; ++c) {
        parts[used].tiles[r * kTileClasses + c] = rows[r] * columns[c];
      }
    }
    parts[used].plan = cycle_plan(shares, S, K);
    if (groups.continues_output && used > 0) {
      CyclePlan& plan = parts[used].plan;
      plan.later.count = plan.cycles();
      plan.first.count = 0;
    }
    ++used;
  };
  const auto occurs = [&](std::size_t a, std::size_t b, std::size_t c) -> std::int64_t {
    return shapes[a].positions + shapes[b].positions + shapes[c].positions > 0 ? 1 : 0;
  };
  // Is there a first and a last row (column) of tiles of their own?
  ByClass rows{0, occurs(3, 4, 5), occurs(6, 7, 8)};
  ByClass columns{0, occurs(1, 4, 7), occurs(2, 5, 8)};
  rows[0] = groups.extent / groups.row - rows[1] - rows[2];
  columns[0] = groups.row - columns[1] - columns[2];
  // Shares of `each` of the tiles of one direction, of which the first and the last may hold
  // others: calls `visit(number of them, tiles of each class)`.
  const auto for_each_share = [](const ByClass& all, std::int64_t each, auto&& visit) {
    const std::int64_t shares = (all[0] + all[1] + all[2]) / each;
    if (shares == 1) {
      visit(1, all);
      return;
    }
    visit(shares - all[1] - all[2], ByClass{each, 0, 0});
    visit(all[1], ByClass{each - 1, 1, 0});
    visit(all[2], ByClass{each - 1, 0, 1});
  };
  if (tiles < groups.row) {
    for_each_share(rows, 1, [&](std::int64_t of_rows, const ByClass& row) {
      for_each_share(columns, tiles, [&](std::int64_t windows, const ByClass& in_row) {
        add(of_rows * windows, row, in_row);
      });
    });
  } else {
    for_each_share(rows, tiles / groups.row, [&](std::int64_t windows, const ByClass& in_share) {
      add(windows, in_share, columns);
    });
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
