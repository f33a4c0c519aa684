#include <cmath>
#include <cstddef>
#include <iterator>

#include <fmt/format.h>

#include <inas/core/batch_norm.hpp>
#include <inas/core/error.hpp>

namespace inas {
namespace {

void check(const std::vector<Tensor>& tensors, const BatchNorm& norm) {
  if (tensors.size() != 2) {
    throw InvalidArgument(
        fmt::format("batch normalisation of {}: found {} tensors, allowed: weights and biases",
                    tensors.empty() ? "a layer" : tensors.front().name, tensors.size()));
  }
  const std::size_t channels = tensors[1].values.size();
  for (const std::vector<float>* numbers : {&norm.scale, &norm.shift, &norm.mean, &norm.variance}) {
    if (numbers->size() != channels) {
      throw InvalidArgument(
          fmt::format("batch normalisation of {}: found {} numbers, allowed: one for each of {} "
                      "biases",
                      tensors[0].name, numbers->size(), channels));
    }
  }
  if (channels == 0 || tensors[0].values.size() % channels != 0) {
    throw InvalidArgument(fmt::format(
        "batch normalisation of {}: found {} weights, allowed: as many for each of {} channels",
        tensors[0].name, tensors[0].values.size(), channels));
  }
}

}  // namespace

std::vector<Tensor> fold(std::vector<Tensor> tensors, const BatchNorm& norm) {
  check(tensors, norm);
  std::vector<float>& weights = tensors[0].values;
  std::vector<float>& biases = tensors[1].values;
  const std::size_t per_channel = weights.size() / biases.size();
  auto weight = weights.begin();
  for (std::size_t channel = 0; channel < biases.size(); ++channel) {
    const double factor = norm.scale[channel] / std::sqrt(norm.variance[channel] + norm.epsilon);
    for (std::size_t i = 0; i < per_channel; ++i, ++weight) {
      *weight = static_cast<float>(factor * *weight);
    }
    const double centred = static_cast<double>(biases[channel]) - norm.mean[channel];
    biases[channel] = static_cast<float>(factor * centred + norm.shift[channel]);
  }
  return tensors;
}

}  // namespace inas
