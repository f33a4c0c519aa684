#include <algorithm>

#include <inas/costmodel/batch_sums.hpp>

namespace inas::costmodel {
namespace {

using execution::kInputSteps;
using execution::kTileShapes;

/// Sets what depends on the shape of a tile.
void set_rates(const BatchTerms& terms, std::int64_t S, const Cost& record, std::size_t shape,
               RangeRates<CycleCost>& rates) {
  CycleCost tile;
  tile.compute = tiles_compute(terms, 1);
  tile.bookkeeping = terms.tile;
  CycleCost batch;
  batch.compute = terms.batch_compute;
  batch.bookkeeping = terms.batch;
  batch.index_backup = record;
  // Tiles that are backed up one by one add up, whatever the batch.
  (terms.backup.per_tile() ? tile : batch).backup =
      batch_backup(terms, terms.backup.per_tile() ? 1 : S);
  rates.batch[shape] = batch;
  for (std::size_t step = 0; step < kInputSteps; ++step) {
    rates.tile[step][shape] = tile;
    rates.tile[step][shape].fetch = terms.per_tile[step];
    rates.operand[step][shape].fetch = terms.once[step];
  }
}

RangeRates<Cost> totals_of(const RangeRates<CycleCost>& parts) {
  RangeRates<Cost> totals;
  totals.entry = parts.entry.work();
  for (std::size_t shape = 0; shape < kTileShapes; ++shape) {
    totals.batch[shape] = parts.batch[shape].work();
    for (std::size_t step = 0; step < kInputSteps; ++step) {
      totals.tile[step][shape] = parts.tile[step][shape].work();
      totals.operand[step][shape] = parts.operand[step][shape].work();
    }
  }
  return totals;
}

}  // namespace

BatchSums::BatchSums(const Profile& profile, const Layer& layer, const Design& design)
    : ranges_(layer, design, profile.first_sums()) {
  const Cost record = cycle_overheads(profile).record;
  Design of_shape = design;
  for (std::size_t shape = 0; shape < kTileShapes; ++shape) {
    if (!ranges_.has(shape)) continue;
    of_shape.tile = ranges_.shapes()[shape].tile;
    const BatchTerms terms = batch_terms(profile, layer, of_shape, ranges_.shapes()[shape].border);
    set_rates(terms, design.batch, record, shape, parts_);
    parts_.entry.bookkeeping = terms.entry;
    shapes_[shape_count_++] = shape;
  }
  totals_ = totals_of(parts_);
  dearest_ = dearest_batches(design.batch);
}

template <class Value>
Value BatchSums::sum(const RangeRates<Value>& rates, std::int64_t begin, std::int64_t end) const {
  const execution::RangeCounts counts = ranges_.of(begin, end);
  Value sum = rates.entry;
  for (const std::size_t shape : shapes()) {
    sum = sum + counts.batches[shape] * rates.batch[shape];
    for (std::size_t step = 0; step < kInputSteps; ++step) {
      sum = sum + counts.tiles[step][shape] * rates.tile[step][shape];
      sum = sum + counts.operands[step][shape] * rates.operand[step][shape];
    }
  }
  return sum;
}

Cost BatchSums::of(std::int64_t begin, std::int64_t end) const { return sum(totals_, begin, end); }

CycleCost BatchSums::parts_of(std::int64_t begin, std::int64_t end) const {
  return sum(parts_, begin, end);
}

BatchEnergies BatchSums::dearest_batches(std::int64_t S) const {
  const execution::BatchGroups& groups = ranges_.groups();
  BatchEnergies dearest{.entry_j = totals_.entry.energy_j};
  const auto consider = [&](const execution::TilesByShape& tiles) {
    std::size_t first = 0;
    while (tiles[first] == 0) ++first;
    for (std::size_t step = 0; step < (groups.steps > 1 ? kInputSteps : 1); ++step) {
      Cost batch = totals_.batch[first];
      for (const std::size_t shape : shapes()) {
        batch = batch + tiles[shape] * totals_.tile[step][shape];
      }
      // A cycle may resume in the middle of a group, with partial sums to fetch.
      const bool resumes = groups.continues_output && ranges_.per_group() > 1;
      dearest.kept_j = std::max(dearest.kept_j, batch.energy_j);
      for (std::size_t of = step; of < (resumes ? kInputSteps : step + 1); ++of) {
        const Cost& operand = totals_.operand[of][first];
        dearest.fetched_j = std::max(dearest.fetched_j, (batch + operand).energy_j);
      }
    }
  };
  if (shape_count_ == 1) {
    execution::TilesByShape tiles{};
    tiles[shapes_[0]] = S;
    consider(tiles);
    return dearest;
  }
  for (const execution::CyclePart& part : cycle_parts(groups, ranges_.shapes(), S, 1)) {
    if (part.plan.cycles() == 0) break;
    consider(part.tiles);
  }
  return dearest;
}

}  // namespace inas::costmodel
