#pragma once

#include <torch/types.h>

#include <inas/core/layer.hpp>

// Private to the library. Written for LibTorch 1.13 and 2.x alike.

namespace inas::nas {

/// Batch normalisation of one place of a network while it is trained. Tensors of one value per
/// channel; all undefined where there is none.
struct TrainedNorm {
  torch::Tensor scale;
  torch::Tensor shift;
  torch::Tensor mean;  ///< running averages over the batches, as is the variance
  torch::Tensor variance;
};

/// Batch normalisation of `map`, batch × channels × height × width laid out "channels last", by the
/// statistics of the batch, of at least two values per channel, and `activation` behind it. Moves
/// the running averages of `norm`. On the CPU the two are one operation: LibTorch's batch
/// normalisation of such maps takes as long as a convolution.
[[nodiscard]] torch::Tensor batch_norm_activation(const TrainedNorm& norm, const torch::Tensor& map,
                                                  Activation activation);

/// `activation` of each value, in place where it changes any.
[[nodiscard]] torch::Tensor activated(torch::Tensor map, Activation activation);

}  // namespace inas::nas
