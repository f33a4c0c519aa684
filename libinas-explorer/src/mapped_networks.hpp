#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include <inas/explorer/space_map.hpp>

#include "priced_graph.hpp"
#include "space_listing.hpp"

namespace inas::explorer {

/// What both ways to map a space start from.
struct MappedSpace {
  SearchSpace space;
  SpaceMapOptions options;
  std::int64_t nvm_bytes = 0;  ///< of the platform
  PricedGraph priced;
  std::int64_t max_nvm_bytes = 0;

  /// Can a network exceed NVM?
  [[nodiscard]] bool nvm_matters() const { return max_nvm_bytes > nvm_bytes; }
  /// Calls `visit(placed, level, place)` for each layer of an executable network with these
  /// choices, one of each level; levels left out decide nothing.
  template <class Visit>
  void for_each_layer(std::span<const std::size_t> choices, Visit&& visit) const {
    std::size_t node = 0;
    for (std::size_t level = 0; level < priced.levels(); ++level) {
      const std::size_t edge =
          priced.edge(level, node, level < choices.size() ? choices[level] : 0);
      const auto placed = priced.placed(level, edge);
      for (std::size_t place = 0; place < placed.size(); ++place) {
        visit(placed[place], level, place);
      }
      node = priced.next(level, edge);
    }
  }
  /// Of a network as `for_each_layer` takes it.
  [[nodiscard]] bool within_nvm(std::span<const std::size_t> choices) const {
    if (!nvm_matters()) return true;
    execution::NvmSum need;
    for_each_layer(choices, [&](const SpaceGraph::Placed& placed, std::size_t level,
                                std::size_t place) { need.add(priced.nvm(placed, level, place)); });
    return need.bytes() <= nvm_bytes;
  }
  /// The latency of such a network as Explorer::explore has it, with the NVM that there is;
  /// infinite if NVM holds none of its designs. There is a ledger.
  [[nodiscard]] double scheduled_s(std::span<const std::size_t> choices) const {
    NetworkSchedule schedule(*priced.prices);
    execution::NvmSum by_layers;
    execution::NvmSum fluid;
    for_each_layer(choices,
                   [&](const SpaceGraph::Placed& placed, std::size_t level, std::size_t place) {
                     schedule.run(priced.scheduled(placed));
                     by_layers.add(priced.nvm(placed, level, place));
                     fluid.add(priced.fluid_nvm(placed, level, place));
                   });
    return schedule.finish()
        .fastest(by_layers.bytes() <= nvm_bytes, fluid.bytes() <= nvm_bytes)
        .latency_s;
  }
  [[nodiscard]] double requirement_s() const {
    return options.latency_requirement_s.value_or(kNever);
  }
  [[nodiscard]] RankedNetwork ranked(Architecture architecture, double latency_s) const {
    const Network network = build_network(space, architecture);
    return {std::move(architecture), latency_s, weight_count(network), mac_count(network)};
  }
};

/// The networks of a space: listed (listed_networks.hpp) or counted (counted_networks.hpp). What
/// the functions mean, and to which accuracy, is SpaceMap's.
class MappedNetworks {
 public:
  virtual ~MappedNetworks() = default;

  /// Fills nvm_capacity, responsiveness and the feasible ones.
  virtual void count(SpaceCounts& counts) const = 0;
  [[nodiscard]] virtual FailureCounts failures() const = 0;
  /// Number of executable networks.
  [[nodiscard]] virtual double executable() const = 0;
  [[nodiscard]] virtual double within(double latency_s) const = 0;
  /// The latency of the executable network with so many before it in ascending order. There must
  /// be one.
  [[nodiscard]] virtual double latency_s_at(double rank) const = 0;
  /// Calls visit(latency, number of networks) in ascending order.
  virtual void for_each(const std::function<void(double, double)>& visit) const = 0;
  /// Infinite if there is none.
  [[nodiscard]] virtual double least_s(const PathStart& start) const = 0;
  [[nodiscard]] virtual bool can_be_feasible(const PathStart& start) const = 0;
  [[nodiscard]] virtual std::optional<Architecture> sample_feasible(
      std::mt19937_64& random) const = 0;
  /// As scheduled, of a network drawn from the executable ones; nothing if the space knows more, or
  /// has none.
  [[nodiscard]] virtual std::optional<double> draw_scheduled_s(std::mt19937_64& /*random*/) const {
    return std::nullopt;
  }
  [[nodiscard]] virtual std::vector<SizeClass> fastest(std::size_t count,
                                                       SizeMeasure measure) const = 0;

  [[nodiscard]] virtual std::span<const double> latencies_s() const { return {}; }
  [[nodiscard]] virtual Architecture architecture(std::size_t /*index*/) const { return {}; }
  [[nodiscard]] virtual double latency_error_s() const { return 0; }
  [[nodiscard]] virtual std::int64_t bins() const { return 0; }
};

}  // namespace inas::explorer
