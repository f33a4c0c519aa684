#include <algorithm>
#include <utility>

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
  if (layer.type == LayerType::global_average_pool) {
    return {legal_divisors(layer.ifm.height, legal),
            legal_divisors(layer.ifm.width, legal),
            legal_divisors(layer.ofm.channels, legal),
            {1},
            {LoopOrder::reuse_O}};
  }
  return {legal_divisors(layer.ofm.height, Divisors::all),
          legal_divisors(layer.ofm.width, Divisors::all),
          legal_divisors(layer.ofm.channels, Divisors::all),
          legal_divisors(layer.ifm.channels, legal),
          {LoopOrder::reuse_I, LoopOrder::reuse_W, LoopOrder::reuse_O}};
}

TileLists tile_lists(const Layer& layer, const ExplorerSettings& settings) {
  const LoopOrders& offered = settings.loop_orders;
  if (offered.none()) {
    throw InvalidArgument("explorer.loop_orders: found [], allowed: at least one of I, W, O");
  }
  TileLists lists = tile_lists(layer, settings.legal);
  const bool pooling = layer.type == LayerType::global_average_pool;
  if (!pooling) {
    std::erase_if(lists.orders, [&](LoopOrder order) { return !offered.has(order); });
  }
  if (settings.ragged_tiles) {
    const Shape& map = pooling ? layer.ifm : layer.ofm;
    lists.rows = costmodel::ragged_sizes(map.height);
    lists.columns = costmodel::ragged_sizes(map.width);
  }
  return lists;
}

BatchLists::BatchLists(const Layer& layer, const TileLists& tiles, Divisors legal, PowerKind power)
    : pooling_(layer.type == LayerType::global_average_pool), columns_(tiles.columns.size()) {
  struct Key {
    std::int64_t extent;
    std::int64_t row;
    bool operator==(const Key&) const = default;
  };
  std::vector<Key> keys;
  const auto list_of = [&](const Tile& tile, LoopOrder order) {
    const costmodel::BatchGroups groups =
        costmodel::batch_groups(layer, costmodel::tile_counts(layer, tile), order);
    const Key key = power == PowerKind::continuous ? Key{1, 0} : Key{groups.extent, groups.row};
    const auto known = std::find(keys.begin(), keys.end(), key);
    const auto index = static_cast<std::size_t>(known - keys.begin());
    if (known != keys.end()) return index;
    std::vector<std::int64_t> list = legal_divisors(key.extent, legal);
    if (key.row > 0) {
      std::erase_if(list, [&](std::int64_t S) { return !costmodel::legal_batch(groups, S); });
    }
    keys.push_back(key);
    lists_.push_back(std::move(list));
    return index;
  };
  for (const std::int64_t rows : tiles.rows) {
    for (const std::int64_t columns : tiles.columns) {
      by_pixels_.push_back(list_of({rows, columns, 1, 1}, LoopOrder::reuse_W));
    }
  }
  for (const std::int64_t out_channels : tiles.out_channels) {
    by_out_channels_.push_back(list_of({1, 1, out_channels, 1}, LoopOrder::reuse_I));
  }
  for (const std::int64_t in_channels : tiles.in_channels) {
    by_in_channels_.push_back(list_of({1, 1, 1, in_channels}, LoopOrder::reuse_O));
  }
}

DesignSpace::DesignSpace(const Layer& layer, const ExplorerSettings& settings, PowerKind power)
    : tiles(tile_lists(layer, settings)),
      batches(layer, tiles, settings.legal, power),
      ways(executions(layer, settings)) {}

std::vector<Design> executions(const Layer& layer, const ExplorerSettings& settings) {
  const bool pooling = layer.type == LayerType::global_average_pool;
  const bool one_dimensional = layer.ifm.width == 1;
  const bool row_differs = layer.kernel_width > 1 || (one_dimensional && layer.kernel_height > 1);
  std::vector<Design> ways;
  for (const MacGranularity mac : {MacGranularity::tap, MacGranularity::row}) {
    if (mac == MacGranularity::row && (!settings.row_mac || pooling || !row_differs)) continue;
    for (const DmaGranularity dma : {DmaGranularity::pixel, DmaGranularity::coalesced}) {
      if (dma == DmaGranularity::coalesced && !settings.coalesced_dma) continue;
      Design way;
      way.mac = mac;
      way.dma = dma;
      ways.push_back(way);
    }
  }
  return ways;
}

}  // namespace inas::explorer
