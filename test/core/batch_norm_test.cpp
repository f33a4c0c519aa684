#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/core/batch_norm.hpp>

namespace inas {
namespace {

std::vector<Tensor> two_channels() {
  return {{"CONV_0", {2, 1, 1, 2}, {1, -2, 3, 0.5F}}, {"CONV_0.bias", {2}, {0.25F, -1}}};
}

BatchNorm norm_of_two() {
  return {.scale = {2, -1}, .shift = {0.5F, 3}, .mean = {-1, 4}, .variance = {0.25F, 9}};
}

TEST(BatchNorm, AFoldedLayerComputesWhatTheLayerAndTheNormCompute) {
  const std::vector<Tensor> before = two_channels();
  const BatchNorm norm = norm_of_two();
  const std::vector<Tensor> after = fold(before, norm);
  const std::vector<double> input{0.75, -1.5};
  const auto sum = [&](const std::vector<Tensor>& tensors, std::size_t channel) {
    return tensors[0].values[2 * channel] * input[0] +
           tensors[0].values[2 * channel + 1] * input[1] + tensors[1].values[channel];
  };
  for (const std::size_t channel : {0U, 1U}) {
    const double expected = norm.scale[channel] * (sum(before, channel) - norm.mean[channel]) /
                                std::sqrt(norm.variance[channel] + 1e-5) +
                            norm.shift[channel];
    EXPECT_NEAR(sum(after, channel), expected, 1e-6) << channel;
  }
  EXPECT_EQ(after[0].name, "CONV_0");
  EXPECT_EQ(after[1].name, "CONV_0.bias");
  EXPECT_EQ(after[0].shape, before[0].shape);
  EXPECT_EQ(after[1].shape, before[1].shape);
}

TEST(BatchNorm, ALayerThatDoesNotSuitItIsRefusedByName) {
  const auto refuse = [](const std::vector<Tensor>& tensors, const BatchNorm& norm) {
    test::expect_error([&] { static_cast<void>(fold(tensors, norm)); }, "CONV_0");
  };
  std::vector<Tensor> no_bias = two_channels();
  no_bias.pop_back();
  refuse(no_bias, norm_of_two());
  BatchNorm three = norm_of_two();
  three.variance.push_back(1);
  refuse(two_channels(), three);
  std::vector<Tensor> odd = two_channels();
  odd[0].values.pop_back();
  refuse(odd, norm_of_two());
}

}  // namespace
}  // namespace inas
