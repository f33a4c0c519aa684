#pragma once

#include <span>
#include <vector>

#include <inas/core/layer.hpp>
#include <inas/core/weights.hpp>

/// The same layers in floating point, in plain loops: what quantised maps are compared with.
namespace inas::dump {

/// [channel][row][column] as [row][column][channel].
[[nodiscard]] std::vector<float> channels_last(const Shape& shape, std::span<const float> map);

/// The output map, [row][column][channel]. `weights` are [out, in, kh, kw]; null if the
/// layer has none.
[[nodiscard]] std::vector<float> float_layer(const Layer& layer, bool relu, const Tensor* weights,
                                             std::span<const float> input);

}  // namespace inas::dump
