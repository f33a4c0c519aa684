#include "parameters.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/batch_norm.hpp>
#include <inas/core/error.hpp>

namespace inas::nas {
namespace {

/// `map` with `value` around it.
torch::Tensor padded(const Layer& layer, const torch::Tensor& map, double value) {
  const Padding& padding = layer.padding;
  return torch::constant_pad_nd(map, {padding.left, padding.right, padding.top, padding.bottom},
                                value);
}

/// LibTorch pads by itself if the padding is the same on both sides, and for pooling if it is no
/// more than half a window.
bool pads_by_itself(const Layer& layer) {
  const Padding& padding = layer.padding;
  const bool is_pooling = weight_count(layer) == 0;
  return padding.top == padding.bottom && padding.left == padding.right &&
         (!is_pooling ||
          (2 * padding.top <= layer.kernel_height && 2 * padding.left <= layer.kernel_width));
}

torch::Tensor convolved(const Layer& layer, const LayerParameters& parameters,
                        const torch::Tensor& map) {
  const std::int64_t groups =
      layer.type == LayerType::depthwise_convolution ? layer.ifm.channels : 1;
  const bool by_itself = pads_by_itself(layer);
  const Padding padding = by_itself ? layer.padding : Padding{};
  return torch::conv2d(by_itself ? map : padded(layer, map, 0), parameters.weight, parameters.bias,
                       layer.stride, {padding.top, padding.left}, /*dilation=*/1, groups);
}

torch::Tensor connected(const LayerParameters& parameters, const torch::Tensor& map) {
  // Both sides flattened as they lie in memory, which is no copy.
  const torch::Tensor inputs = channels_last(map).flatten(1);
  const torch::Tensor weights = channels_last(parameters.weight).flatten(1).t();
  const torch::Tensor outputs = parameters.bias.defined()
                                    ? torch::addmm(parameters.bias, inputs, weights)
                                    : inputs.matmul(weights);
  return outputs.unsqueeze(-1).unsqueeze(-1);
}

torch::Tensor max_pooled(const Layer& layer, const torch::Tensor& map) {
  const auto window = {layer.kernel_height, layer.kernel_width};
  if (!pads_by_itself(layer)) {
    const double least = -std::numeric_limits<double>::infinity();
    return torch::max_pool2d(padded(layer, map, least), window, layer.stride);
  }
  return torch::max_pool2d(map, window, layer.stride, {layer.padding.top, layer.padding.left});
}

/// Means of the positions inside the map.
torch::Tensor average_pooled(const Layer& layer, const torch::Tensor& map) {
  const auto window = {layer.kernel_height, layer.kernel_width};
  if (pads_by_itself(layer)) {
    return torch::avg_pool2d(map, window, layer.stride, {layer.padding.top, layer.padding.left},
                             /*ceil_mode=*/false, /*count_include_pad=*/false);
  }
  const auto share = [&](const torch::Tensor& of) {
    return torch::avg_pool2d(padded(layer, of, 0), window, layer.stride);
  };
  const torch::Tensor inside =
      torch::ones({1, 1, layer.ifm.height, layer.ifm.width}, map.options());
  return share(map) / share(inside);
}

/// Does the activation of a pooling layer leave the outputs of `activation` as they are? None is
/// below the least of its window.
bool is_idle(const Layer& layer, Activation input) {
  const bool is_pooling = layer.type == LayerType::max_pool ||
                          layer.type == LayerType::average_pool ||
                          layer.type == LayerType::global_average_pool;
  return is_pooling && layer.activation == Activation::relu && input != Activation::none;
}

/// What `layer` computes of its inputs, its activation apart.
torch::Tensor outputs_of(const Layer& layer, const LayerParameters* parameters,
                         const std::vector<torch::Tensor>& inputs) {
  switch (layer.type) {
    case LayerType::convolution:
    case LayerType::depthwise_convolution:
      return convolved(layer, *parameters, inputs.front());
    case LayerType::fully_connected:
      return connected(*parameters, inputs.front());
    case LayerType::global_average_pool:
      return inputs.front().mean({2, 3}, /*keepdim=*/true);
    case LayerType::max_pool:
      return max_pooled(layer, inputs.front());
    case LayerType::average_pool:
      return average_pooled(layer, inputs.front());
    case LayerType::add:
      return inputs.front() + inputs.back();
  }
  return {};
}

/// May a value of the layer's outputs be larger than all of its inputs?
bool may_grow(const Layer& layer) {
  return weight_count(layer) > 0 || layer.type == LayerType::add;
}

std::vector<float> values_of(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.detach().to(torch::kCPU).contiguous();
  const float* const first = values.data_ptr<float>();
  return {first, first + values.numel()};
}

BatchNorm to_batch_norm(const TrainedNorm& norm) {
  return {.scale = values_of(norm.scale),
          .shift = values_of(norm.shift),
          .mean = values_of(norm.mean),
          .variance = values_of(norm.variance)};
}

/// Throws InvalidArgument unless `found`, null for none, is `expected` with values.
const Tensor& require(const Tensor& expected, const Tensor* found) {
  std::int64_t count = 1;
  for (const std::int64_t extent : expected.shape) count *= extent;
  if (found == nullptr || found->shape != expected.shape || std::ssize(found->values) != count) {
    throw InvalidArgument(fmt::format(
        "weights: those of {} are {}, allowed: one tensor of {}", expected.name,
        found == nullptr ? "absent" : "of another size", fmt::join(expected.shape, "×")));
  }
  return *found;
}

}  // namespace

torch::Tensor channels_first(const torch::Tensor& nhwc) { return nhwc.permute({0, 3, 1, 2}); }
torch::Tensor channels_last(const torch::Tensor& nchw) { return nchw.permute({0, 2, 3, 1}); }

torch::Tensor copy_channels_last(const std::vector<float>& values, torch::IntArrayRef shape,
                                 const torch::Device& device) {
  // from_blob only wants a mutable pointer.
  const torch::Tensor view =
      torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat32);
  return channels_last(view).clone(torch::MemoryFormat::Contiguous).to(device);
}

