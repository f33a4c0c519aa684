#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include <inas/execution/nvm_layout.hpp>

#include "random_solution.hpp"

namespace inas::execution {
namespace {

using dump::Generator;
using dump::random_solution;

std::vector<ExecutedLayer> layers_of(const Solution& solution) {
  std::vector<ExecutedLayer> layers;
  for (const LayerSolution& record : solution.layers) {
    layers.push_back({record.layer, record.design});
  }
  return layers;
}

bool overlap(const Region& a, const Region& b) {
  return a.address < b.end() && b.address < a.end();
}

TEST(Layout, NothingOverlapsWhatIsAliveWithIt) {
  Generator generator(7);
  for (int i = 0; i < 1000; ++i) {
    const Solution solution = random_solution(generator);
    const MemoryLayout layout = lay_out(layers_of(solution));
    const std::size_t last = layout.layers.size() - 1;
    std::vector<Region> fixed{layout.progress};
    for (std::size_t l = 0; l <= last; ++l) fixed.push_back(layout.layers[l].weights);
    for (std::size_t a = 0; a < fixed.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) ASSERT_FALSE(overlap(fixed[a], fixed[b]));
      ASSERT_LE(fixed[a].end(), layout.image_bytes);
    }
    for (std::size_t l = 0; l <= last; ++l) {
      const LayerRegions& regions = layout.layers[l];
      const Layer& layer = solution.layers[l].layer;
      ASSERT_EQ(regions.input.bytes, 2 * layer.ifm.values());
      ASSERT_EQ(regions.weights.bytes, 2 * weight_count(layer));
      ASSERT_FALSE(overlap(regions.input, regions.outputs[0]));
      ASSERT_FALSE(overlap(regions.input, regions.outputs[1]));
      const bool one = regions.outputs[0] == regions.outputs[1];
      ASSERT_TRUE(one || !overlap(regions.outputs[0], regions.outputs[1]));
      for (const Region& map : {regions.input, regions.outputs[0], regions.outputs[1]}) {
        ASSERT_EQ(map.address % 4, 0);
        ASSERT_GE(map.address, layout.image_bytes);
        ASSERT_LE(map.end(), layout.total_bytes);
      }
      ASSERT_EQ(regions.weights.address % 4, 0);
    }
    const auto inputs = input_indices(network_of(solution).layers);
    const auto region_of = [&](std::int64_t map) {
      return map == kNetworkInput ? layout.input()
                                  : layout.layers[static_cast<std::size_t>(map)].output();
    };
    for (std::size_t l = 0; l <= last; ++l) {
      const LayerRegions& regions = layout.layers[l];
      ASSERT_EQ(regions.input, region_of(inputs[l].front()));
      if (inputs[l].size() > 1) {
        ASSERT_EQ(regions.second_input, region_of(inputs[l].back()));
      }
    }
    // A map stays until its last reader has run.
    const std::vector<std::int64_t> readers = last_readers(inputs);
    for (std::size_t l = 0; l <= last; ++l) {
      for (auto later = l + 1; later <= static_cast<std::size_t>(readers[l]); ++later) {
        for (const Region& output : layout.layers[later].outputs) {
          ASSERT_FALSE(overlap(layout.layers[l].output(), output));
        }
      }
    }
    for (const LayerRegions& regions : layout.layers) {
      for (const Region& output : regions.outputs) {
        ASSERT_FALSE(overlap(layout.input(), output)) << "an inference may be started again";
      }
    }
  }
}

/// No layout could do with less than what lives in the layer that needs most, weights, input and
/// progress; in a chain, and where adds close over chains, the area of the maps is no larger.
TEST(Layout, NeedsNoMoreThanLivesAtOnce) {
  Generator generator(8);
  int chains = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::vector<ExecutedLayer> layers = layers_of(random_solution(generator));
    const MemoryLayout layout = lay_out(layers);
    const auto room = [](const Region& region) { return (region.bytes + 3) / 4 * 4; };
    std::vector<Layer> plain;
    for (const ExecutedLayer& of : layers) plain.push_back(of.layer);
    const auto inputs = input_indices(plain);
    const std::vector<std::int64_t> readers = last_readers(inputs);
    std::int64_t most = 0;
    bool is_chain = true;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const LayerRegions& regions = layout.layers[l];
      is_chain &= inputs[l] == std::vector{static_cast<std::int64_t>(l) - 1};
      std::int64_t live = room(regions.outputs[0]);
      if (regions.outputs[0] != regions.outputs[1]) live += room(regions.outputs[1]);
      for (std::size_t before = 0; before < l; ++before) {
        if (readers[before] >= static_cast<std::int64_t>(l)) {
          live += room(layout.layers[before].output());
        }
      }
      most = std::max(most, live);
    }
    chains += is_chain ? 1 : 0;
    const std::int64_t least = layout.image_bytes + room(layout.input()) + most;
    ASSERT_GE(layout.total_bytes, least);
    if (is_chain) {
      ASSERT_EQ(layout.total_bytes, least);
    }
    ASSERT_EQ(layout.total_bytes, nvm_need_bytes(layers, 2));
  }
  EXPECT_GT(chains, 100);
}

