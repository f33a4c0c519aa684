#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>
#include <parameters.hpp>
#include <torch/utils.h>

#include "trainer_samples.hpp"

namespace inas::nas {
namespace {

/// Σ of the outputs times their numbers from 1: no output is like another.
double loss_of(const std::vector<double>& outputs) {
  double loss = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    loss += static_cast<double>(i + 1) * outputs[i];
  }
  return loss;
}

/// By the definition of each layer, in doubles: (loss(w + h) − loss(w − h))/2h.
double difference_of(const Network& network, std::vector<Tensor>& weights, std::size_t tensor,
                     std::size_t at, const std::vector<double>& image) {
  constexpr float kStep = 1.0F / 4096;
  float& weight = weights[tensor].values[at];
  const float before = weight;
  weight = before + kStep;
  const double above = loss_of(forward(network, weights, image));
  const double to = weight;
  weight = before - kStep;
  const double below = loss_of(forward(network, weights, image));
  const double from = weight;
  weight = before;
  return (above - below) / (to - from);
}

TEST(Gradients, OfEveryWeightOfAGraphOfAllTypesOfLayersAreDifferences) {
  const Network network = residual_network();
  std::vector<Tensor> weights = random_weights(network, 21);
  std::mt19937 generator(22);
  const Shape& shape = network.layers.front().ifm;
  std::vector<double> image;
  for (std::int64_t i = 0; i < shape.values(); ++i) {
    image.push_back(static_cast<double>(static_cast<float>(generator() % 2001) / 1000 - 1));
  }
  const std::vector<float> values(image.begin(), image.end());

  Parameters parameters = to_parameters(network, weights, torch::Device(torch::kCPU));
  std::vector<torch::Tensor> tensors = trained(parameters);
  ASSERT_EQ(tensors.size(), weights.size());
  const torch::Tensor input = copy_channels_last(
      values, {1, shape.channels, shape.height, shape.width}, torch::Device(torch::kCPU));
  const torch::Tensor outputs = forward(network, parameters, input);
  (outputs * torch::arange(1, outputs.size(1) + 1)).sum().backward();

  std::size_t reached = 0;
  std::size_t kinks = 0;
  std::size_t all = 0;
  for (std::size_t t = 0; t < weights.size(); ++t) {
    const torch::Tensor gradient = tensors[t].grad().contiguous();
    ASSERT_EQ(gradient.numel(), std::ssize(weights[t].values)) << weights[t].name;
    const float* const found = gradient.data_ptr<float>();
    bool moves = false;
    for (std::size_t i = 0; i < weights[t].values.size(); ++i) {
      const double expected = difference_of(network, weights, t, i, image);
      ++all;
      if (std::abs(found[i] - expected) > 1e-3 * (1 + std::abs(expected))) ++kinks;
      moves = moves || found[i] != 0;
    }
    if (moves) ++reached;
  }
  EXPECT_EQ(reached, weights.size()) << "a tensor has no gradient";
  // A step over the kink of an activation or of a maximum is no derivative.
  EXPECT_LE(kinks, all / 50);
}

}  // namespace
}  // namespace inas::nas