bool is_normalised(const Network& network, const Layer& layer) {
  const bool convolves =
      layer.type == LayerType::convolution || layer.type == LayerType::depthwise_convolution;
  return convolves && &layer != &network.layers.back();
}

Parameters to_parameters(const Network& network, const std::vector<Tensor>& weights,
                         const torch::Device& device) {
  Parameters result;
  std::size_t next = 0;
  const auto take = [&](const Tensor& expected) -> const Tensor& {
    const Tensor& found = require(expected, next < weights.size() ? &weights[next] : nullptr);
    ++next;
    return found;
  };
  for (const Layer& layer : network.layers) {
    if (weight_count(layer) == 0) continue;
    const std::vector<Tensor> expected = tensors_of(layer);
    LayerParameters& parameters = result.emplace_back();
    const Tensor& weight = take(expected.front());
    parameters.weight = channels_first(copy_channels_last(weight.values, weight.shape, device));
    if (!layer.bias) continue;
    const Tensor& bias = take(expected.back());
    parameters.bias = torch::tensor(bias.values, torch::kFloat32).to(device);
  }
  if (next != weights.size()) {
    throw InvalidArgument(fmt::format("weights: found {} tensors, allowed: {}, as the network has",
                                      weights.size(), next));
  }
  return result;
}

void add_norms(const Network& network, Parameters& parameters) {
  auto next = parameters.begin();
  for (const Layer& layer : network.layers) {
    if (weight_count(layer) == 0) continue;
    LayerParameters& own = *next++;
    if (!is_normalised(network, layer)) continue;
    assert(layer.bias);
    own.norm = {.scale = torch::ones_like(own.bias),
                .shift = own.bias,
                .mean = torch::zeros_like(own.bias),
                .variance = torch::ones_like(own.bias)};
    own.bias = torch::Tensor();
  }
}

std::vector<torch::Tensor> trained(Parameters& parameters) {
  std::vector<torch::Tensor> all;
  for (LayerParameters& layer : parameters) {
    for (torch::Tensor* tensor :
         {&layer.weight, &layer.bias, &layer.norm.scale, &layer.norm.shift}) {
      if (tensor->defined()) all.push_back(tensor->requires_grad_());
    }
  }
  return all;
}

std::vector<Tensor> to_weights(const Network& network, const Parameters& parameters) {
  std::vector<Tensor> all;
  auto next = parameters.begin();
  for (const Layer& layer : network.layers) {
    if (weight_count(layer) == 0) continue;
    const LayerParameters& own = *next++;
    std::vector<Tensor> tensors = tensors_of(layer);
    tensors.front().values = values_of(own.weight);
    if (own.norm.scale.defined()) {
      tensors.back().values.assign(static_cast<std::size_t>(bias_count(layer)), 0);
      tensors = fold(std::move(tensors), to_batch_norm(own.norm));
    } else if (layer.bias) {
      tensors.back().values = values_of(own.bias);
    }
    std::move(tensors.begin(), tensors.end(), std::back_inserter(all));
  }
  return all;
}

torch::Tensor forward(const Network& network, const Parameters& parameters,
                      const torch::Tensor& images, torch::Tensor* largest) {
  const std::vector<Layer>& layers = network.layers;
  const auto readings = input_indices(layers);
  const std::vector<std::int64_t> last = last_readers(readings);
  const torch::Tensor image = channels_first(images);
  std::vector<torch::Tensor> maps(layers.size());
  auto next = parameters.begin();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const Layer& layer = layers[l];
    std::vector<torch::Tensor> inputs;
    Activation before = Activation::none;
    for (const std::int64_t index : readings[l]) {
      const bool is_image = index == kNetworkInput;
      const auto at = static_cast<std::size_t>(index);
      inputs.push_back(is_image ? image : maps[at]);
      before = is_image ? Activation::none : layers[at].activation;
    }
    // A map ends with its last reader, unless gradients need it.
    for (const std::int64_t index : readings[l]) {
      if (index == kNetworkInput) continue;
      const auto at = static_cast<std::size_t>(index);
      if (last[at] == static_cast<std::int64_t>(l)) maps[at].reset();
    }
    const LayerParameters* const own = weight_count(layer) > 0 ? &*next++ : nullptr;
    torch::Tensor map = outputs_of(layer, own, inputs);
    if (own != nullptr && own->norm.scale.defined()) {
      map = batch_norm_activation(own->norm, map, layer.activation);
    } else if (!is_idle(layer, before)) {
      map = activated(std::move(map), layer.activation);
    }
    if (largest != nullptr && may_grow(layer)) {
      *largest = torch::maximum(*largest, map.abs().amax());
    }
    maps[l] = std::move(map);
  }
  return maps.back().flatten(1);
}

}  // namespace inas::nas
