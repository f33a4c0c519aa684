#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <inas/core/batch_norm.hpp>
#include <inas/core/search_space.hpp>
#include <inas/nas/trainer.hpp>

/// Small tasks and networks for the trainer's tests, and its forward pass by the book.
namespace inas::nas {

inline const std::atomic<bool> kRun{false};
inline const std::atomic<bool> kStop{true};

// --- Data
// ---------------------------------------------------------------------------------------------

// Images of 8×8 noise with one bright quadrant, whose number is the class.
inline data::Dataset bright_quadrants(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  data::Dataset data{.shape = {1, 8, 8}, .classes = 4, .values = {}, .labels = {}};
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t label = i % 4;
    data.labels.push_back(label);
    for (std::int64_t y = 0; y < 8; ++y) {
      for (std::int64_t x = 0; x < 8; ++x) {
        const bool bright = y / 4 * 2 + x / 4 == label;
        const auto noise = static_cast<float>(generator() % 1000) / 1000 - 0.5F;
        data.values.push_back(noise + (bright ? 1.0F : 0.0F));
      }
    }
  }
  return data;
}

// Images of 8×8 noise with horizontal (0), vertical (1) or no (2) stripes: a class survives
// pooling.
inline data::Dataset stripes(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  data::Dataset data{.shape = {1, 8, 8}, .classes = 3, .values = {}, .labels = {}};
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t label = i % 3;
    data.labels.push_back(label);
    for (std::int64_t y = 0; y < 8; ++y) {
      for (std::int64_t x = 0; x < 8; ++x) {
        const std::int64_t phase = label == 0 ? y : x;
        const float stripe = label == 2 ? 0.0F : (phase % 2 == 0 ? 0.7F : -0.7F);
        data.values.push_back(stripe + static_cast<float>(generator() % 1000) / 1000 - 0.5F);
      }
    }
  }
  return data;
}

inline data::DataSplit quadrant_split() {
  return {bright_quadrants(256, 1), bright_quadrants(100, 2), bright_quadrants(60, 3), {0}, {1}};
}

inline data::DataSplit stripe_split() {
  return {stripes(240, 1), stripes(99, 2), stripes(60, 3), {0}, {1}};
}

inline data::Dataset first_images(const data::Dataset& data, std::int64_t count) {
  data::Dataset part = data;
  part.labels.resize(static_cast<std::size_t>(count));
  part.values.resize(static_cast<std::size_t>(count * data.shape.values()));
  return part;
}

// --- Networks
// -----------------------------------------------------------------------------------------

// With ReLU behind each layer but the last.
inline Network rectified(Network network) {
  activate_hidden_layers(network.layers);
  return network;
}

inline Network dense_network() {
  return rectified({{make_fully_connected("FC_0", {1, 8, 8}, 12),
                     make_fully_connected("FC_END", {12, 1, 1}, 4)}});
}

inline Network stripe_network() {
  return build_network({.family = NetworkFamily::convolution_2d,
                        .input = {1, 8, 8},
                        .classes = 3,
                        .layers = 2,
                        .kernels = {3},
                        .filters = {6, 8}},
                       {3, 6, 3, 8});
}

inline TrainingSettings settings(std::int64_t batch_size, double learning_rate) {
  TrainingSettings result;
  result.batch_size = batch_size;
  result.learning_rate = learning_rate;
  return result;
}

inline Network with_biases(Network network) {
  for (Layer& layer : network.layers) layer.bias = weight_count(layer) > 0;
  return network;
}

inline Layer with(Layer layer, Activation activation, std::vector<std::string> inputs = {}) {
  layer.activation = activation;
  layer.inputs = std::move(inputs);
  return layer;
}

// Of all types of layers, with branches, for images of 2×12×11: an inverted bottleneck with its
// residual, whose sum two layers read, and one that reads the image again. Strides, paddings that
// are the same on both sides and that are not, all activations.
inline Network residual_network() {
  const auto none = Activation::none;
  const auto relu = Activation::relu;
  const auto relu6 = Activation::relu6;
  return with_biases({{
      with(make_convolution("STEM", {2, 12, 11}, 4, 3, 3, 2, {1, 1, 1, 1}), relu),
      with(make_convolution("EXPAND", {4, 6, 6}, 6, 1, 1), relu6),
      with(make_depthwise_convolution("DEPTHWISE", {6, 6, 6}, 5, 3, 1, {2, 1, 2, 1}), relu6),
      with(make_convolution("PROJECT", {6, 6, 6}, 4, 1, 1), none),
      with(make_add("ADD", {4, 6, 6}, "PROJECT", "STEM"), none, {"PROJECT", "STEM"}),
      with(make_max_pooling("MAXPOOL", {4, 6, 6}, 3, 3, 2, {0, 0, 1, 1}), none),
      with(make_average_pooling("AVGPOOL", {4, 6, 6}, 3, 2, 2, {1, 0, 0, 0}), relu, {"ADD"}),
      with(make_add("MEET", {4, 3, 3}, "MAXPOOL", "AVGPOOL"), relu, {"MAXPOOL", "AVGPOOL"}),
      with(make_convolution("AGAIN", {2, 12, 11}, 4, 4, 4, 4, {1, 0, 0, 1}), relu, {"INPUT"}),
      with(make_add("TOGETHER", {4, 3, 3}, "MEET", "AGAIN"), relu6, {"MEET", "AGAIN"}),
      with(make_depthwise_convolution("STRIDED", {4, 3, 3}, 2, 2, 2, {0, 0, 1, 1}), relu),
      with(make_global_average_pool("GAVGPOOL_0", {4, 2, 2}), relu),
      with(make_fully_connected("FC_END", {4, 1, 1}, 3), none),
  }});
}

