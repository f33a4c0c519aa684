#include "parameters.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/batch_norm.hpp>
#include <inas/core/error.hpp>

namespace inas::nas {
namespace {

torch::Tensor convolved(const Layer& layer, const LayerParameters& parameters,
                        const torch::Tensor& map) {
  if (layer.type == LayerType::convolution) {
    return torch::conv2d(map, parameters.weight, parameters.bias);
  }
  // Both sides flattened as they lie in memory, which is no copy.
  const torch::Tensor inputs = channels_last(map).flatten(1);
  const torch::Tensor weights = channels_last(parameters.weight).flatten(1).t();
  const torch::Tensor outputs = parameters.bias.defined()
                                    ? torch::addmm(parameters.bias, inputs, weights)
                                    : inputs.matmul(weights);
  return outputs.unsqueeze(-1).unsqueeze(-1);
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
        "The weights of {} are {}, but must be one tensor of {}.", expected.name,
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
  return layer.type == LayerType::convolution && &layer != &network.layers.back();
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
    throw InvalidArgument(fmt::format("The network has {} tensors of weights, but {} were given.",
                                      next, weights.size()));
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
  torch::Tensor map = channels_first(images);
  auto next = parameters.begin();
  for (const Layer& layer : network.layers) {
    switch (layer.type) {
      case LayerType::convolution:
      case LayerType::fully_connected: {
        const LayerParameters& own = *next++;
        map = convolved(layer, own, map);
        if (own.norm.scale.defined()) {
          map = batch_norm_relu(own.norm, map);
        } else if (&layer != &network.layers.back()) {
          map = map.relu_();
        }
        break;
      }
      case LayerType::global_average_pool:
        map = map.mean({2, 3}, /*keepdim=*/true);
        continue;
      case LayerType::max_pool:
        map = torch::max_pool2d(map, {layer.kernel_height, layer.kernel_width}, layer.stride);
        continue;
    }
    if (largest != nullptr) *largest = torch::maximum(*largest, map.abs().amax());
  }
  return map.flatten(1);
}

}  // namespace inas::nas
