#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <inas/core/network.hpp>

namespace inas::dump {

/// Which maps the layers of a network read, and how long each is needed. Map 0 is the network's
/// input, map l + 1 the output of layer l.
class Graph {
 public:
  /// Throws as `input_indices` does.
  explicit Graph(std::span<const Layer> layers) : last_readers_(layers.size() + 1, 0) {
    for (const std::vector<std::int64_t>& inputs : input_indices(layers)) {
      std::vector<std::size_t>& reads = reads_.emplace_back();
      for (const std::int64_t input : inputs) {
        reads.push_back(static_cast<std::size_t>(input - kNetworkInput));
        last_readers_[reads.back()] = reads_.size() - 1;
      }
    }
  }

  [[nodiscard]] std::size_t layers() const { return reads_.size(); }
  /// The maps that layer l reads; two of an add, which may be the same.
  [[nodiscard]] const std::vector<std::size_t>& reads(std::size_t l) const { return reads_[l]; }
  /// Does no layer behind l read the map, which l reads?
  [[nodiscard]] bool ends_with(std::size_t map, std::size_t l) const {
    return last_readers_[map] == l;
  }

 private:
  std::vector<std::vector<std::size_t>> reads_;
  std::vector<std::size_t> last_readers_;
};

/// Runs a network on one input: `run(l, first, second)` gives the output map of layer l, `second`
/// being empty but for an add. Maps are kept as long as they are read. Returns the last layer's.
template <class Map, class Run>
[[nodiscard]] Map run_graph(const Graph& graph, Map input, Run&& run) {
  std::vector<Map> maps(graph.layers() + 1);
  maps[0] = std::move(input);
  const Map none{};
  for (std::size_t l = 0; l < graph.layers(); ++l) {
    const std::vector<std::size_t>& reads = graph.reads(l);
    maps[l + 1] = run(l, maps[reads[0]], reads.size() > 1 ? maps[reads[1]] : none);
    for (const std::size_t map : reads) {
      if (graph.ends_with(map, l)) maps[map] = Map{};
    }
  }
  return std::move(maps.back());
}

}  // namespace inas::dump
