#pragma once

#include <algorithm>
#include <cstddef>

#include <inas/core/network.hpp>

namespace inas::apps {

/// Columns that the names of the layers take in a table: those of the longest, `least` at least.
[[nodiscard]] inline std::size_t name_width(const Network& network, std::size_t least) {
  for (const Layer& layer : network.layers) least = std::max(least, layer.name.size());
  return least;
}

}  // namespace inas::apps
