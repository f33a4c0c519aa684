#include "space_graph.hpp"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/execution/nvm_layout.hpp>

#include "geometry.hpp"

namespace inas::explorer {
namespace {

using Level = SpaceGraph::Level;

constexpr std::size_t kMaxLayers = std::size_t{1} << 18;
constexpr std::size_t kMaxEdges = std::size_t{1} << 23;

/// Extents have 16 bits (`validate(const Layer&)`), so three of them and the percents make a key.
struct FrontHash {
  std::size_t operator()(const Front& front) const {
    return std::hash<std::uint64_t>()(static_cast<std::uint64_t>(front.width_percent) << 48 |
                                      static_cast<std::uint64_t>(front.map.channels) << 32 |
                                      static_cast<std::uint64_t>(front.map.height) << 16 |
                                      static_cast<std::uint64_t>(front.map.width));
  }
};

/// Numbers things in the order in which they first occur.
template <class Key, class Hash>
class Numbers {
 public:
  /// The number of `key`, and whether it is new.
  std::pair<std::int32_t, bool> of(const Key& key) {
    const auto [at, is_new] = known_.emplace(key, static_cast<std::int32_t>(known_.size()));
    return {at->second, is_new};
  }

 private:
  std::unordered_map<Key, std::int32_t, Hash> known_;
};

/// Builds a graph level by level.
class Builder {
 public:
  explicit Builder(const SearchSpace& space) : fronts_{Front{space.input}} {}

  /// Adds the level of `stages`: one, or several without a decision.
  void add(std::span<const Stage> stages) {
    Level level;
    level.decisions = stages.front().decisions;
    level.nodes = fronts_.size();
    for (const Decision& decision : level.decisions) level.choices *= decision.values.size();
    if (level.decided()) count_edges(level);
    const std::size_t first_name = graph_.names.size();
    for (const Stage& stage : stages) {
      graph_.names.insert(graph_.names.end(), stage.layers.begin(), stage.layers.end());
    }
    level.width = graph_.names.size() - first_name;
    level.next.reserve(level.nodes * level.choices);
    level.placed.reserve(level.nodes * level.choices * level.width);

    std::vector<Front> next_fronts;
    Numbers<Front, FrontHash> next_numbers;
    Architecture choice;
    for (const Front& front : fronts_) {
      for (std::size_t index = 0; index < level.choices; ++index) {
        choice.clear();
        append_values(level, index, choice);
        const Growth grown = grow(stages, front, choice);
        if (grown.misfit) {
          level.next.push_back(-1);
        } else {
          const auto [node, is_new] = next_numbers.of(grown.front);
          if (is_new) next_fronts.push_back(grown.front);
          level.next.push_back(node);
          place(level, front.map, grown.layers, first_name);
        }
        level.placed.resize(level.next.size() * level.width);
      }
    }
    graph_.levels.push_back(std::move(level));
    fronts_ = std::move(next_fronts);
  }

  SpaceGraph take() {
    graph_.ends = fronts_.size();
    return std::move(graph_);
  }

 private:
  void count_edges(const Level& level) {
    if (!fronts_.empty() && level.choices > (kMaxEdges - edges_) / fronts_.size()) {
      throw Error(
          fmt::format("the search space has more than {} pairs of a map and a choice, which "
                      "is more than can be mapped; fewer layers, kernels or filters may "
                      "help",
                      kMaxEdges));
    }
    edges_ += fronts_.size() * level.choices;
  }

  void place(Level& level, const Shape& input, const std::vector<Layer>& layers,
             std::size_t first_name) {
    if (layers.empty()) return;
    const auto held = execution::held_maps(input_indices(layers));
    if (!held) throw Error(fmt::format("{}: its stage adds maps crosswise", layers.front().name));
    for (std::size_t l = 0; l < layers.size(); ++l) {
      place(level, layers[l], first_name);
      if (const execution::HeldMap& waiting = (*held)[l]) {
        level.placed.back().held = held_values(input, layers, *waiting);
      }
    }
  }

  /// Of a stage that gets `input`. The network's own input waits elsewhere.
  [[nodiscard]] std::int64_t held_values(const Shape& input, const std::vector<Layer>& layers,
                                         std::int64_t waiting) const {
    if (waiting != kNetworkInput) return layers[static_cast<std::size_t>(waiting)].ofm.values();
    return graph_.levels.empty() ? 0 : input.values();
  }

  void place(Level& level, const Layer& layer, std::size_t first_name) {
    const auto [number, is_new] = numbers_.of(geometry_of(layer));
    if (is_new) {
      graph_.layers.push_back(layer);
      if (graph_.layers.size() > kMaxLayers) {
        throw Error(
            fmt::format("the search space has more than {} different layers, which is more "
                        "than can be explored at once; fewer kernels or filters may help",
                        kMaxLayers));
      }
    }
    const auto first = graph_.names.begin() + static_cast<std::ptrdiff_t>(first_name);
    const auto name = std::find(first, graph_.names.end(), layer.name);
    level.placed.push_back({number, static_cast<std::int32_t>(name - graph_.names.begin())});
  }

  SpaceGraph graph_;
  std::vector<Front> fronts_;  ///< in front of the next level
  Numbers<Geometry, GeometryHash> numbers_;
  std::size_t edges_ = 0;
};

}  // namespace

void append_values(const Level& level, std::size_t choice, Architecture& values) {
  std::size_t below = level.choices;
  for (const Decision& decision : level.decisions) {
    below /= decision.values.size();
    values.push_back(decision.values[choice / below]);
    choice %= below;
  }
}

SpaceGraph make_space_graph(const SearchSpace& space) {
  validate(space);
  const std::vector<Stage> all = stages(space);
  const auto undecided = [](const Stage& stage) { return stage.decisions.empty(); };
  Builder builder(space);
  for (auto stage = all.begin(); stage != all.end();) {
    const auto end = undecided(*stage) ? std::find_if_not(stage, all.end(), undecided) : stage + 1;
    builder.add({stage, end});
    stage = end;
  }
  return builder.take();
}

}  // namespace inas::explorer
