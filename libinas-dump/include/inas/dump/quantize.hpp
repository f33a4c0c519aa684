#pragma once

#include <cstdint>
#include <vector>

#include <inas/core/layer.hpp>
#include <inas/core/weights.hpp>

namespace inas::dump {

/// Weights of one layer as 16-bit fixed point with one power-of-two scale:
///   weight ≈ values[i]·2^(exponent − 15).
/// Stored [out, kh, kw, in]: the input channels of a kernel tap are contiguous, because they are
/// what one vector multiply-accumulate of the device reads.
struct QuantizedWeights {
  std::vector<std::int16_t> values;
  int exponent = 0;

  bool operator==(const QuantizedWeights&) const = default;
};

/// Rounds `weights`, shaped [out, in, kh, kw] as `layer` asks, to nearest (ties to even) with the
/// smallest exponent from −15 to 15 at which nothing saturates. All-zero weights have exponent −15.
/// Throws InvalidArgument, naming the layer, if a weight is not finite or 2¹⁵ or more in magnitude.
[[nodiscard]] QuantizedWeights quantize_weights(const Layer& layer, const Tensor& weights);

}  // namespace inas::dump
