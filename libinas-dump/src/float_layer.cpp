#include "float_layer.hpp"

#include <algorithm>

namespace inas::dump {
namespace {

double activated(Activation activation, double value) {
  switch (activation) {
    case Activation::none:
      break;
    case Activation::relu:
      return std::max(value, 0.0);
    case Activation::relu6:
      return std::clamp(value, 0.0, kReluSixMost);
  }
  return value;
}

/// Calls `move(first, last)` for every value of a map: its indices in [channel][row][column] and in
/// [row][column][channel].
template <class Move>
void for_each_value(const Shape& shape, Move&& move) {
  const std::int64_t pixels = shape.height * shape.width;
  for (std::int64_t channel = 0; channel < shape.channels; ++channel) {
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      move(static_cast<std::size_t>(channel * pixels + pixel),
           static_cast<std::size_t>(pixel * shape.channels + channel));
    }
  }
}

}  // namespace

std::vector<float> channels_last(const Shape& shape, std::span<const float> map) {
  std::vector<float> result(map.size());
  for_each_value(shape, [&](std::size_t first, std::size_t last) { result[last] = map[first]; });
  return result;
}

std::vector<float> channels_first(const Shape& shape, std::span<const float> map) {
  std::vector<float> result(map.size());
  for_each_value(shape, [&](std::size_t first, std::size_t last) { result[first] = map[last]; });
  return result;
}

std::vector<float> float_layer(const Layer& layer, std::span<const Tensor> tensors,
                               const InputMaps<float>& input) {
  const Arithmetic& arithmetic = arithmetic_of(layer.type);
  const Tensor* const weights = tensors.empty() ? nullptr : &tensors[0];
  const Tensor* const bias = layer.bias ? &tensors[1] : nullptr;
  std::vector<float> output;
  output.reserve(static_cast<std::size_t>(layer.ofm.values()));
  for_each_window(layer, [&](const Window& window) {
    const FloatWindow of{layer, weights, bias, input, window};
    for (std::int64_t m = 0; m < layer.ofm.channels; ++m) {
      output.push_back(static_cast<float>(activated(layer.activation, arithmetic.exact(of, m))));
    }
  });
  return output;
}

}  // namespace inas::dump
