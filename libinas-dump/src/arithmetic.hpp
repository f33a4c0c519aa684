#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <inas/core/layer.hpp>
#include <inas/core/weights.hpp>
#include <inas/dump/quantize.hpp>

#include "window.hpp"

/// What the layers of a type compute: in 16 bits as the runtime does, and in floating point. One
/// entry per layer type, in arithmetic.cpp.
namespace inas::dump {

/// The maps that a layer reads, [row][column][channel]; `second` is empty but for an add.
template <class Value>
struct InputMaps {
  std::span<const Value> first;
  std::span<const Value> second;
};

/// The input of one output position in floating point, the weights and the biases.
struct FloatWindow {
  const Layer& layer;
  const Tensor* weights;  ///< [out, in, kh, kw], depthwise [out, 1, kh, kw]; null: none
  const Tensor* bias;     ///< [out]; null: none
  InputMaps<float> input;
  Window window;

  [[nodiscard]] double value(std::int64_t kr, std::int64_t kc, std::int64_t n) const {
    return static_cast<double>(
        input.first[static_cast<std::size_t>(window.at(layer.ifm, kr, kc) + n)]);
  }
};

struct Arithmetic {
  std::uint8_t device_type = 0;            ///< of the runtime's tables
  const char* device_type_name = nullptr;  ///< in C
  /// The output map, [row][column][channel]. `saturated` as of `run_layer`.
  std::vector<std::int16_t> (*run)(const QuantizedLayer& layer,
                                   const InputMaps<std::int16_t>& input,
                                   std::int64_t& saturated) = nullptr;
  /// Output channel `m` in floating point, before the activation.
  double (*exact)(const FloatWindow& window, std::int64_t m) = nullptr;
  /// How often a value of the output map is rounded, each time by half a step at most, and so that
  /// it may become larger than the exact value can be.
  std::int64_t (*roundings)(const Layer& layer, const Design& design) = nullptr;
};

[[nodiscard]] const Arithmetic& arithmetic_of(LayerType type);

}  // namespace inas::dump
