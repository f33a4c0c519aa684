#pragma once

#include <vector>

#include <inas/core/weights.hpp>

namespace inas {

/// Batch normalisation behind a layer, one number of each kind for an output channel:
///
///   y = scale · (x − mean) / √(variance + epsilon) + shift
///
/// It exists only where networks come from, in training and in models of others: `fold` makes it
/// part of the layer that it follows, and nothing downstream knows it.
struct BatchNorm {
  std::vector<float> scale;
  std::vector<float> shift;
  std::vector<float> mean;
  std::vector<float> variance;
  double epsilon = 1e-5;
};

/// The tensors of a layer with a bias, as `tensors_of` has them, that computes what the layer of
/// `tensors` and `norm` behind it compute. With r = scale/√(variance + epsilon) for an output
/// channel, its weights become r·w, its bias r·(b − mean) + shift; in doubles, rounded once.
/// Throws InvalidArgument, naming the layer, unless there are weights and biases for as many
/// channels as `norm` has.
[[nodiscard]] std::vector<Tensor> fold(std::vector<Tensor> tensors, const BatchNorm& norm);

}  // namespace inas
