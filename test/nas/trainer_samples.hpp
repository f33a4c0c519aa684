#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
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
inline Dataset bright_quadrants(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  Dataset data{.shape = {1, 8, 8}, .classes = 4, .values = {}, .labels = {}};
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
inline Dataset stripes(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  Dataset data{.shape = {1, 8, 8}, .classes = 3, .values = {}, .labels = {}};
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

inline DataSplit quadrant_split() {
  return {bright_quadrants(256, 1), bright_quadrants(100, 2), bright_quadrants(60, 3), {0}, {1}};
}

inline DataSplit stripe_split() {
  return {stripes(240, 1), stripes(99, 2), stripes(60, 3), {0}, {1}};
}

inline Dataset first_images(const Dataset& data, std::int64_t count) {
  Dataset part = data;
  part.labels.resize(static_cast<std::size_t>(count));
  part.values.resize(static_cast<std::size_t>(count * data.shape.values()));
  return part;
}

// --- Networks
// -----------------------------------------------------------------------------------------

inline Network dense_network() {
  return {
      {make_fully_connected("FC_0", {1, 8, 8}, 12), make_fully_connected("FC_END", {12, 1, 1}, 4)}};
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

inline double largest_of_window(const Layer& layer, const std::vector<double>& map,
                                std::int64_t channel, std::int64_t row, std::int64_t column) {
  double largest = -std::numeric_limits<double>::infinity();
  for (std::int64_t ky = 0; ky < layer.kernel_height; ++ky) {
    for (std::int64_t kx = 0; kx < layer.kernel_width; ++kx) {
      const std::int64_t y = row * layer.stride + ky;
      const std::int64_t x = column * layer.stride + kx;
      const std::int64_t at = (channel * layer.ifm.height + y) * layer.ifm.width + x;
      largest = std::max(largest, map[static_cast<std::size_t>(at)]);
    }
  }
  return largest;
}

// Batch normalisation behind a layer, by the layer's index.
using Norms = std::map<std::size_t, BatchNorm>;

inline std::vector<double> forward(const Network& network, const std::vector<Tensor>& weights,
                                   std::vector<double> map, const Norms& norms = {}) {
  std::size_t next = 0;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    const Shape& in = layer.ifm;
    const Shape& out = layer.ofm;
    std::vector<double> result(static_cast<std::size_t>(out.values()));
    const bool pool = weight_count(layer) == 0;
    for (std::int64_t o = 0; o < out.channels; ++o) {
      for (std::int64_t y = 0; y < out.height; ++y) {
        for (std::int64_t x = 0; x < out.width; ++x) {
          double sum = 0;
          if (layer.type == LayerType::max_pool) {
            result[static_cast<std::size_t>((o * out.height + y) * out.width + x)] =
                largest_of_window(layer, map, o, y, x);
            continue;
          }
          for (std::int64_t i = 0; i < in.channels; ++i) {
            for (std::int64_t ky = 0; ky < layer.kernel_height; ++ky) {
              for (std::int64_t kx = 0; kx < layer.kernel_width; ++kx) {
                const double value =
                    map[static_cast<std::size_t>((i * in.height + y + ky) * in.width + x + kx)];
                if (pool) {
                  if (i == o) sum += value / static_cast<double>(in.height * in.width);
                } else {
                  const std::int64_t at =
                      ((o * in.channels + i) * layer.kernel_height + ky) * layer.kernel_width + kx;
                  sum += value * weights[next].values[static_cast<std::size_t>(at)];
                }
              }
            }
          }
          const auto c = static_cast<std::size_t>(o);
          if (layer.bias) sum += weights[next + 1].values[c];
          if (const auto norm = norms.find(l); norm != norms.end()) {
            const BatchNorm& n = norm->second;
            sum =
                n.scale[c] * (sum - n.mean[c]) / std::sqrt(n.variance[c] + n.epsilon) + n.shift[c];
          }
          if (!pool && l + 1 < network.layers.size()) sum = std::max(sum, 0.0);
          result[static_cast<std::size_t>((o * out.height + y) * out.width + x)] = sum;
        }
      }
    }
    if (!pool) next += layer.bias ? 2 : 1;
    map = std::move(result);
  }
  return map;
}

}  // namespace inas::nas
