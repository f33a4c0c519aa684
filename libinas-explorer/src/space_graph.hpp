#pragma once

#include <cstdint>
#include <vector>

#include <inas/core/search_space.hpp>

namespace inas::explorer {

/// A search space as a graph: a node is the map in front of a searched layer, an edge is a choice
/// of that layer. A network is a path from the single node of level 0 to a node of the last level,
/// which stands for the map in front of pooling and FC_END.
struct SpaceGraph {
  struct Edge {
    std::int32_t layer = -1;  ///< index into `layers`; −1: the kernel is larger than the map
    std::int32_t next = -1;   ///< node of the next level
  };
  struct Level {
    std::size_t nodes = 0;
    std::vector<Edge> edges;  ///< of node n and choice c at n·choices + c
  };
  struct Tail {
    std::int32_t pool = -1;  ///< index into `layers`; −1: the family has no pooling
    std::int32_t end = -1;   ///< FC_END
  };

  std::vector<Layer> layers;  ///< each geometry once
  std::vector<Level> levels;  ///< one per searched layer
  std::vector<Tail> tails;    ///< one per node behind the last searched layer
  std::size_t kernels = 1;    ///< choices are kernel·filters + filter; fc: one kernel
  std::size_t filters = 0;
  std::size_t decisions_per_layer = 2;

  [[nodiscard]] std::size_t choices() const { return kernels * filters; }
  /// Of level `level`, the one behind the last searched layer included.
  [[nodiscard]] std::size_t nodes(std::size_t level) const {
    return level < levels.size() ? levels[level].nodes : tails.size();
  }
};

/// Throws as `distinct_layers` does.
[[nodiscard]] SpaceGraph make_space_graph(const SearchSpace& space);

}  // namespace inas::explorer
