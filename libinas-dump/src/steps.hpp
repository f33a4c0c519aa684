#pragma once

#include <cstdint>
#include <span>

#include <inas/dump/quantize.hpp>

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

/// Calls `visit(output, end, sum)` for every output value of a convolution and each of its
/// input-channel steps in turn: index of the output in its map, end of the step's channels, and
/// Σ input·weight over the step, of the first one with the bias.
template <class Visit>
void for_each_step(const QuantizedLayer& of, std::span<const std::int16_t> input, Visit&& visit) {
  const Layer& layer = of.layer;
  const std::int64_t N = layer.ifm.channels;
  const std::int64_t Tn = of.design.tile.in_channels;
  const std::int64_t taps = layer.kernel_height * layer.kernel_width;
  std::size_t output = 0;
  for (std::int64_t row = 0; row < layer.ofm.height; ++row) {
    for (std::int64_t column = 0; column < layer.ofm.width; ++column) {
      const std::int16_t* const corner = input.data() + (row * layer.ifm.width + column) * N;
      for (std::int64_t m = 0; m < layer.ofm.channels; ++m, ++output) {
        std::int32_t sum = of.bias.empty() ? 0 : of.bias[static_cast<std::size_t>(m)];
        const std::int16_t* const kernel = of.weights.data() + m * taps * N;
        if (Tn == N) {  // the channels of a kernel row are contiguous
          for (std::int64_t kr = 0; kr < layer.kernel_height; ++kr) {
            sum += dot(corner + kr * layer.ifm.width * N, kernel + kr * layer.kernel_width * N,
                       layer.kernel_width * N);
          }
          visit(output, N, sum);
          continue;
        }
        for (std::int64_t n = 0; n < N; n += Tn) {
          const std::int64_t end = n + Tn < N ? n + Tn : N;
          for (std::int64_t kr = 0; kr < layer.kernel_height; ++kr) {
            for (std::int64_t kc = 0; kc < layer.kernel_width; ++kc) {
              sum += dot(corner + (kr * layer.ifm.width + kc) * N + n,
                         kernel + (kr * layer.kernel_width + kc) * N + n, end - n);
            }
          }
          visit(output, end, sum);
          sum = 0;
        }
      }
    }
  }
}

}  // namespace inas::dump
