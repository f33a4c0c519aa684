#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <inas/core/space_stage.hpp>

namespace inas::explorer {

/// A search space as a graph: a node is where networks stand in front of a level (`Front`), an edge
/// is a choice there. A network is a path from the single node of level 0 to the end behind the
/// last level.
struct SpaceGraph {
  /// A layer that an edge adds.
  struct Placed {
    std::int32_t layer = -1;  ///< index into `layers`; −1: none, nor behind it
    std::int32_t name = -1;   ///< index into `names`
    std::int64_t held = 0;    ///< values of the map that waits while it runs: execution::held_maps
  };

  /// A stage, or neighbouring stages without a decision.
  struct Level {
    std::vector<Decision> decisions;
    std::size_t choices = 1;  ///< values of all decisions together, the last decision fastest
    std::size_t nodes = 0;
    std::size_t width = 1;           ///< places for layers of an edge
    std::vector<std::int32_t> next;  ///< node of the next level, by edge: n·choices + c;
                                     ///< −1: a kernel is larger than its map
    std::vector<Placed> placed;      ///< of edge e from e·width on

    [[nodiscard]] bool decided() const { return !decisions.empty(); }
  };

  std::vector<Layer> layers;       ///< each geometry once
  std::vector<std::string> names;  ///< of the layers that networks have, in their order
  std::vector<Level> levels;
  std::size_t ends = 0;  ///< nodes behind the last level

  /// Of level `level`, the one behind the last included.
  [[nodiscard]] std::size_t nodes(std::size_t level) const {
    return level < levels.size() ? levels[level].nodes : ends;
  }
};

/// The values of choice `choice` of a level.
void append_values(const SpaceGraph::Level& level, std::size_t choice, Architecture& values);

/// Throws as `distinct_layers` does.
[[nodiscard]] SpaceGraph make_space_graph(const SearchSpace& space);

}  // namespace inas::explorer
