#include "priced_graph.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/explorer/design_space.hpp>

#include "nvm_rule.hpp"

namespace inas::explorer {
namespace {

void price_edges(PricedGraph& priced) {
  for (std::size_t level = 0; level < priced.levels(); ++level) {
    const SpaceGraph::Level& of = priced.graph.levels[level];
    std::vector<double>& layer_s = priced.layer_s.emplace_back(of.placed.size());
    std::vector<double>& edge_s = priced.edge_s.emplace_back(of.next.size());
    for (std::size_t edge = 0; edge < of.next.size(); ++edge) {
      const std::size_t first = edge * of.width;
      if (of.next[edge] < 0) layer_s[first] = kNever;
      const auto placed = priced.placed(level, edge);
      for (std::size_t place = 0; place < placed.size(); ++place) {
        const LayerResult& result = priced.result(placed[place]);
        layer_s[first + place] = result.best ? result.best->latency_s : kNever;
      }
      edge_s[edge] = priced.longer_s(level, edge, 0);
    }
  }
}

void add_nvm(PricedGraph& priced) {
  const NvmRule& rule = priced.nvm_rule;
  for (std::size_t index = 0; index < priced.table.layers.size(); ++index) {
    const Layer& layer = priced.table.layers[index];
    const LayerResult& result = priced.table.results[index];
    const bool known = result.best || !rule.needs_designs();
    const Design design = result.best ? result.best->design : Design{};
    const auto of = [&](bool is_first) {
      return known ? rule.of_layer(layer, design, is_first) : execution::LayerNvm{};
    };
    priced.nvm_as_first.push_back(of(true));
    priced.nvm_as_other.push_back(of(false));
    if (!priced.prices) continue;
    const auto of_fluid = [&](bool is_first) {
      return result.fluid ? rule.of_layer(layer, result.fluid->design, is_first) : of(is_first);
    };
    priced.fluid_nvm_as_first.push_back(of_fluid(true));
    priced.fluid_nvm_as_other.push_back(of_fluid(false));
  }
}

void add_schedules(PricedGraph& priced, const costmodel::Device& device) {
  priced.prices.emplace(device);
  for (std::size_t index = 0; index < priced.table.layers.size(); ++index) {
    const LayerResult& result = priced.table.results[index];
    auto& schedules = priced.schedules.emplace_back();
    if (!result.best) continue;
    schedules = layer_schedules(device, *priced.prices, priced.table.layers[index], result);
  }
}

/// Everything that is known of a node from what follows it.
void look_back(PricedGraph& priced) {
  const std::size_t levels = priced.levels();
  priced.least_after_s.resize(levels + 1);
  priced.fitting_after.resize(levels + 1);
  priced.executable_after.resize(levels + 1);
  priced.least_after_s[levels].resize(priced.graph.ends, 0);
  priced.fitting_after[levels].resize(priced.graph.ends, 1);
  priced.executable_after[levels].resize(priced.graph.ends, 1);
  for (std::size_t level = levels; level-- > 0;) {
    for (std::size_t node = 0; node < priced.graph.nodes(level); ++node) {
      double least_s = kNever;
      NetworkCount fitting;
      NetworkCount executable;
      for (std::size_t choice = 0; choice < priced.choices(level); ++choice) {
        const std::size_t edge = priced.edge(level, node, choice);
        if (!priced.fits(level, edge)) continue;
        const std::size_t next = priced.next(level, edge);
        fitting += priced.fitting_after[level + 1][next];
        const double step_s = priced.edge_s[level][edge];
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

std::span<const SpaceGraph::Placed> PricedGraph::placed(std::size_t level, std::size_t edge) const {
  const SpaceGraph::Level& of = graph.levels[level];
  const auto places = std::span(of.placed).subspan(edge * of.width, of.width);
  const auto end = std::find_if(places.begin(), places.end(),
                                [](const SpaceGraph::Placed& at) { return at.layer < 0; });
  return {places.begin(), end};
}

PricedGraph price_graph(const SearchSpace& space, const costmodel::Device& device,
                        const ExplorerSettings& settings, std::int64_t threads,
                        const RoundsDone& done) {
  PricedGraph priced{NvmRule(device)};
  priced.graph = make_space_graph(space);
  priced.table = explore_layers(priced.graph.layers, device, settings, threads, done);
  for (std::size_t index = 0; index < priced.table.layers.size(); ++index) {
    const LayerResult& result = priced.table.results[index];
    if (result.best && !std::isfinite(result.best->latency_s)) {
      throw Error(
          fmt::format("{}: the latency of its best design overflows; a smaller "
                      "power.ehm_resistance_ohm or power.capacitance_f may help",
                      priced.table.layers[index].name));
    }
  }
  if (runs_on(settings, device)) {
    add_schedules(priced, device);
  }
  add_nvm(priced);
  price_edges(priced);
  look_back(priced);
  return priced;
}

PathStart start_of(const PricedGraph& priced, std::span<const std::int64_t> prefix) {
  PathStart start;
  std::size_t place = 0;
  std::size_t offered = 0;
  for (const SpaceGraph::Level& level : priced.graph.levels) offered += level.decisions.size();
  start.whole = prefix.size() == offered;
  if (prefix.size() > offered) {
    throw InvalidArgument(
        fmt::format("architecture: found {} choices, allowed: at most {}", prefix.size(), offered));
  }
  for (; start.level < priced.levels(); ++start.level) {
    const SpaceGraph::Level& level = priced.graph.levels[start.level];
    start.first_choice = 0;
    start.last_choice = level.choices;
    if (place == prefix.size()) break;
    for (const Decision& decision : level.decisions) {
      if (place == prefix.size()) return start;
      const auto& values = decision.values;
      const auto found = std::lower_bound(values.begin(), values.end(), prefix[place]);
      if (found == values.end() || *found != prefix[place]) {
        throw InvalidArgument(fmt::format("architecture: found {} as choice {}, allowed: {}",
                                          prefix[place], place + 1, inas::to_string(values)));
      }
      const std::size_t below = (start.last_choice - start.first_choice) / values.size();
      start.first_choice += static_cast<std::size_t>(found - values.begin()) * below;
      start.last_choice = start.first_choice + below;
      ++place;
    }
    start.chosen.push_back(start.first_choice);
    if (start.latency_s == kNever) continue;
    const std::size_t edge = priced.edge(start.level, start.node, start.first_choice);
    start.latency_s = priced.longer_s(start.level, edge, start.latency_s);
    if (start.latency_s != kNever) start.node = priced.next(start.level, edge);
  }
  return start;
}

Architecture architecture_of(const PricedGraph& priced, std::span<const std::size_t> choices) {
  Architecture architecture;
  for (std::size_t level = 0; level < choices.size(); ++level) {
    append_values(priced.graph.levels[level], choices[level], architecture);
  }
  return architecture;
}

bool one_is_within(const PricedGraph& priced, const PathStart& start, double limit_s) {
  if (start.latency_s == kNever) return false;
  double after_s = kNever;
  for (std::size_t choice = start.first_choice; choice < start.last_choice; ++choice) {
    const std::size_t edge = priced.edge(start.level, start.node, choice);
    const double step_s = priced.edge_s[start.level][edge];
    if (step_s == kNever) continue;
    const std::size_t next = priced.next(start.level, edge);
    after_s = std::min(after_s, step_s + priced.least_after_s[start.level + 1][next]);
  }
  if (after_s == kNever) return false;
  // Added in another order than a network's own latency; only where that could matter is the exact
  // one needed.
  constexpr double kRounding = 1e-12;
  const double about_s = start.latency_s + after_s;
  if (about_s * (1 - kRounding) > limit_s) return false;
  if (about_s * (1 + kRounding) <= limit_s) return true;
  return best_latency_s<std::less<>>(priced, start) <= limit_s;
}

FailureCounts count_failures(const PricedGraph& priced) {
  FailureCounts counts(priced.graph);
  std::vector<NetworkCount> alive(priced.graph.nodes(0), 1);
  for (std::size_t level = 0; level < priced.levels(); ++level) {
    std::vector<NetworkCount> next(priced.graph.nodes(level + 1));
    for (std::size_t node = 0; node < alive.size(); ++node) {
      for (std::size_t choice = 0; choice < priced.choices(level); ++choice) {
        const std::size_t edge = priced.edge(level, node, choice);
        if (!priced.fits(level, edge)) continue;
        const std::size_t to = priced.next(level, edge);
        const auto placed = priced.placed(level, edge);
        const auto failed = std::find_if(placed.begin(), placed.end(), [&](const auto& at) {
          return !priced.result(at).best.has_value();
        });
        if (failed == placed.end()) {
          next[to] += alive[node];
        } else {
          counts.add(*failed, priced.result(*failed),
                     alive[node] * priced.fitting_after[level + 1][to]);
        }
      }
    }
    alive = std::move(next);
  }
  return counts;
}

namespace {

constexpr std::int64_t kNone = -1;

/// The most that what follows a node adds, with and without what lives in one of its layers.
struct Most {
  std::int64_t without = kNone;
  std::int64_t with = kNone;
};

/// `nvm_of(placed, level, place)` is what a layer adds.
template <class NvmOf>
std::int64_t max_nvm_bytes(const PricedGraph& priced, NvmOf&& nvm_of) {
  // Largest over the networks of weights + most live = largest over the networks and over their
  // layers of weights + live: a path carries whether its layer has been picked.
  std::vector<Most> after(priced.graph.ends, Most{0, 0});
  for (std::size_t level = priced.levels(); level-- > 0;) {
    std::vector<Most> now(priced.graph.nodes(level));
    for (std::size_t node = 0; node < now.size(); ++node) {
      for (std::size_t choice = 0; choice < priced.choices(level); ++choice) {
        const std::size_t edge = priced.edge(level, node, choice);
        if (!priced.fits(level, edge)) continue;
        if (priced.nvm_rule.needs_designs() && priced.edge_s[level][edge] == kNever) continue;
        Most most = after[priced.next(level, edge)];
        if (most.with == kNone) continue;
        const auto placed = priced.placed(level, edge);
        for (std::size_t place = placed.size(); place-- > 0;) {
          const execution::LayerNvm nvm = nvm_of(placed[place], level, place);
          most = {most.without + nvm.weight_bytes,
                  std::max(most.with, most.without + nvm.live_bytes) + nvm.weight_bytes};
        }
        now[node].without = std::max(now[node].without, most.without);
        now[node].with = std::max(now[node].with, most.with);
      }
    }
    after = std::move(now);
  }
  return std::max<std::int64_t>(after[0].with, 0);
}

}  // namespace

std::int64_t max_nvm_bytes(const PricedGraph& priced) {
  const std::int64_t by_layers =
      max_nvm_bytes(priced, [&](const auto&... at) { return priced.nvm(at...); });
  if (!priced.prices) return by_layers;
  return std::max(
      by_layers, max_nvm_bytes(priced, [&](const auto&... at) { return priced.fluid_nvm(at...); }));
}

}  // namespace inas::explorer
