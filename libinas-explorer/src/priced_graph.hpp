#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <inas/execution/nvm_layout.hpp>
#include <inas/explorer/layer_table.hpp>
#include <inas/explorer/network_count.hpp>

#include "network_schedule.hpp"
#include "nvm_rule.hpp"
#include "space_graph.hpp"

namespace inas::explorer {

inline constexpr double kNever = std::numeric_limits<double>::infinity();

/// A space's graph with what its edges cost on one device. An edge that is not executable has an
/// infinite latency, and so has every path through it.
struct PricedGraph {
  explicit PricedGraph(const NvmRule& rule) : nvm_rule(rule) {}

  SpaceGraph graph;
  LayerTable table;
  std::vector<std::vector<double>> edge_s;   ///< per level and edge: of all its layers
  std::vector<std::vector<double>> layer_s;  ///< per level, as SpaceGraph::Level::placed; none: 0
  /// How the NVM need of a path adds up. Of each layer, as the first of a network and as another;
  /// nothing of one without a design, unless that does not matter.
  NvmRule nvm_rule;
  std::vector<execution::LayerNvm> nvm_as_first;
  std::vector<execution::LayerNvm> nvm_as_other;
  /// The same with the designs for the ledger; empty without one.
  std::vector<execution::LayerNvm> fluid_nvm_as_first;
  std::vector<execution::LayerNvm> fluid_nvm_as_other;
  /// With a ledger: what the layers' schedules are made of, nothing of one without a design.
  std::optional<costmodel::SchedulePrices> prices;
  std::vector<std::optional<LayerSchedules>> schedules;
  /// Per level, the one behind the last included, and node: the least latency of what follows,
  /// added from the end. Path sums are added from the start, so it is exact to rounding.
  std::vector<std::vector<double>> least_after_s;
  std::vector<std::vector<NetworkCount>> fitting_after;  ///< completions whose kernels fit
  std::vector<std::vector<NetworkCount>>
      executable_after;  ///< completions without C0 and C1 failures

