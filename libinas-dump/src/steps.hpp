#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <inas/dump/quantize.hpp>

#include "window.hpp"

namespace inas::dump {

/// Σ input·weight over `length` values. Fits 32 bits (see QuantizedLayer).
[[nodiscard]] inline std::int32_t dot(const std::int16_t* input, const std::int16_t* weights,
                                      std::int64_t length) {
  std::int32_t sum = 0;
  for (std::int64_t i = 0; i < length; ++i) {
    sum += static_cast<std::int32_t>(input[i]) * static_cast<std::int32_t>(weights[i]);
  }
  return sum;
}

/// One sum of products that is added to an output.
struct Step {
  std::size_t output = 0;   ///< index in the output map
  std::size_t channel = 0;  ///< of the output
  bool last = false;        ///< of the output's steps
  std::int32_t sum = 0;     ///< Σ input·weight, at the first step with the bias
};

/// `for_each_step` of a depthwise convolution: one step for each output.
template <class Visit>
void for_each_depthwise_step(const QuantizedLayer& of, std::span<const std::int16_t> input,
                             Visit&& visit) {
  const Layer& layer = of.layer;
  const auto channels = static_cast<std::size_t>(layer.ofm.channels);
  const auto taps = static_cast<std::size_t>(layer.kernel_height * layer.kernel_width);
  std::vector<std::int16_t> weights(of.weights.size());  // [kernel row][kernel column][channel]
  for (std::size_t m = 0; m < channels; ++m) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      weights[tap * channels + m] = of.weights[m * taps + tap];
    }
  }
  std::vector<std::int32_t> sums(channels);
  std::size_t output = 0;
  for_each_window(layer, [&](const Window& window) {
    for (std::size_t m = 0; m < channels; ++m) sums[m] = of.bias.empty() ? 0 : of.bias[m];
    for_each_tap(window, [&](std::int64_t kr, std::int64_t kc) {
      const std::int16_t* const values = input.data() + window.at(layer.ifm, kr, kc);
      const std::int16_t* const tap =
          weights.data() + (kr * layer.kernel_width + kc) * layer.ofm.channels;
      for (std::size_t m = 0; m < channels; ++m) {
        sums[m] += static_cast<std::int32_t>(values[m]) * static_cast<std::int32_t>(tap[m]);
      }
    });
    for (std::size_t m = 0; m < channels; ++m, ++output) visit(Step{output, m, true, sums[m]});
  });
}

/// The steps of the outputs at one position, the first of them being `output`.
template <class Visit>
void for_each_step_at(const QuantizedLayer& of, std::span<const std::int16_t> input,
                      const Window& window, std::size_t output, Visit&& visit) {
  const Layer& layer = of.layer;
  const std::int64_t N = layer.ifm.channels;
  const std::int64_t Tn = of.design.tile.in_channels;
  const std::int64_t map_row = layer.ifm.width * N;
  const std::int64_t kernel_row = layer.kernel_width * N;
  const std::int64_t kernel_size = layer.kernel_height * kernel_row;
  const auto channels = static_cast<std::size_t>(layer.ofm.channels);
  const std::int32_t* const bias = of.bias.empty() ? nullptr : of.bias.data();
  // From the first tap inside the map.
  const std::int64_t rows = window.rows.count();
  const std::int64_t columns = window.columns.count();
  const std::int16_t* const corner =
      input.data() + window.at(layer.ifm, window.rows.begin, window.columns.begin);
  const std::int16_t* kernel =
      of.weights.data() + window.rows.begin * kernel_row + window.columns.begin * N;
  for (std::size_t m = 0; m < channels; ++m, kernel += kernel_size) {
    std::int32_t sum = bias == nullptr ? 0 : bias[m];
    if (Tn == N) {  // the channels of a kernel row are contiguous
      for (std::int64_t kr = 0; kr < rows; ++kr) {
        sum += dot(corner + kr * map_row, kernel + kr * kernel_row, columns * N);
      }
      visit(Step{output + m, m, true, sum});
      continue;
    }
    for (std::int64_t n = 0; n < N; n += Tn) {
      const std::int64_t end = std::min(n + Tn, N);
      for (std::int64_t kr = 0; kr < rows; ++kr) {
        for (std::int64_t kc = 0; kc < columns; ++kc) {
          sum += dot(corner + kr * map_row + kc * N + n, kernel + kr * kernel_row + kc * N + n,
                     end - n);
        }
      }
      visit(Step{output + m, m, end == N, sum});
      sum = 0;
    }
  }
}

/// Calls `visit(Step)` for every output value of a layer with weights and each of its input-channel
/// steps in turn.
template <class Visit>
void for_each_step(const QuantizedLayer& of, std::span<const std::int16_t> input, Visit&& visit) {
  if (of.layer.type == LayerType::depthwise_convolution) {
    for_each_depthwise_step(of, input, visit);
    return;
  }
  std::size_t output = 0;
  for_each_window(of.layer, [&](const Window& window) {
    for_each_step_at(of, input, window, output, visit);
    output += static_cast<std::size_t>(of.layer.ofm.channels);
  });
}

/// The inputs of an add have so many bits more before they are shifted to one scale.
inline constexpr int kAddBits = 13;

/// Calls `visit(output, sum)` for every output of an add: index in the maps, and
/// 2·(⌊a·2^13/2^shifts[0]⌋ + ⌊b·2^13/2^shifts[1]⌋).
template <class Visit>
void for_each_sum(const QuantizedLayer& of, std::span<const std::int16_t> first,
                  std::span<const std::int16_t> second, Visit&& visit) {
  const auto shifted = [&](std::int16_t value, std::size_t input) {
    return std::int32_t{value} * (std::int32_t{1} << kAddBits) >> of.shifts[input];
  };
  for (std::size_t output = 0; output < first.size(); ++output) {
    visit(output, 2 * (shifted(first[output], 0) + shifted(second[output], 1)));
  }
}

}  // namespace inas::dump
