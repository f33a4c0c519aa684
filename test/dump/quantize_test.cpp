#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <support/sample_solution.hpp>

#include <inas/core/error.hpp>
#include <inas/dump/quantize.hpp>

namespace inas::dump {
namespace {

Tensor tensor_of(const Layer& layer, std::vector<float> values) {
  return {layer.name,
          {layer.ofm.channels, layer.ifm.channels, layer.kernel_height, layer.kernel_width},
          std::move(values)};
}

TEST(QuantizeWeights, EveryWeightIsWithinHalfAStep) {
  const Solution solution = test::sample_solution();
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const std::vector<Tensor> weights = test::sample_weights(solution, seed);
    const Layer& layer = solution.layers[1].layer;
    const QuantizedWeights quantized = quantize_weights(layer, weights[1]);
    const double step = std::ldexp(1.0, quantized.exponent - 15);
    std::size_t next = 0;
    for (std::int64_t m = 0; m < layer.ofm.channels; ++m) {
      for (std::int64_t y = 0; y < layer.kernel_height; ++y) {
        for (std::int64_t x = 0; x < layer.kernel_width; ++x) {
          for (std::int64_t n = 0; n < layer.ifm.channels; ++n) {
            const auto at = static_cast<std::size_t>(
                ((m * layer.ifm.channels + n) * layer.kernel_height + y) * layer.kernel_width + x);
            EXPECT_LE(std::fabs(quantized.values[next++] * step -
                                static_cast<double>(weights[1].values[at])),
                      step / 2);
          }
        }
      }
    }
  }
}

TEST(QuantizeWeights, TheExponentIsTheSmallestWithoutSaturation) {
  const Layer layer = make_fully_connected("FC", {2, 1, 1}, 2);
  EXPECT_EQ(quantize_weights(layer, tensor_of(layer, {0.9f, -0.1f, 0, 0})).exponent, 0);
  EXPECT_EQ(quantize_weights(layer, tensor_of(layer, {0.4f, -0.1f, 0, 0})).exponent, -1);
  EXPECT_EQ(quantize_weights(layer, tensor_of(layer, {1.0f, 0, 0, 0})).exponent, 1);
  EXPECT_EQ(quantize_weights(layer, tensor_of(layer, {0, -3.0f, 0, 0})).exponent, 2);
  // 32767.5/32768 would round to 32768, which a 16-bit integer cannot hold.
  EXPECT_EQ(quantize_weights(layer, tensor_of(layer, {0.99999f, 0, 0, 0})).exponent, 1);
  EXPECT_EQ(quantize_weights(layer, tensor_of(layer, {0, 0, 0, 0})).exponent, -15);
}

TEST(QuantizeWeights, RefusesWhatItCannotHold) {
  const Layer layer = make_fully_connected("FC", {1, 1, 1}, 2);
  EXPECT_THROW((void)quantize_weights(layer, tensor_of(layer, {40000.0f, 0})), InvalidArgument);
  EXPECT_THROW(
      (void)quantize_weights(layer, tensor_of(layer, {std::numeric_limits<float>::quiet_NaN(), 0})),
      InvalidArgument);
  EXPECT_THROW((void)quantize_weights(layer, tensor_of(layer, {0.5f})), InvalidArgument);
}

}  // namespace
}  // namespace inas::dump