inline std::vector<Tensor> random_weights(const Network& network, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<Tensor> weights;
  for (const Layer& layer : network.layers) {
    for (Tensor& tensor : tensors_of(layer)) {
      std::int64_t count = 1;
      for (const std::int64_t extent : tensor.shape) count *= extent;
      for (std::int64_t i = 0; i < count; ++i) {
        tensor.values.push_back(static_cast<float>(generator() % 2001) / 1000 - 1);
      }
      weights.push_back(std::move(tensor));
    }
  }
  return weights;
}

// --- The oracle: the definition of each layer, loop by loop, in doubles
// ---------------------------------

// The positions of the input inside the map that an output depends on, with the tap of the kernel.
struct Tap {
  std::size_t position;  // in the map
  std::size_t weight;    // in the layer's tensor
};

inline std::vector<Tap> taps_of(const Layer& layer, std::int64_t channel, std::int64_t row,
                                std::int64_t column) {
  const Shape& in = layer.ifm;
  const bool mixes =
      layer.type == LayerType::convolution || layer.type == LayerType::fully_connected;
  std::vector<Tap> taps;
  for (std::int64_t i = mixes ? 0 : channel; i < (mixes ? in.channels : channel + 1); ++i) {
    for (std::int64_t ky = 0; ky < layer.kernel_height; ++ky) {
      for (std::int64_t kx = 0; kx < layer.kernel_width; ++kx) {
        const std::int64_t y = row * layer.stride + ky - layer.padding.top;
        const std::int64_t x = column * layer.stride + kx - layer.padding.left;
        if (y < 0 || x < 0 || y >= in.height || x >= in.width) continue;
        const std::int64_t kernel = mixes ? channel * in.channels + i : channel;
        taps.push_back({static_cast<std::size_t>((i * in.height + y) * in.width + x),
                        static_cast<std::size_t>(
                            (kernel * layer.kernel_height + ky) * layer.kernel_width + kx)});
      }
    }
  }
  return taps;
}

// One output before bias and activation.
inline double value_of(const Layer& layer, const std::vector<const std::vector<double>*>& inputs,
                       const Tensor* weights, const std::vector<Tap>& taps) {
  double sum = 0;
  double largest = -std::numeric_limits<double>::infinity();
  for (const Tap& tap : taps) {
    const double value = (*inputs.front())[tap.position];
    largest = std::max(largest, value);
    sum += weights == nullptr ? value : value * weights->values[tap.weight];
  }
  switch (layer.type) {
    case LayerType::max_pool:
      return largest;
    case LayerType::average_pool:
    case LayerType::global_average_pool:
      return sum / static_cast<double>(taps.size());
    case LayerType::add:
      return sum + (*inputs.back())[taps.front().position];
    default:
      return sum;
  }
}

inline double activated_value(double value, Activation activation) {
  if (activation != Activation::none) value = std::max(value, 0.0);
  return activation == Activation::relu6 ? std::min(value, 6.0) : value;
}

// Batch normalisation behind a layer, by the layer's index.
using Norms = std::map<std::size_t, BatchNorm>;

inline std::vector<double> forward(const Network& network, const std::vector<Tensor>& weights,
                                   std::vector<double> image, const Norms& norms = {}) {
  std::map<std::string, std::vector<double>> maps{{"INPUT", std::move(image)}};
  std::string before = "INPUT";
  auto tensor = weights.begin();
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    std::vector<const std::vector<double>*> inputs;
    for (const std::string& name : layer.inputs) inputs.push_back(&maps.at(name));
    if (inputs.empty()) inputs.push_back(&maps.at(before));
    const Tensor* const kernels = weight_count(layer) > 0 ? &*tensor++ : nullptr;
    const Tensor* const biases = layer.bias ? &*tensor++ : nullptr;
    std::vector<double>& result = maps[layer.name];
    for (std::int64_t o = 0; o < layer.ofm.channels; ++o) {
      const auto c = static_cast<std::size_t>(o);
      for (std::int64_t y = 0; y < layer.ofm.height; ++y) {
        for (std::int64_t x = 0; x < layer.ofm.width; ++x) {
          double value = value_of(layer, inputs, kernels, taps_of(layer, o, y, x));
          if (biases != nullptr) value += biases->values[c];
          if (const auto norm = norms.find(l); norm != norms.end()) {
            const BatchNorm& n = norm->second;
            value = n.scale[c] * (value - n.mean[c]) / std::sqrt(n.variance[c] + n.epsilon) +
                    n.shift[c];
          }
          result.push_back(activated_value(value, layer.activation));
        }
      }
    }
    before = layer.name;
  }
  return maps.at(before);
}

}  // namespace inas::nas
