#pragma once

#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>

namespace inas::bench {

/// The paper's CIFAR-10 space.
inline SearchSpace cifar_space() {
  return {.family = NetworkFamily::convolution_2d,
          .input = {3, 32, 32},
          .classes = 10,
          .layers = 5,
          .kernels = {1, 3, 5, 7},
          .filters = {4, 8, 16, 24}};
}

/// A network of middling size from the reference's speed table (baseline.md).
inline Network cifar_network() {
  return build_network(cifar_space(), {3, 8, 3, 16, 3, 16, 3, 24, 3, 24});
}

inline constexpr ExplorerSettings kPublishedLists = published_space();

}  // namespace inas::bench
