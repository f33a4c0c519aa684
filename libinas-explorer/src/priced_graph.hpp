#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <inas/explorer/layer_table.hpp>
#include <inas/explorer/network_count.hpp>

#include "space_graph.hpp"

namespace inas::explorer {

inline constexpr double kNever = std::numeric_limits<double>::infinity();

/// A space's graph with what its edges cost on one device. An edge or tail that is not executable
/// has an infinite latency, and so has every path through it.
struct PricedGraph {
  SpaceGraph graph;
  LayerTable table;
  std::vector<std::vector<double>> edge_s;  ///< per level, as SpaceGraph::Level::edges
  std::vector<double> pool_s;               ///< per node behind the last searched layer; fc: 0
  std::vector<double> end_s;
  /// Per level, the one behind the last searched layer included, and node: the least latency of
  /// what follows, added from the end. Path sums are added from the start, so it is exact to
  /// rounding.
  std::vector<std::vector<double>> least_after_s;
  std::vector<std::vector<NetworkCount>> fitting_after;  ///< completions whose kernels fit
  std::vector<std::vector<NetworkCount>>
      executable_after;  ///< completions without C0 and C1 failures

  [[nodiscard]] std::size_t levels() const { return graph.levels.size(); }
  [[nodiscard]] std::size_t choices() const { return graph.choices(); }
  [[nodiscard]] const SpaceGraph::Edge& edge(std::size_t level, std::size_t node,
                                             std::size_t choice) const {
    return graph.levels[level].edges[node * choices() + choice];
  }
  [[nodiscard]] double edge_latency_s(std::size_t level, std::size_t node,
                                      std::size_t choice) const {
    return edge_s[level][node * choices() + choice];
  }
  [[nodiscard]] double with_tail_s(double latency_s, std::size_t node) const {
    return (latency_s + pool_s[node]) + end_s[node];
  }
  [[nodiscard]] const Layer& layer(std::int32_t index) const {
    return table.layers[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] const LayerResult& result(std::int32_t index) const {
    return table.results[static_cast<std::size_t>(index)];
  }
};

/// Explores the layers of the space and prices its graph. Throws Error if a latency overflows.
[[nodiscard]] PricedGraph price_graph(const SearchSpace& space, const costmodel::Device& device,
                                      const ExplorerSettings& settings, std::int64_t threads);

/// A path's beginning: a node, the latency up to it, and perhaps the kernel of the next layer.
struct PathStart {
  std::size_t level = 0;
  std::size_t node = 0;
  double latency_s = 0;
  std::size_t first_choice = 0;  ///< choices of the next layer that are left
  std::size_t last_choice = 0;   ///< one behind
};

/// The least (or, with std::greater, the largest) latency of all executable networks that start so,
/// each added from the start; ±infinite if there is none. Exact, because floating-point addition
/// never changes an order: the best path to a node stays the best whatever follows.
template <class Better>
[[nodiscard]] double best_latency_s(const PricedGraph& priced, const PathStart& start,
                                    Better better = {}) {
  const double none = better(0.0, 1.0) ? kNever : -kNever;
  if (start.latency_s == kNever) return none;
  std::vector<double> reached(priced.graph.nodes(start.level), none);
  reached[start.node] = start.latency_s;
  for (std::size_t level = start.level; level < priced.levels(); ++level) {
    std::vector<double> next(priced.graph.nodes(level + 1), none);
    const bool first = level == start.level;
    for (std::size_t node = 0; node < reached.size(); ++node) {
      if (reached[node] == none) continue;
      const std::size_t from = first ? start.first_choice : 0;
      const std::size_t to = first ? start.last_choice : priced.choices();
      for (std::size_t choice = from; choice < to; ++choice) {
        const double step_s = priced.edge_latency_s(level, node, choice);
        if (step_s == kNever) continue;
        double& best = next[static_cast<std::size_t>(priced.edge(level, node, choice).next)];
        const double latency_s = reached[node] + step_s;
        if (better(latency_s, best)) best = latency_s;
      }
    }
    reached = std::move(next);
  }
  double best = none;
  for (std::size_t node = 0; node < reached.size(); ++node) {
    if (reached[node] == none) continue;
    const double latency_s = priced.with_tail_s(reached[node], node);
    if (latency_s != kNever && better(latency_s, best)) best = latency_s;
  }
  return best;
}

/// Networks by the first layer without a design, one entry per layer of a network.
struct FailureCounts {
  std::vector<NetworkCount> spatial;
  std::vector<NetworkCount> atomicity;
};

/// Number of layers of a network of the space, pooling and FC_END included.
[[nodiscard]] std::size_t network_length(const SpaceGraph& graph);
[[nodiscard]] FailureCounts count_failures(const PricedGraph& priced);
/// D·(2·largest map + all weights), its largest value over all networks whose kernels fit; 0 if
/// none fits.
[[nodiscard]] std::int64_t max_nvm_bytes(const PricedGraph& priced, std::int64_t data_bytes);

}  // namespace inas::explorer
