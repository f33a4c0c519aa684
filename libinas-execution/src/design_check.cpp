#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/execution/design_check.hpp>

namespace inas::execution {
namespace {

[[noreturn]] void refuse(const Layer& layer, const Design& design, const std::string& why) {
  throw InvalidArgument(fmt::format("{}: design {}: {}", layer.name, to_string(design), why));
}

void require_divisor(const Layer& layer, const Design& design, const char* symbol,
                     std::int64_t value, std::int64_t extent) {
  if (value >= 1 && value <= extent && extent % value == 0) return;
  refuse(layer, design, fmt::format("{} is {}, allowed: a divisor of {}", symbol, value, extent));
}

void require_tile_size(const Layer& layer, const Design& design, const char* symbol,
                       std::int64_t value, std::int64_t extent) {
  if (splits(extent, value)) return;
  refuse(layer, design,
         fmt::format("{} is {}, allowed: a divisor of {} or {}/q rounded up", symbol, value, extent,
                     extent));
}

void require_border(const Layer& layer, const Design& design, const char* symbol,
                    std::int64_t value, bool keeps,
                    std::vector<std::int64_t> (*sizes)(const Layer&)) {
  if (keeps) return;
  refuse(layer, design,
         fmt::format("{} is {}, so that others than the first and the last tile reach into the "
                     "padding, allowed: {}",
                     symbol, value, fmt::join(sizes(layer), ", ")));
}

void require_order(const Layer& layer, const Design& design) {
  const LayerFacts& facts = facts_of(layer);
  if (innermost_loop(facts, design.order) != Loop::none) return;
  std::vector<std::string> offered;
  for (const LoopOrder order : {LoopOrder::reuse_I, LoopOrder::reuse_W, LoopOrder::reuse_O}) {
    if (innermost_loop(facts, order) != Loop::none) {
      offered.push_back(fmt::format("reuse_{}", letter(order)));
    }
  }
  refuse(layer, design,
         fmt::format("the loop order is reuse_{}, allowed for a layer of type {}: {}",
                     letter(design.order), to_string(layer.type), fmt::join(offered, ", ")));
}

/// A number of the runtime that a design exceeds.
struct Excess {
  std::string_view what;
  std::int64_t found;
  std::int64_t most;
};

std::optional<Excess> excess_of(const Layer& layer, const Tile& tile, const TileCounts& counts,
                                const BatchGroups& groups, std::int64_t S) {
  if (S > kMostBatchTiles) return Excess{"S", S, kMostBatchTiles};
  if (counts.all() > kMostTiles) return Excess{"tiles", counts.all(), kMostTiles};
  if (S < least_batch(counts.all())) {
    return Excess{"preservation batches", counts.all() / S, kMostBatches};
  }
  const std::int64_t summed = summed_values(layer, tile, groups, S);
  if (summed > kMostSummedValues) {
    return Excess{"pixels that are averaged and those of a batch, together", summed,
                  kMostSummedValues};
  }
  return std::nullopt;
}

}  // namespace

std::int64_t summed_values(const Layer& layer, const Tile& tile, const BatchGroups& groups,
                           std::int64_t S) {
  if (!facts_of(layer).sums_in_32_bits || S == groups.extent) return 0;
  const std::int64_t pixels = tiled_map(layer).height * tiled_map(layer).width;
  return pixels + std::min(pixels, tile.rows * tile.columns * S);
}

void check_design(const Layer& layer, const Design& design) {
  const Shape& map = tiled_map(layer);
  require_tile_size(layer, design, "Tr", design.tile.rows, map.height);
  require_tile_size(layer, design, "Tc", design.tile.columns, map.width);
  require_border(layer, design, "Tr", design.tile.rows, keeps_border_rows(layer, design.tile.rows),
                 tile_row_sizes);
  require_border(layer, design, "Tc", design.tile.columns,
                 keeps_border_columns(layer, design.tile.columns), tile_column_sizes);
  require_divisor(layer, design, "Tm", design.tile.out_channels, layer.ofm.channels);
  require_divisor(layer, design, "Tn", design.tile.in_channels, stepped_channels(layer));
  require_order(layer, design);
  const TileCounts counts = tile_counts(layer, design.tile);
  const BatchGroups groups = batch_groups(layer, counts, design.order);
  require_divisor(layer, design, "S", design.batch, groups.extent);
  if (!legal_batch(groups, design.batch)) {
    refuse(layer, design,
           fmt::format(
               "S is {}, allowed where tiles are not all alike: a divisor or a multiple of {}, the "
               "tiles of a row",
               design.batch, groups.row));
  }
  const std::vector<std::int64_t> legal = legal_batches_per_cycle(groups, design.batch);
  if (design.batches_per_cycle != 0 &&
      std::find(legal.begin(), legal.end(), design.batches_per_cycle) == legal.end()) {
    refuse(
        layer, design,
        fmt::format("K is {}, allowed: 0, {}", design.batches_per_cycle, fmt::join(legal, ", ")));
  }
  if (const auto excess = excess_of(layer, design.tile, counts, groups, design.batch)) {
    refuse(layer, design,
           fmt::format("{}: found {}, allowed: at most {}", excess->what, excess->found,
                       excess->most));
  }
}

void check_designs(const Solution& solution) {
  if (!solution.explored) {
    throw InvalidArgument(
        "designs: found none, allowed: those of a network that was explored, as inas-eval design "
        "does");
  }
  const std::int64_t budget = solution.ledger.budget;
  if (budget > 0 &&
      std::none_of(solution.layers.begin(), solution.layers.end(), [](const LayerSolution& record) {
        return record.design.batches_per_cycle == 0;
      })) {
    throw InvalidArgument(fmt::format(
        "ledger.budget: found {}, allowed where every design has a K from 1: no energy ledger",
        budget));
  }
  for (const LayerSolution& record : solution.layers) {
    check_design(record.layer, record.design);
    if (budget == 0 && record.design.batches_per_cycle == 0) {
      refuse(record.layer, record.design, "K is 0, allowed without an energy ledger: 1 or more");
    }
    const std::int64_t dearest = record.units.entry + record.units.fetched;
    if (budget > 0 && dearest > budget) {
      refuse(record.layer, record.design,
             fmt::format("a batch takes {} units of the energy ledger, entry included, allowed: at "
                         "most its budget, {}, which is {} short",
                         dearest, budget, dearest - budget));
    }
  }
}

Solution read_checked_solution(const std::filesystem::path& folder) {
  Solution solution = read_solution(folder);
  try {
    check_designs(solution);
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(fmt::format("{}: {}", folder.string(), error.what()));
  }
  return solution;
}

}  // namespace inas::execution
