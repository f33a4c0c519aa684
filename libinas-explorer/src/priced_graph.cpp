#include "priced_graph.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>

namespace inas::explorer {
namespace {

double latency_or_never(const PricedGraph& priced, std::int32_t layer) {
  if (layer < 0) return kNever;
  const LayerResult& result = priced.result(layer);
  return result.best ? result.best->latency_s : kNever;
}

void price_edges(PricedGraph& priced) {
  for (const SpaceGraph::Level& level : priced.graph.levels) {
    std::vector<double>& edge_s = priced.edge_s.emplace_back();
    edge_s.reserve(level.edges.size());
    for (const SpaceGraph::Edge& edge : level.edges) {
      edge_s.push_back(latency_or_never(priced, edge.layer));
    }
  }
  for (const SpaceGraph::Tail& tail : priced.graph.tails) {
    priced.pool_s.push_back(tail.pool < 0 ? 0 : latency_or_never(priced, tail.pool));
    priced.end_s.push_back(latency_or_never(priced, tail.end));
  }
}

/// Everything that is known of a node from what follows it.
void look_back(PricedGraph& priced) {
  const std::size_t levels = priced.levels();
  priced.least_after_s.resize(levels + 1);
  priced.fitting_after.resize(levels + 1);
  priced.executable_after.resize(levels + 1);
  for (std::size_t node = 0; node < priced.graph.tails.size(); ++node) {
    const double tail_s = priced.pool_s[node] + priced.end_s[node];
    priced.least_after_s[levels].push_back(tail_s);
    priced.fitting_after[levels].push_back(1);
    priced.executable_after[levels].push_back(tail_s == kNever ? 0 : 1);
  }
  for (std::size_t level = levels; level-- > 0;) {
    for (std::size_t node = 0; node < priced.graph.nodes(level); ++node) {
      double least_s = kNever;
      NetworkCount fitting;
      NetworkCount executable;
      for (std::size_t choice = 0; choice < priced.choices(); ++choice) {
        const SpaceGraph::Edge& edge = priced.edge(level, node, choice);
        if (edge.layer < 0) continue;
        const auto next = static_cast<std::size_t>(edge.next);
        fitting += priced.fitting_after[level + 1][next];
        const double step_s = priced.edge_latency_s(level, node, choice);
        if (step_s == kNever) continue;
        executable += priced.executable_after[level + 1][next];
        least_s = std::min(least_s, step_s + priced.least_after_s[level + 1][next]);
      }
      priced.least_after_s[level].push_back(least_s);
      priced.fitting_after[level].push_back(fitting);
      priced.executable_after[level].push_back(executable);
    }
  }
}

}  // namespace

PricedGraph price_graph(const SearchSpace& space, const costmodel::Device& device,
                        const ExplorerSettings& settings, std::int64_t threads) {
  PricedGraph priced;
  priced.graph = make_space_graph(space);
  priced.table = explore_layers(priced.graph.layers, device, settings, threads);
  for (std::size_t index = 0; index < priced.table.layers.size(); ++index) {
    const LayerResult& result = priced.table.results[index];
    if (result.best && !std::isfinite(result.best->latency_s)) {
      throw Error(
          fmt::format("{}: the latency of its best design overflows; a smaller "
                      "power.ehm_resistance_ohm or power.capacitance_f may help",
                      priced.table.layers[index].name));
    }
  }
  price_edges(priced);
  look_back(priced);
  return priced;
}

std::size_t network_length(const SpaceGraph& graph) {
  return graph.levels.size() + (graph.decisions_per_layer == 2 ? 2 : 1);
}

FailureCounts count_failures(const PricedGraph& priced) {
  const std::size_t levels = priced.levels();
  const std::size_t length = network_length(priced.graph);
  FailureCounts counts;
  counts.spatial.resize(length);
  counts.atomicity.resize(length);
  const auto fails = [&](std::size_t position, std::int32_t layer, const NetworkCount& networks) {
    const LayerResult& result = priced.result(layer);
    if (result.best) return false;
    (result.why->constraint == Constraint::spatial ? counts.spatial : counts.atomicity)[position] +=
        networks;
    return true;
  };
  std::vector<NetworkCount> alive(priced.graph.nodes(0), 1);
  for (std::size_t level = 0; level < levels; ++level) {
    std::vector<NetworkCount> next(priced.graph.nodes(level + 1));
    for (std::size_t node = 0; node < alive.size(); ++node) {
      for (std::size_t choice = 0; choice < priced.choices(); ++choice) {
        const SpaceGraph::Edge& edge = priced.edge(level, node, choice);
        if (edge.layer < 0) continue;
        const auto to = static_cast<std::size_t>(edge.next);
        if (!fails(level, edge.layer, alive[node] * priced.fitting_after[level + 1][to])) {
          next[to] += alive[node];
        }
      }
    }
    alive = std::move(next);
  }
  for (std::size_t node = 0; node < alive.size(); ++node) {
    const SpaceGraph::Tail& tail = priced.graph.tails[node];
    if (tail.pool >= 0 && fails(levels, tail.pool, alive[node])) continue;
    (void)fails(length - 1, tail.end, alive[node]);
  }
  return counts;
}

std::int64_t max_nvm_bytes(const PricedGraph& priced, std::int64_t data_bytes) {
  // Largest over the networks of 2·(largest map) + weights = largest over the networks and over
  // their maps of 2·map + weights: a path carries whether its map has been picked.
  constexpr std::int64_t kNone = -1;
  struct Most {
    std::int64_t without = kNone;
    std::int64_t with = kNone;
  };
  const auto add = [&](const Most& after, std::int32_t index) {
    if (after.with == kNone) return after;
    const Layer& layer = priced.layer(index);
    const std::int64_t weights = weight_count(layer);
    const std::int64_t map = std::max(layer.ifm.values(), layer.ofm.values());
    return Most{after.without + weights, std::max(after.with, after.without + 2 * map) + weights};
  };
  std::vector<Most> after;
  for (const SpaceGraph::Tail& tail : priced.graph.tails) {
    Most most = add({0, 0}, tail.end);
    if (tail.pool >= 0) most = add(most, tail.pool);
    after.push_back(most);
  }
  for (std::size_t level = priced.levels(); level-- > 0;) {
    std::vector<Most> now(priced.graph.nodes(level));
    for (std::size_t node = 0; node < now.size(); ++node) {
      for (std::size_t choice = 0; choice < priced.choices(); ++choice) {
        const SpaceGraph::Edge& edge = priced.edge(level, node, choice);
        if (edge.layer < 0) continue;
        const Most most = add(after[static_cast<std::size_t>(edge.next)], edge.layer);
        now[node].without = std::max(now[node].without, most.without);
        now[node].with = std::max(now[node].with, most.with);
      }
    }
    after = std::move(now);
  }
  return after[0].with == kNone ? 0 : data_bytes * after[0].with;
}

}  // namespace inas::explorer