  [[nodiscard]] std::size_t levels() const { return graph.levels.size(); }
  [[nodiscard]] std::size_t choices(std::size_t level) const { return graph.levels[level].choices; }
  [[nodiscard]] std::size_t edge(std::size_t level, std::size_t node, std::size_t choice) const {
    return node * choices(level) + choice;
  }
  /// Of an edge whose kernels fit.
  [[nodiscard]] std::size_t next(std::size_t level, std::size_t edge) const {
    return static_cast<std::size_t>(graph.levels[level].next[edge]);
  }
  [[nodiscard]] bool fits(std::size_t level, std::size_t edge) const {
    return graph.levels[level].next[edge] >= 0;
  }
  /// `latency_s` and the edge's layers, added one by one as Explorer does.
  [[nodiscard]] double longer_s(std::size_t level, std::size_t edge, double latency_s) const {
    const std::size_t width = graph.levels[level].width;
    const double* const layers_s = &layer_s[level][edge * width];
    for (std::size_t place = 0; place < width; ++place) latency_s += layers_s[place];
    return latency_s;
  }
  /// The layers of an edge.
  [[nodiscard]] std::span<const SpaceGraph::Placed> placed(std::size_t level,
                                                           std::size_t edge) const;
  [[nodiscard]] const Layer& layer(const SpaceGraph::Placed& placed) const {
    return table.layers[static_cast<std::size_t>(placed.layer)];
  }
  /// Of the layer at place `place` of an edge of `level`.
  [[nodiscard]] execution::LayerNvm nvm(const SpaceGraph::Placed& placed, std::size_t level,
                                        std::size_t place) const {
    return nvm_of(placed, level == 0 && place == 0 ? nvm_as_first : nvm_as_other);
  }
  /// The same with the design for the ledger, if there are any.
  [[nodiscard]] execution::LayerNvm fluid_nvm(const SpaceGraph::Placed& placed, std::size_t level,
                                              std::size_t place) const {
    if (!prices) return nvm(placed, level, place);
    return nvm_of(placed, level == 0 && place == 0 ? fluid_nvm_as_first : fluid_nvm_as_other);
  }
  /// One of `of_layers` with what waits beside the layer.
  [[nodiscard]] execution::LayerNvm nvm_of(
      const SpaceGraph::Placed& placed, const std::vector<execution::LayerNvm>& of_layers) const {
    execution::LayerNvm nvm = of_layers[static_cast<std::size_t>(placed.layer)];
    if (placed.held > 0) nvm.live_bytes += nvm_rule.of_held(placed.held);
    return nvm;
  }
  /// Of a layer that has a design. There is a ledger.
  [[nodiscard]] const LayerSchedules& scheduled(const SpaceGraph::Placed& placed) const {
    return *schedules[static_cast<std::size_t>(placed.layer)];
  }
  [[nodiscard]] const LayerResult& result(const SpaceGraph::Placed& placed) const {
    return table.results[static_cast<std::size_t>(placed.layer)];
  }
};

/// Explores the layers of the space, of which `done` is told, and prices its graph. Throws Error if
/// a latency overflows.
[[nodiscard]] PricedGraph price_graph(const SearchSpace& space, const costmodel::Device& device,
                                      const ExplorerSettings& settings, std::int64_t threads,
                                      const RoundsDone& done);

/// A path's beginning: the edges that were taken, and what is left of the choices of the next one.
struct PathStart {
  std::size_t level = 0;
  std::size_t node = 0;
  double latency_s = 0;             ///< up to the node; infinite if it cannot be reached
  std::vector<std::size_t> chosen;  ///< of each level in front of `level`
  std::size_t first_choice = 0;     ///< choices of the next level that are left
  std::size_t last_choice = 0;      ///< one behind
  bool whole = false;               ///< nothing is left to decide
};

/// The paths that start with the choices `prefix`. Throws InvalidArgument if it is too long or has
/// a value that the space does not offer.
[[nodiscard]] PathStart start_of(const PricedGraph& priced, std::span<const std::int64_t> prefix);

/// The architecture of a choice for each of the first levels.
[[nodiscard]] Architecture architecture_of(const PricedGraph& priced,
                                           std::span<const std::size_t> choices);

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
      const std::size_t to = first ? start.last_choice : priced.choices(level);
      for (std::size_t choice = from; choice < to; ++choice) {
        const std::size_t edge = priced.edge(level, node, choice);
        const double latency_s = priced.longer_s(level, edge, reached[node]);
        if (latency_s == kNever) continue;
        double& best = next[priced.next(level, edge)];
        if (better(latency_s, best)) best = latency_s;
      }
    }
    reached = std::move(next);
  }
  double best = none;
  for (const double latency_s : reached) {
    if (better(latency_s, best)) best = latency_s;
  }
  return best;
}

/// Does an executable network that starts so take at most `limit_s`? The same as comparing
/// `best_latency_s`, and faster.
[[nodiscard]] bool one_is_within(const PricedGraph& priced, const PathStart& start, double limit_s);

/// Networks by the first layer without a design, one entry per name of a layer.
struct FailureCounts {
  std::vector<NetworkCount> spatial;
  std::vector<NetworkCount> atomicity;

  explicit FailureCounts(const SpaceGraph& graph)
      : spatial(graph.names.size()), atomicity(graph.names.size()) {}

  /// `networks` of which the layer at `placed` is the first with `result`, which is no design.
  void add(const SpaceGraph::Placed& placed, const LayerResult& result,
           const NetworkCount& networks) {
    const bool is_spatial = result.why->constraint == Constraint::spatial;
    (is_spatial ? spatial : atomicity)[static_cast<std::size_t>(placed.name)] += networks;
  }
};

[[nodiscard]] FailureCounts count_failures(const PricedGraph& priced);

/// The largest NVM need of all networks that have one, with either of their designs: whose layers
/// all have designs, or, if it does not depend on them, whose kernels fit. 0 if there is none.
[[nodiscard]] std::int64_t max_nvm_bytes(const PricedGraph& priced);

}  // namespace inas::explorer
