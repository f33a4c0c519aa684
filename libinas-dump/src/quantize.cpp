#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/dump/quantize.hpp>

namespace inas::dump {
namespace {

constexpr int kMinExponent = -15;
constexpr int kMaxExponent = 15;
constexpr double kLargest = std::numeric_limits<std::int16_t>::max();

/// weight·2^(15 − exponent), rounded to nearest; scaling by a power of two is exact in a double.
double rounded(float weight, int exponent) {
  return std::nearbyint(std::ldexp(static_cast<double>(weight), 15 - exponent));
}

int smallest_exponent(const Layer& layer, const Tensor& weights) {
  float largest = 0;
  for (const float weight : weights.values) {
    if (!std::isfinite(weight)) {
      throw InvalidArgument(fmt::format("{}: a weight is {}, allowed: finite values", layer.name,
                                        static_cast<double>(weight)));
    }
    largest = std::max(largest, std::fabs(weight));
  }
  for (int exponent = kMinExponent; exponent <= kMaxExponent; ++exponent) {
    if (rounded(largest, exponent) <= kLargest) return exponent;
  }
  throw InvalidArgument(fmt::format("{}: the largest weight is {}, allowed: less than 32768",
                                    layer.name, static_cast<double>(largest)));
}

}  // namespace

QuantizedWeights quantize_weights(const Layer& layer, const Tensor& weights) {
  const std::vector<std::int64_t> shape{layer.ofm.channels, layer.ifm.channels, layer.kernel_height,
                                        layer.kernel_width};
  if (weights.shape != shape ||
      static_cast<std::int64_t>(weights.values.size()) != weight_count(layer)) {
    throw InvalidArgument(
        fmt::format("{}: the weights do not have the layer's shape [{}, {}, {}, {}]", layer.name,
                    shape[0], shape[1], shape[2], shape[3]));
  }
  QuantizedWeights quantized;
  quantized.exponent = smallest_exponent(layer, weights);
  quantized.values.reserve(weights.values.size());
  for (std::int64_t m = 0; m < shape[0]; ++m) {
    for (std::int64_t row = 0; row < shape[2]; ++row) {
      for (std::int64_t column = 0; column < shape[3]; ++column) {
        for (std::int64_t n = 0; n < shape[1]; ++n) {
          const std::int64_t at = ((m * shape[1] + n) * shape[2] + row) * shape[3] + column;
          quantized.values.push_back(static_cast<std::int16_t>(
              rounded(weights.values[static_cast<std::size_t>(at)], quantized.exponent)));
        }
      }
    }
  }
  return quantized;
}

}  // namespace inas::dump