/// Chains of `body` layers between a map and an add of both, some with copies, and what follows
/// them: need and places hold whatever the extents, even where all maps of a block are as large.
TEST(Layout, WhatWaitsForAnAddTakesNoMoreThanItself) {
  std::mt19937_64 random(9);
  const auto draw = [&](std::int64_t from, std::int64_t to) {
    return from + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(to - from + 1));
  };
  int adds = 0;
  for (int i = 0; i < 500; ++i) {
    std::vector<ExecutedLayer> layers;
    Shape map{draw(1, 5), draw(1, 5), draw(1, 5)};
    const auto name = [&] { return "L" + std::to_string(layers.size()); };
    const auto convolve = [&](std::int64_t channels) {
      const Layer layer = make_convolution(name(), map, channels, 1, 1);
      // Two input steps, where there are two channels, write each output twice.
      const bool twice = map.channels % 2 == 0 && random() % 3 == 0;
      const Design design =
          parse_design(std::to_string(map.height) + "_" + std::to_string(map.width) + "_" +
                       std::to_string(channels) + "_" +
                       std::to_string(map.channels / (twice ? 2 : 1)) + "_reuse_O_S1");
      layers.push_back({layer, design});
      map = layer.ofm;
    };
    const std::int64_t blocks = draw(1, 4);
    for (std::int64_t block = 0; block < blocks; ++block) {
      if (random() % 2 == 0) convolve(draw(1, 6));
      const std::string waiting =
          layers.empty() ? std::string(kNetworkInputName) : layers.back().layer.name;
      const Shape shape = map;
      const std::int64_t body = draw(1, 4);
      for (std::int64_t layer = 1; layer < body; ++layer) convolve(draw(1, 12));
      convolve(shape.channels);
      std::string first = layers.back().layer.name;
      std::string second = waiting;
      if (random() % 2 == 0) std::swap(first, second);
      layers.push_back(
          {make_add(name(), shape, first, second), parse_design("1_1_1_1_reuse_W_S1")});
      ++adds;
    }
    const MemoryLayout layout = lay_out(layers);
    std::vector<Layer> plain;
    for (const ExecutedLayer& of : layers) plain.push_back(of.layer);
    const std::vector<std::int64_t> readers = last_readers(input_indices(plain));
    const auto room = [](const Region& region) { return (region.bytes + 3) / 4 * 4; };
    std::int64_t most = 0;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const LayerRegions& regions = layout.layers[l];
      std::vector<Region> alive{regions.outputs[0]};
      if (regions.outputs[0] != regions.outputs[1]) alive.push_back(regions.outputs[1]);
      for (std::size_t before = 0; before < l; ++before) {
        if (readers[before] >= static_cast<std::int64_t>(l)) {
          alive.push_back(layout.layers[before].output());
        }
      }
      std::int64_t bytes = 0;
      for (std::size_t a = 0; a < alive.size(); ++a) {
        bytes += room(alive[a]);
        ASSERT_GE(alive[a].address, layout.input().end());
        ASSERT_LE(alive[a].end(), layout.total_bytes);
        for (std::size_t b = 0; b < a; ++b)
          ASSERT_FALSE(overlap(alive[a], alive[b])) << i << " " << l;
      }
      most = std::max(most, bytes);
    }
    ASSERT_EQ(layout.total_bytes, layout.image_bytes + room(layout.input()) + most) << i;
    ASSERT_EQ(layout.total_bytes, nvm_need_bytes(layers, 2));
  }
  EXPECT_GT(adds, 1000);
}

/// Adds that reach over one another, or over an add, are no chains that adds close.
TEST(Layout, WhatWaitsIsKnownOnlyWhereAddsCloseOverChains) {
  const HeldMap none;
  using Inputs = std::vector<std::vector<std::int64_t>>;
  EXPECT_EQ(held_maps(Inputs{{-1}, {0}, {1}, {2, 0}, {3}}),
            (std::vector<HeldMap>{none, none, 0, 0, none}));
  EXPECT_EQ(held_maps(Inputs{{-1}, {-1, 0}, {1}, {1, 2}}),
            (std::vector<HeldMap>{none, -1, none, 1}));
  EXPECT_EQ(held_maps(Inputs{{-1}, {0}, {1}, {0, 2}, {1, 3}}), std::nullopt);
  EXPECT_EQ(held_maps(Inputs{{-1}, {0}, {1}, {2, 1}, {3, 0}}), std::nullopt);
  EXPECT_EQ(held_maps(Inputs{{-1}, {0}, {0}, {2, 1}}), std::nullopt);
}

/// The input, the two copies of the map that is written twice, and nothing more: the last result
/// lies where the copy that is no longer needed was.
TEST(Layout, SharesMemory) {
  const Layer conv = make_convolution("CONV_0", {4, 6, 6}, 8, 4, 4);
  const Layer end = make_fully_connected("FC_END", conv.ofm, 4);
  const MemoryLayout layout = lay_out(
      {{conv, parse_design("3_3_8_2_reuse_O_S1")}, {end, parse_design("1_1_4_8_reuse_O_S1")}});
  const std::int64_t maps = layout.total_bytes - layout.image_bytes;
  EXPECT_EQ(layout.layers[0].finished, 1);
  EXPECT_EQ(maps, 2 * (4 * 36 + 72 + 72));
}

}  // namespace
}  // namespace inas::execution
