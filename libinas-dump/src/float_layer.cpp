#include "float_layer.hpp"

#include <algorithm>

namespace inas::dump {

std::vector<float> channels_last(const Shape& shape, std::span<const float> map) {
  std::vector<float> result(map.size());
  const std::int64_t pixels = shape.height * shape.width;
  for (std::int64_t channel = 0; channel < shape.channels; ++channel) {
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      result[static_cast<std::size_t>(pixel * shape.channels + channel)] =
          map[static_cast<std::size_t>(channel * pixels + pixel)];
    }
  }
  return result;
}

std::vector<float> float_layer(const Layer& layer, bool relu, const Tensor* weights,
                               std::span<const float> input) {
  const std::int64_t N = layer.ifm.channels;
  const std::int64_t width = layer.ifm.width;
  const bool pooling = layer.type == LayerType::global_average_pool;
  std::vector<float> output;
  output.reserve(static_cast<std::size_t>(layer.ofm.values()));
  for (std::int64_t row = 0; row < layer.ofm.height; ++row) {
    for (std::int64_t column = 0; column < layer.ofm.width; ++column) {
      for (std::int64_t m = 0; m < layer.ofm.channels; ++m) {
        double sum = 0;
        for (std::int64_t kr = 0; kr < layer.kernel_height; ++kr) {
          for (std::int64_t kc = 0; kc < layer.kernel_width; ++kc) {
            const std::int64_t pixel = ((row + kr) * width + column + kc) * N;
            if (pooling) {
              sum += static_cast<double>(input[static_cast<std::size_t>(pixel + m)]);
              continue;
            }
            for (std::int64_t n = 0; n < N; ++n) {
              const std::int64_t w =
                  ((m * N + n) * layer.kernel_height + kr) * layer.kernel_width + kc;
              sum += static_cast<double>(input[static_cast<std::size_t>(pixel + n)]) *
                     static_cast<double>(weights->values[static_cast<std::size_t>(w)]);
            }
          }
        }
        if (pooling) sum /= static_cast<double>(layer.kernel_height * layer.kernel_width);
        output.push_back(static_cast<float>(relu ? std::max(sum, 0.0) : sum));
      }
    }
  }
  return output;
}

}  // namespace inas::dump
