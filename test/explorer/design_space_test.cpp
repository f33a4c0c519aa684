#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <inas/core/error.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/explorer/design_space.hpp>
#include <inas/explorer/layer_search.hpp>

namespace {

using inas::Design;
using inas::Divisors;
using inas::Layer;
using inas::LoopOrder;
using inas::PowerKind;
using inas::explorer::legal_divisors;
using inas::explorer::tile_lists;
using List = std::vector<std::int64_t>;

std::vector<Design> all_designs(const Layer& layer, Divisors legal, PowerKind power) {
  std::vector<Design> designs;
  inas::explorer::for_each_design(layer, legal, power,
                                  [&](const Design& design) { designs.push_back(design); });
  return designs;
}

TEST(DesignSpace, DivisorsAreAscendingAndComplete) {
  for (std::int64_t n = 1; n <= 500; ++n) {
    List all;
    List published;
    for (std::int64_t d = 1; d <= n; ++d) {
      if (n % d != 0) continue;
      all.push_back(d);
      if (d == 1 || d % 2 == 0) published.push_back(d);
    }
    EXPECT_EQ(legal_divisors(n, Divisors::all), all) << n;
    EXPECT_EQ(legal_divisors(n, Divisors::published), published) << n;
  }
}

TEST(DesignSpace, PublishedListsLoseOddInputChannelsOfConvolutions) {
  const auto lists =
      tile_lists(inas::make_convolution("CONV_0", {9, 17, 17}, 15, 3, 3), Divisors::published);
  EXPECT_EQ(lists.rows, (List{1, 3, 5, 15}));
  EXPECT_EQ(lists.columns, (List{1, 3, 5, 15}));
  EXPECT_EQ(lists.out_channels, (List{1, 3, 5, 15}));
  EXPECT_EQ(lists.in_channels, (List{1}));
  EXPECT_EQ(lists.orders,
            (std::vector{LoopOrder::reuse_I, LoopOrder::reuse_W, LoopOrder::reuse_O}));
}

TEST(DesignSpace, PublishedListsLoseAllOddSizesOfPooling) {
  const Layer pool = inas::make_global_average_pool("GAVGPOOL_0", {6, 18, 15});
  const auto published = tile_lists(pool, Divisors::published);
  EXPECT_EQ(published.rows, (List{1, 2, 6, 18}));
  EXPECT_EQ(published.columns, (List{1}));
  EXPECT_EQ(published.out_channels, (List{1, 2, 6}));
  EXPECT_EQ(published.in_channels, (List{1}));
  EXPECT_EQ(published.orders, (std::vector{LoopOrder::reuse_O}));
  const auto all = tile_lists(pool, Divisors::all);
  EXPECT_EQ(all.columns, (List{1, 3, 5, 15}));
  EXPECT_EQ(all.in_channels, (List{1}));
}

TEST(DesignSpace, EveryDesignIsLegalAndOccursOnce) {
  for (const Layer& layer : {inas::make_convolution("CONV_0", {6, 14, 14}, 15, 3, 3),
                             inas::make_convolution("CONV_0", {9, 40, 1}, 8, 7, 1),
                             inas::make_fully_connected("FC_0", {4, 5, 1}, 12),
                             inas::make_global_average_pool("GAVGPOOL_0", {12, 9, 10}),
                             inas::make_max_pooling("MAXPOOL_0", {12, 9, 10}, 3, 2, 2)}) {
    for (const Divisors legal : {Divisors::published, Divisors::all}) {
      for (const PowerKind power : {PowerKind::intermittent, PowerKind::continuous}) {
        SCOPED_TRACE(layer.name);
        std::set<std::string> seen;
        for (const Design& design : all_designs(layer, legal, power)) {
          EXPECT_NO_THROW(inas::execution::check_design(layer, design));
          EXPECT_TRUE(seen.insert(to_string(design)).second) << to_string(design);
          if (power == PowerKind::continuous) {
            EXPECT_EQ(design.batch, 1);
          }
        }
        EXPECT_FALSE(seen.empty());
      }
    }
  }
}

/// Layers of which some legal designs exceed the runtime's numbers: S, batches, sums of pooling.
TEST(DesignSpace, HoldsNothingThatTheRuntimesNumbersDoNotHold) {
  namespace execution = inas::execution;
  for (const Layer& layer : {inas::make_convolution("CONV_0", {2, 65534, 2}, 1, 1, 1),
                             inas::make_convolution("CONV_0", {1, 4096, 4096}, 4, 1, 1),
                             inas::make_global_average_pool("GAVGPOOL_0", {1, 255, 257})}) {
    SCOPED_TRACE(inas::to_string(layer.type));
    std::int64_t offered = 0;
    std::int64_t left_out = 0;
    inas::explorer::for_each_execution(
        layer, inas::published_space(Divisors::all), PowerKind::intermittent,
        [&](const Design& execution, std::span<const std::int64_t> batches) {
          const auto counts = execution::tile_counts(layer, execution.tile);
          const auto groups = execution::batch_groups(layer, counts, execution.order);
          for (const std::int64_t S : legal_divisors(groups.extent, Divisors::all)) {
            const bool held = execution::runtime_holds(layer, execution.tile, groups, S) &&
                              S >= execution::least_batch(counts.all());
            const bool listed = std::find(batches.begin(), batches.end(), S) != batches.end();
            ASSERT_EQ(listed, held) << to_string(execution) << " " << S;
            ++(listed ? offered : left_out);
          }
        });
    EXPECT_GT(offered, 0);
    EXPECT_GT(left_out, 0);
  }
}

TEST(DesignSpace, RaggedTilesAddRowsAndColumnsAndKeepEveryDesign) {
  for (const Layer& layer : {inas::make_convolution("CONV_0", {6, 13, 15}, 4, 3, 3),
                             inas::make_convolution("CONV_0", {6, 11, 1}, 4, 5, 1),
                             inas::make_fully_connected("FC_0", {4, 5, 1}, 12),
                             inas::make_global_average_pool("GAVGPOOL_0", {4, 7, 10}),
                             inas::make_max_pooling("MAXPOOL_0", {4, 15, 20}, 2, 2, 2)}) {
    for (const Divisors legal : {Divisors::published, Divisors::all}) {
      SCOPED_TRACE(layer.name);
      std::set<std::string> ragged;
      inas::ExplorerSettings settings = inas::published_space(legal);
      settings.ragged_tiles = true;
      inas::explorer::for_each_design(
          layer, settings, PowerKind::intermittent, [&](const Design& design) {
            EXPECT_NO_THROW(inas::execution::check_design(layer, design));
            EXPECT_TRUE(ragged.insert(to_string(design)).second) << to_string(design);
          });
      const std::vector<Design> even = all_designs(layer, legal, PowerKind::intermittent);
      for (const Design& design : even) EXPECT_EQ(ragged.count(to_string(design)), 1u);
      if (layer.type != inas::LayerType::fully_connected) {
        EXPECT_GT(ragged.size(), even.size());
      }
    }
  }
  const auto lists =
      tile_lists(inas::make_convolution("CONV_0", {9, 13, 19}, 15, 3, 3), inas::ExplorerSettings{});
  EXPECT_EQ(lists.rows, (List{1, 2, 3, 4, 6, 11}));
  EXPECT_EQ(lists.columns, (List{1, 2, 3, 4, 5, 6, 9, 17}));
  EXPECT_EQ(lists.out_channels, (List{1, 3, 5, 15}));
}

TEST(DesignSpace, PublishedDesignsAreAmongAllDesignsInTheSameOrder) {
  const Layer layer = inas::make_convolution("CONV_0", {6, 14, 14}, 15, 3, 3);
  const std::vector<Design> all = all_designs(layer, Divisors::all, PowerKind::intermittent);
  auto at = all.begin();
  for (const Design& design : all_designs(layer, Divisors::published, PowerKind::intermittent)) {
    at = std::find(at, all.end(), design);
    ASSERT_NE(at, all.end()) << to_string(design);
  }
}

TEST(DesignSpace, AllDivisorsAreNeverWorseThanThePublishedOnes) {
  const auto device = inas::costmodel::make_device({}, {});
  for (const Layer& layer : {inas::make_convolution("CONV_0", {9, 30, 1}, 15, 3, 1),
                             inas::make_convolution("CONV_0", {15, 9, 9}, 6, 3, 3),
                             inas::make_global_average_pool("GAVGPOOL_0", {15, 9, 9})}) {
    const auto published = inas::explorer::best_design(device, layer, inas::published_space());
    const auto all =
        inas::explorer::best_design(device, layer, inas::published_space(Divisors::all));
    ASSERT_TRUE(published.best && all.best);
    EXPECT_LE(all.best->latency_s, published.best->latency_s);
  }
}

TEST(DesignSpace, InvalidLayersAreRefused) {
  const auto device = inas::costmodel::make_device({}, {});
  Layer layer = inas::make_convolution("CONV_0", {2, 8, 8}, 4, 3, 3);
  layer.ofm.height = 8;
  EXPECT_THROW((void)inas::explorer::best_design(device, layer, {}), inas::InvalidArgument);
  EXPECT_THROW((void)inas::explorer::best_design_by_sweep(device, layer, {}),
               inas::InvalidArgument);
}

}  // namespace
