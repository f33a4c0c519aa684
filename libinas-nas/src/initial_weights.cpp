#include "initial_weights.hpp"

#include <cmath>
#include <cstddef>

#include <inas/core/random_draw.hpp>

namespace inas::nas {
namespace {

double bound(const Layer& layer, TrainingRecipe recipe) {
  const bool depthwise = layer.type == LayerType::depthwise_convolution;
  const std::int64_t area = layer.kernel_height * layer.kernel_width;
  const std::int64_t in = depthwise ? 1 : layer.ifm.channels;
  const std::int64_t out = depthwise ? 1 : layer.ofm.channels;
  const std::int64_t channels = recipe == TrainingRecipe::plain ? in + out : in;
  return std::sqrt(6.0 / static_cast<double>(area * channels));
}

}  // namespace

std::mt19937_64 make_generator(std::uint64_t seed, Stream stream) {
  std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                      static_cast<std::uint32_t>(stream)};
  return std::mt19937_64(words);
}

std::vector<Tensor> initial_weights(const Network& network, TrainingRecipe recipe,
                                    std::uint64_t seed) {
  std::mt19937_64 generator = make_generator(seed, Stream::weights);
  std::vector<Tensor> all;
  for (const Layer& layer : network.layers) {
    if (weight_count(layer) == 0) continue;
    std::vector<Tensor> tensors = tensors_of(layer);
    const double limit = bound(layer, recipe);
    tensors.front().values.resize(static_cast<std::size_t>(weight_count(layer)));
    for (float& value : tensors.front().values) {
      value = static_cast<float>(limit * (2 * draw_unit(generator) - 1));
    }
    if (layer.bias) tensors.back().values.assign(static_cast<std::size_t>(bias_count(layer)), 0);
    for (Tensor& tensor : tensors) all.push_back(std::move(tensor));
  }
  return all;
}

}  // namespace inas::nas
