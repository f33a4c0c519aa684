#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/explorer/design_space.hpp>

namespace inas::explorer {

std::vector<std::int64_t> legal_divisors(std::int64_t n, Divisors legal) {
  std::vector<std::int64_t> small;
  std::vector<std::int64_t> large;
  for (std::int64_t d = 1; d * d <= n; ++d) {
    if (n % d != 0) continue;
    small.push_back(d);
    if (d != n / d) large.push_back(n / d);
  }
  small.insert(small.end(), large.rbegin(), large.rend());
  if (legal == Divisors::published) {
    std::erase_if(small, [](std::int64_t d) { return d != 1 && d % 2 != 0; });
  }
  return small;
}

TileLists tile_lists(const Layer& layer, Divisors legal) {
  const execution::LayerFacts& facts = execution::facts_of(layer);
  const Shape& map = execution::tiled_map(layer);
  const Divisors of_outputs = facts.published_even_tiles ? legal : Divisors::all;
  TileLists lists{legal_divisors(map.height, of_outputs),
                  legal_divisors(map.width, of_outputs),
                  legal_divisors(layer.ofm.channels, of_outputs),
                  legal_divisors(execution::stepped_channels(layer), legal),
                  {}};
  // Of a padded map the listed sizes may all be illegal; one tile that holds all is not.
  const auto keep = [&layer](std::vector<std::int64_t>& sizes, auto legal_size,
                             std::int64_t extent) {
    std::erase_if(sizes, [&](std::int64_t size) { return !legal_size(layer, size); });
    if (sizes.empty()) sizes.push_back(extent);
  };
  keep(lists.rows, execution::keeps_border_rows, map.height);
  keep(lists.columns, execution::keeps_border_columns, map.width);
  for (const LoopOrder order : {LoopOrder::reuse_I, LoopOrder::reuse_W, LoopOrder::reuse_O}) {
    if (execution::innermost_loop(facts, order) != execution::Loop::none) {
      lists.orders.push_back(order);
    }
  }
  return lists;
}

TileLists tile_lists(const Layer& layer, const ExplorerSettings& settings) {
  const LoopOrders& offered = settings.loop_orders;
  if (offered.none()) {
    throw InvalidArgument("explorer.loop_orders: found [], allowed: at least one of I, W, O");
  }
  TileLists lists = tile_lists(layer, settings.legal);
  if (lists.orders.size() > 1) {
    std::erase_if(lists.orders, [&](LoopOrder order) { return !offered.has(order); });
  }
  if (settings.ragged_tiles) {
    lists.rows = execution::tile_row_sizes(layer);
    lists.columns = execution::tile_column_sizes(layer);
  }
  return lists;
}

BatchLists::BatchLists(const Layer& layer, const TileLists& tiles, Divisors legal, PowerKind power)
    : innermost_(execution::facts_of(layer).innermost), columns_(tiles.columns.size()) {
  struct Key {
    std::int64_t extent;
    std::int64_t row;
    std::int64_t summed;  ///< values of a tile, where the runtime sums up
    bool operator==(const Key&) const = default;
  };
  const bool sums = execution::facts_of(layer).sums_in_32_bits;
  std::vector<Key> keys;
  std::vector<std::pair<std::int64_t, std::vector<std::int64_t>>> known_divisors;
  const auto divisors_of = [&](std::int64_t extent) -> const std::vector<std::int64_t>& {
    const auto known = std::find_if(known_divisors.begin(), known_divisors.end(),
                                    [&](const auto& of) { return of.first == extent; });
    if (known != known_divisors.end()) return known->second;
    return known_divisors.emplace_back(extent, legal_divisors(extent, legal)).second;
  };
  const auto list_of = [&](const Tile& tile, execution::Loop innermost) -> std::size_t {
    const auto order = std::find(innermost_.begin(), innermost_.end(), innermost);
    if (order == innermost_.end()) return 0;
    const execution::BatchGroups groups =
        execution::batch_groups(layer, execution::tile_counts(layer, tile),
                                static_cast<LoopOrder>(order - innermost_.begin()));
    Key key{groups.extent, groups.row, sums ? tile.rows * tile.columns : 0};
    if (power == PowerKind::continuous) key = {1, 0, key.summed};
    const auto known = std::find(keys.begin(), keys.end(), key);
    const auto index = static_cast<std::size_t>(known - keys.begin());
    if (known != keys.end()) return index;
    std::vector<std::int64_t>& list = lists_.emplace_back();
    for (const std::int64_t S : divisors_of(key.extent)) {
      if (execution::legal_batch(groups, S) && execution::runtime_holds(layer, tile, groups, S)) {
        list.push_back(S);
      }
    }
    keys.push_back(key);
    return index;
  };
  Tile tile;
  for (const std::int64_t rows : tiles.rows) {
    for (const std::int64_t columns : tiles.columns) {
      tile.rows = rows;
      tile.columns = columns;
      by_positions_.push_back(list_of(tile, execution::Loop::positions));
      positions_.push_back(execution::tile_counts(layer, tile).positions());
    }
  }
  tile = {};
  for (const std::int64_t out_channels : tiles.out_channels) {
    tile.out_channels = out_channels;
    by_out_channels_.push_back(list_of(tile, execution::Loop::out_channels));
    out_channels_.push_back(execution::tile_counts(layer, tile).out_channels);
  }
  tile = {};
  for (const std::int64_t in_channels : tiles.in_channels) {
    tile.in_channels = in_channels;
    by_in_channels_.push_back(list_of(tile, execution::Loop::in_channels));
    in_channels_.push_back(execution::tile_counts(layer, tile).in_channels);
  }
  has_many_tiles_ =
      positions_.front() * out_channels_.front() * in_channels_.front() > execution::kMostBatches;
}

DesignSpace::DesignSpace(const Layer& layer, const ExplorerSettings& settings, PowerKind power)
    : tiles(tile_lists(layer, settings)),
      batches(layer, tiles, settings.legal, power),
      ways(executions(layer, settings)) {}

std::span<const std::int64_t> DesignSpace::batches_of(const Design& design) const {
  const auto index = [](const std::vector<std::int64_t>& sizes, std::int64_t size) {
    return static_cast<std::size_t>(std::lower_bound(sizes.begin(), sizes.end(), size) -
                                    sizes.begin());
  };
  const Tile& tile = design.tile;
  return batches.of(design.order, index(tiles.rows, tile.rows), index(tiles.columns, tile.columns),
                    index(tiles.out_channels, tile.out_channels),
                    index(tiles.in_channels, tile.in_channels));
}

ExplorerSettings with_units(ExplorerSettings settings, const costmodel::Profile& profile) {
  Units& units = settings.units;
  if (units.none()) {
    (profile.prices(Unit::cpu) ? units.cpu : units.lea) = true;
    return settings;
  }
  for (const Unit unit : {Unit::lea, Unit::cpu}) {
    if (!units.has(unit) || profile.prices(unit)) continue;
    throw InvalidArgument(fmt::format(
        "explorer.units: found {}, allowed: the units that the profile {} prices: {}",
        to_string(unit), profile.name, to_string(unit == Unit::lea ? Unit::cpu : Unit::lea)));
  }
  return settings;
}

std::vector<Design> executions(const Layer& layer, const ExplorerSettings& settings) {
  const auto vectors = [&layer](MacGranularity mac) {
    return execution::vectors_of(layer, 1, mac).count;
  };
  const bool row_differs = vectors(MacGranularity::row) != vectors(MacGranularity::tap);
  const bool has_vectors = vectors(MacGranularity::tap) > 0;
  std::vector<Design> ways;
  const auto add = [&](Unit unit, MacGranularity mac) {
    for (const DmaGranularity dma : {DmaGranularity::pixel, DmaGranularity::coalesced}) {
      if (dma == DmaGranularity::coalesced && !settings.coalesced_dma) continue;
      Design way;
      way.unit = unit;
      way.mac = mac;
      way.dma = dma;
      ways.push_back(way);
    }
  };
  const bool offers_lea = settings.units.lea || settings.units.none();
  if (offers_lea || !has_vectors) add(Unit::lea, MacGranularity::tap);
  if (offers_lea && settings.row_mac && row_differs) add(Unit::lea, MacGranularity::row);
  if (settings.units.cpu && has_vectors) add(Unit::cpu, MacGranularity::tap);
  return ways;
}

}  // namespace inas::explorer
