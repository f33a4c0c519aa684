#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <oracle/random_cases.hpp>

#include <inas/core/layer.hpp>
#include <inas/core/network.hpp>
#include <inas/execution/batches.hpp>
#include <inas/execution/nvm_layout.hpp>

#include "any_case.hpp"

/// Where the maps of a graph lie: what lives at the same time never shares memory.
namespace oracle {
namespace {

using inas::Layer;
using inas::Shape;
using inas::execution::ExecutedLayer;
using inas::execution::Region;

/// A graph all of whose maps have one shape, so that any layer may read any map before it, and of
/// which all maps but the last are read. The indices are of the layers read, −1 for the input.
struct Graph {
  std::vector<ExecutedLayer> layers;
  std::vector<std::vector<int>> reads;
};

inas::Design random_design(Generator& generator, const Layer& layer) {
  inas::Design design;
  const auto divisor = [&](std::int64_t n) {
    Int d = 0;
    while (d == 0 || n % d != 0) d = random_from(generator, 1, n);
    return d;
  };
  if (layer.type == inas::LayerType::convolution) {
    design.tile.in_channels = divisor(layer.ifm.channels);
    design.order = static_cast<inas::LoopOrder>(random_from(generator, 0, 2));
    const Int nu = layer.ifm.channels / design.tile.in_channels;
    if (design.order == inas::LoopOrder::reuse_O) design.batch = divisor(nu);
  } else {
    design.order = inas::LoopOrder::reuse_W;
  }
  return design;
}

Graph random_graph(Generator& generator, bool chain) {
  const Shape shape{random_from(generator, 1, 6), random_from(generator, 1, 5),
                    random_from(generator, 1, 5)};
  Graph graph;
  std::vector<int> unread{-1};
  const auto name_of = [](int index) {
    return index < 0 ? std::string(inas::kNetworkInputName) : std::to_string(index);
  };
  const auto add = [&](std::vector<int> inputs) {
    const int index = static_cast<int>(graph.layers.size());
    Layer layer =
        inputs.size() == 2
            ? inas::make_add(name_of(index), shape, name_of(inputs[0]), name_of(inputs[1]))
        : random_from(generator, 0, 1) == 0
            ? inas::make_convolution(name_of(index), shape, shape.channels, 1, 1)
            : inas::make_depthwise_convolution(name_of(index), shape, 3, 3, 1, {1, 1, 1, 1});
    if (inputs.size() == 1 && !(chain && random_from(generator, 0, 1) == 0)) {
      layer.inputs = {name_of(inputs[0])};
    }
    graph.layers.push_back({layer, random_design(generator, layer)});
    for (const int input : inputs) std::erase(unread, input);
    unread.push_back(index);
    graph.reads.push_back(std::move(inputs));
  };
  for (Int count = random_from(generator, 1, 6); count > 0; --count) {
    const int last = static_cast<int>(graph.layers.size()) - 1;
    const auto any = [&] { return static_cast<int>(random_from(generator, -1, last)); };
    if (chain) {
      add({last});
    } else if (last >= 0 && random_from(generator, 0, 2) == 0) {
      add({any(), any()});
    } else {
      add({any()});
    }
  }
  // Additions read what nobody has read; of the input it does not matter.
  std::erase(unread, -1);
  while (unread.size() > 1) add({unread[0], unread[1]});
  return graph;
}

bool overlap(const Region& a, const Region& b) {
  return a.address < b.end() && b.address < a.end();
}

TEST(NvmLayout, OfGraphsKeepsWhatLivesTogetherApart) {
  int shared = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    Generator generator(seed);
    const Graph graph = random_graph(generator, false);
    const std::size_t count = graph.layers.size();
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << count << " layers");
    std::vector<Layer> plain;
    for (const ExecutedLayer& of : graph.layers) plain.push_back(of.layer);
    ASSERT_NO_THROW(inas::validate(inas::Network{plain}));
    const auto layout = inas::execution::lay_out(graph.layers);
    ASSERT_EQ(layout.layers.size(), count);
    ASSERT_EQ(layout.total_bytes, inas::execution::nvm_need_bytes(graph.layers, 2));
    // The network's input is what the first reader of it reads.
    Region input;
    std::vector<std::size_t> last_reader(count, 0);
    last_reader.back() = count;
    for (std::size_t l = 0; l < count; ++l) {
      for (std::size_t side = 0; side < graph.reads[l].size(); ++side) {
        const Region& read = side == 0 ? layout.layers[l].input : layout.layers[l].second_input;
        const int index = graph.reads[l][side];
        if (index < 0) {
          if (input.bytes == 0) input = read;
          ASSERT_EQ(read, input);
        } else {
          ASSERT_EQ(read, layout.layers[static_cast<std::size_t>(index)].output());
          last_reader[static_cast<std::size_t>(index)] = l;
        }
      }
    }
    std::int64_t all_maps = 0;
    for (std::size_t l = 0; l < count; ++l) {
      std::vector<Region> live{layout.progress, input};
      for (const auto& of : layout.layers) live.push_back(of.weights);
      for (std::size_t earlier = 0; earlier < l; ++earlier) {
        if (last_reader[earlier] >= l) live.push_back(layout.layers[earlier].output());
      }
      const auto& regions = layout.layers[l];
      live.push_back(regions.outputs[0]);
      const bool twice =
          inas::execution::writes_per_output(graph.layers[l].layer, graph.layers[l].design) > 1;
      ASSERT_EQ(regions.outputs[0] == regions.outputs[1], !twice);
      if (twice) live.push_back(regions.outputs[1]);
      for (std::size_t a = 0; a < live.size(); ++a) {
        ASSERT_EQ(live[a].address % 4, 0);
        ASSERT_LE(live[a].end(), layout.total_bytes);
        for (std::size_t b = 0; b < a; ++b) ASSERT_FALSE(overlap(live[a], live[b])) << l;
      }
      all_maps += regions.output().bytes;
    }
    shared += layout.total_bytes < layout.image_bytes + input.bytes + all_maps ? 1 : 0;
  }
  EXPECT_GT(shared, 300);
}

/// A chain needs what its most demanding layer does: its input and its output, once or twice.
TEST(NvmLayout, OfChainsNeedsWhatTheMostDemandingLayerDoes) {
  const auto aligned = [](std::int64_t bytes) { return (bytes + 3) / 4 * 4; };
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Generator generator(seed);
    const Graph graph = random_graph(generator, true);
    std::int64_t fixed = aligned(18) + aligned(2 * graph.layers.front().layer.ifm.values());
    std::int64_t most = 0;
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
      const auto& [layer, design] = graph.layers[l];
      fixed += aligned(2 * inas::weight_count(layer));
      const bool twice = inas::execution::writes_per_output(layer, design) > 1;
      most = std::max(most, (l == 0 ? 0 : aligned(2 * layer.ifm.values())) +
                                (twice ? 2 : 1) * aligned(2 * layer.ofm.values()));
    }
    ASSERT_EQ(inas::execution::lay_out(graph.layers).total_bytes, fixed + most) << seed;
  }
}

}  // namespace
}  // namespace oracle
