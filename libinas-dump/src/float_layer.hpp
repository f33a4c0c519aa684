#pragma once

#include <span>
#include <vector>

#include <inas/core/layer.hpp>
#include <inas/core/weights.hpp>

#include "arithmetic.hpp"

/// The same layers in floating point, in plain loops: what quantised maps are compared with.
namespace inas::dump {

/// [channel][row][column] as [row][column][channel].
[[nodiscard]] std::vector<float> channels_last(const Shape& shape, std::span<const float> map);
/// The other way round.
[[nodiscard]] std::vector<float> channels_first(const Shape& shape, std::span<const float> map);

/// The output map, [row][column][channel]. `tensors` are those of `tensors_of` the layer.
[[nodiscard]] std::vector<float> float_layer(const Layer& layer, std::span<const Tensor> tensors,
                                             const InputMaps<float>& input);

}  // namespace inas::dump
