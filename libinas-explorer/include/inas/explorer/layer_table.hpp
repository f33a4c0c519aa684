#pragma once

#include <cstdint>
#include <vector>

#include <inas/core/layer.hpp>
#include <inas/core/rounds_done.hpp>
#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/explorer/layer_search.hpp>

namespace inas::explorer {

/// The distinct layers of a search space, and the best design of each on one device.
///
/// A space has far fewer layers than networks: what a layer costs depends on the map it gets, and
/// maps are few. The CIFAR-10 space of the paper has 1,048,576 networks and 916 layers.
struct LayerTable {
  std::vector<Layer> layers;         ///< each geometry once, named after where it first occurs
  std::vector<LayerResult> results;  ///< `best_design` of each

  bool operator==(const LayerTable&) const = default;
};

/// All layers of all networks of `space`, each geometry once, in the order of the network (first
/// searched layers first, then pooling and FC_END) and of the choices. Layers behind a kernel that
/// does not fit its map do not occur. Throws InvalidArgument if the space or one of its layers is
/// invalid; Error if it has more than 262,144 layers or more than 8,388,608 pairs of a map and a
/// choice.
[[nodiscard]] std::vector<Layer> distinct_layers(const SearchSpace& space);

/// The best design of each layer, explored by `threads` threads (0: one per core). The result does
/// not depend on their number. `done` is told of the layers. Throws InvalidArgument if the device
/// or a layer is invalid or `threads` is negative.
[[nodiscard]] LayerTable explore_layers(std::vector<Layer> layers, const costmodel::Device& device,
                                        const ExplorerSettings& settings, std::int64_t threads = 0,
                                        const RoundsDone& done = {});

}  // namespace inas::explorer
