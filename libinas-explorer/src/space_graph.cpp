#include "space_graph.hpp"

#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>

namespace inas::explorer {
namespace {

constexpr std::size_t kMaxLayers = std::size_t{1} << 18;
constexpr std::size_t kMaxEdges = std::size_t{1} << 23;

/// Extents have 16 bits (`validate(const Layer&)`), so four of them make a key.
std::uint64_t key_of(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
  return static_cast<std::uint64_t>(a) << 48 | static_cast<std::uint64_t>(b) << 32 |
         static_cast<std::uint64_t>(c) << 16 | static_cast<std::uint64_t>(d);
}

/// The layers of a graph under construction. Within a space the type, the input's channels and
/// rows, the kernel and the output's channels name a geometry.
class LayerIndex {
 public:
  explicit LayerIndex(std::vector<Layer>& layers) : layers_(layers) {}

  template <class Make>
  std::int32_t of(LayerType type, const Shape& ifm, std::int64_t kernel, std::int64_t outputs,
                  Make&& make) {
    auto& known = known_[static_cast<std::size_t>(type)];
    const auto [at, is_new] = known.emplace(key_of(ifm.channels, ifm.height, kernel, outputs),
                                            static_cast<std::int32_t>(layers_.size()));
    if (is_new) {
      layers_.push_back(make());
      if (layers_.size() > kMaxLayers) {
        throw Error(
            fmt::format("the search space has more than {} different layers, which is more "
                        "than can be explored at once; fewer kernels or filters may help",
                        kMaxLayers));
      }
    }
    return at->second;
  }

 private:
  std::vector<Layer>& layers_;
  std::unordered_map<std::uint64_t, std::int32_t> known_[3];
};

}  // namespace

SpaceGraph make_space_graph(const SearchSpace& space) {
  validate(space);
  const bool connected = space.family == NetworkFamily::fully_connected;
  const bool square = space.family == NetworkFamily::convolution_2d;
  SpaceGraph graph;
  graph.kernels = connected ? 1 : space.kernels.size();
  graph.filters = space.filters.size();
  graph.decisions_per_layer = connected ? 1 : 2;
  LayerIndex index(graph.layers);

  std::vector<Shape> maps{space.input};
  std::size_t edges = 0;
  for (std::int64_t position = 0; position < space.layers; ++position) {
    SpaceGraph::Level level;
    level.nodes = maps.size();
    edges += maps.size() * graph.choices();
    if (edges > kMaxEdges) {
      throw Error(
          fmt::format("the search space has more than {} pairs of a map and a choice, which "
                      "is more than can be mapped; fewer layers, kernels or filters may "
                      "help",
                      kMaxEdges));
    }
    level.edges.reserve(maps.size() * graph.choices());
    std::vector<Shape> next_maps;
    std::unordered_map<std::uint64_t, std::int32_t> next_index;
    for (const Shape& map : maps) {
      for (std::size_t k = 0; k < graph.kernels; ++k) {
        const std::int64_t kernel = connected ? map.height : space.kernels[k];
        for (const std::int64_t outputs : space.filters) {
          SpaceGraph::Edge edge;
          if (kernel <= map.height) {
            edge.layer = index.of(
                connected ? LayerType::fully_connected : LayerType::convolution, map, kernel,
                outputs, [&] {
                  return connected
                             ? make_fully_connected(fmt::format("FC_{}", position), map, outputs)
                             : make_convolution(fmt::format("CONV_{}", position), map, outputs,
                                                kernel, square ? kernel : 1);
                });
            const Shape& ofm = graph.layers[static_cast<std::size_t>(edge.layer)].ofm;
            const auto [at, is_new] =
                next_index.emplace(key_of(0, 0, ofm.channels, ofm.height),
                                   static_cast<std::int32_t>(next_maps.size()));
            if (is_new) next_maps.push_back(ofm);
            edge.next = at->second;
          }
          level.edges.push_back(edge);
        }
      }
    }
    graph.levels.push_back(std::move(level));
    maps = std::move(next_maps);
  }
  for (const Shape& map : maps) {
    SpaceGraph::Tail tail;
    Shape end = map;
    if (!connected) {
      tail.pool = index.of(LayerType::global_average_pool, map, map.height, map.channels,
                           [&] { return make_global_average_pool("GAVGPOOL_0", map); });
      end = {map.channels, 1, 1};
    }
    graph.tails.push_back(tail);
    graph.tails.back().end =
        index.of(LayerType::fully_connected, end, end.height, space.classes,
                 [&] { return make_fully_connected("FC_END", end, space.classes); });
  }
  return graph;
}

}  // namespace inas::explorer
