#pragma once

#include <string>

#include <inas/core/search_space.hpp>

namespace library {

/// The search spaces of the reference by their names there: cifar, har, kws (the paper's), mnist.
[[nodiscard]] inline inas::SearchSpace paper_space(const std::string& name) {
  using inas::NetworkFamily;
  if (name == "cifar") {
    return {.family = NetworkFamily::convolution_2d,
            .input = {3, 32, 32},
            .classes = 10,
            .layers = 5,
            .kernels = {1, 3, 5, 7},
            .filters = {4, 8, 16, 24}};
  }
  if (name == "har") {
    return {.family = NetworkFamily::convolution_1d,
            .input = {9, 128, 1},
            .classes = 6,
            .layers = 3,
            .kernels = {1, 3, 5, 7},
            .filters = {4, 8, 16, 24}};
  }
  if (name == "kws") {
    return {.family = NetworkFamily::fully_connected,
            .input = {1, 250, 1},
            .classes = 12,
            .layers = 4,
            .kernels = {},
            .filters = {48, 64, 96, 128}};
  }
  return {.family = NetworkFamily::convolution_2d,
          .input = {1, 28, 28},
          .classes = 10,
          .layers = 4,
          .kernels = {1, 2, 3, 5, 7},
          .filters = {2, 6, 12, 15}};
}

/// 1,024 networks of two stages, whose first blocks add their input as well where they keep its
/// shape.
[[nodiscard]] inline inas::SearchSpace small_blocks() {
  inas::SearchSpace space{.family = inas::NetworkFamily::blocks,
                          .input = {2, 9, 9},
                          .classes = 4,
                          .kernels = {1, 5},
                          .filters = {},
                          .strides = {1, 2},
                          .bias = true};
  space.blocks = {.resolutions = {6, 9},
                  .stem_kernel = 3,
                  .stem_filters = 4,
                  .widths = {4, 6},
                  .width_percents = {50, 100},
                  .expansions = {3},
                  .depths = {1, 2},
                  .skips = {0, 1}};
  return space;
}

}  // namespace library
