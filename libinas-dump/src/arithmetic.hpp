#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <inas/core/layer.hpp>
#include <inas/core/weights.hpp>
#include <inas/dump/quantize.hpp>

/// What the layers of a type compute: in 16 bits as the runtime does, and in floating point. One
/// entry per layer type, in arithmetic.cpp.
namespace inas::dump {

/// The input of one output position in floating point, the weights and the biases.
struct FloatWindow {
  const Layer& layer;
  const Tensor* weights;         ///< [out, in, kh, kw]; null if the layer has none
  const Tensor* bias;            ///< [out]; null if the layer has none
  std::span<const float> input;  ///< [row][column][channel]
  std::int64_t row = 0;          ///< of the window's first input value
  std::int64_t column = 0;

  [[nodiscard]] double value(std::int64_t kr, std::int64_t kc, std::int64_t n) const {
    const std::int64_t pixel = (row + kr) * layer.ifm.width + column + kc;
    return static_cast<double>(input[static_cast<std::size_t>(pixel * layer.ifm.channels + n)]);
  }
};

struct Arithmetic {
  std::uint8_t device_type = 0;            ///< of the runtime's tables
  const char* device_type_name = nullptr;  ///< in C
  /// The output map, [row][column][channel]. `saturated` is increased by the number of times that
  /// an output or a stored partial sum did not fit 16 bits.
  std::vector<std::int16_t> (*run)(const QuantizedLayer& layer, std::span<const std::int16_t> input,
                                   std::int64_t& saturated) = nullptr;
  /// Output channel `m` in floating point, ReLU apart.
  double (*exact)(const FloatWindow& window, std::int64_t m) = nullptr;
  /// How often a value of the output map is rounded, each time by half a step at most.
  std::int64_t (*roundings)(const Layer& layer, const Design& design) = nullptr;
};

[[nodiscard]] const Arithmetic& arithmetic_of(LayerType type);

}  // namespace inas::dump
