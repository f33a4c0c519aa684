#include "float_layer.hpp"

#include <algorithm>

#include "arithmetic.hpp"

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

std::vector<float> float_layer(const Layer& layer, bool relu, std::span<const Tensor> tensors,
                               std::span<const float> input) {
  const Arithmetic& arithmetic = arithmetic_of(layer.type);
  const Tensor* const weights = tensors.empty() ? nullptr : &tensors[0];
  const Tensor* const bias = layer.bias ? &tensors[1] : nullptr;
  std::vector<float> output;
  output.reserve(static_cast<std::size_t>(layer.ofm.values()));
  for (std::int64_t row = 0; row < layer.ofm.height; ++row) {
    for (std::int64_t column = 0; column < layer.ofm.width; ++column) {
      const FloatWindow window{
          layer, weights, bias, input, row * layer.stride, column * layer.stride};
      for (std::int64_t m = 0; m < layer.ofm.channels; ++m) {
        const double value = arithmetic.exact(window, m);
        output.push_back(static_cast<float>(relu ? std::max(value, 0.0) : value));
      }
    }
  }
  return output;
}

}  // namespace inas::dump
