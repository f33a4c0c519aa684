#pragma once

#include <vector>

#include <torch/types.h>

#include <inas/core/network.hpp>
#include <inas/core/weights.hpp>

#include "batch_norm_activation.hpp"

// Private to the library: what networks compute with, in LibTorch. Written for LibTorch 1.13 and
// 2.x alike.

namespace inas::nas {

[[nodiscard]] torch::Tensor channels_first(const torch::Tensor& nhwc);
[[nodiscard]] torch::Tensor channels_last(const torch::Tensor& nchw);

/// A copy of row-major N×C×H×W `values`, laid out N×H×W×C.
[[nodiscard]] torch::Tensor copy_channels_last(const std::vector<float>& values,
                                               torch::IntArrayRef shape,
                                               const torch::Device& device);

/// What a layer with weights computes with.
struct LayerParameters {
  /// out × in × height × width, in = 1 if depthwise, laid out "channels last"
  torch::Tensor weight;
  torch::Tensor bias;  ///< out; undefined where the layer has none, or `norm` stands for it
  TrainedNorm norm;
};

/// Of each layer with weights, in the network's order.
using Parameters = std::vector<LayerParameters>;

/// Has `layer` of `network` a batch normalisation while it is trained with the recipe of that name?
/// Convolutions of both kinds have; a last layer has none, because its outputs are what counts.
[[nodiscard]] bool is_normalised(const Network& network, const Layer& layer);

/// `weights`, the tensors of the layers as `tensors_of` has them, on the device. Throws
/// InvalidArgument unless they are the network's.
[[nodiscard]] Parameters to_parameters(const Network& network, const std::vector<Tensor>& weights,
                                       const torch::Device& device);

/// Replaces the biases of the layers that `is_normalised` by batch normalisation that, with its
/// statistics as they are at first, changes nothing.
void add_norms(const Network& network, Parameters& parameters);

/// Those that are trained, which from here on have gradients.
[[nodiscard]] std::vector<torch::Tensor> trained(Parameters& parameters);

/// The inverse of `to_parameters`: the network's weights, with every batch normalisation folded
/// into them.
[[nodiscard]] std::vector<Tensor> to_weights(const Network& network, const Parameters& parameters);

/// The outputs, batch × classes, for images batch × height × width × channels. Of a network with
/// batch normalisation those of a training step, which moves the running averages. `largest`, if
/// given, becomes the largest absolute value of all maps and of it itself, NaN if one of them is.
[[nodiscard]] torch::Tensor forward(const Network& network, const Parameters& parameters,
                                    const torch::Tensor& images, torch::Tensor* largest = nullptr);

}  // namespace inas::nas
