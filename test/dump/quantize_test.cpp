#include <cmath>
#include <cstdlib>
#include <limits>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/sample_solution.hpp>

#include <inas/dump/executor.hpp>
#include <inas/dump/quantize.hpp>

#include "random_solution.hpp"

namespace inas::dump {
namespace {

/// Two inputs, one output: y = 0.5·a − 0.25·b.
Solution two_to_one() {
  Solution solution = test::sample_solution();
  const Layer layer = make_fully_connected("FC_END", {2, 1, 1}, 1);
  solution.layers = {{.layer = layer, .design = parse_design("1_1_1_1_reuse_O_S1")}};
  return solution;
}

TEST(Quantize, WorkedOutByHand) {
  const std::vector<Tensor> weights{{"FC_END", {1, 2, 1, 1}, {0.5F, -0.25F}}};
  const std::vector<float> samples{1.0F, -0.5F};
  const QuantizedNetwork network = quantize(two_to_one(), weights, {samples, 1});
  ASSERT_EQ(network.layers.size(), 1U);
  const QuantizedLayer& layer = network.layers[0];
  // 0.5 + 0.25 at 2¹⁵ is 24576; at 2¹⁶ it would pass 32767.
  EXPECT_EQ(layer.weight_exponents, (std::vector<int>{0}));
  EXPECT_EQ(layer.weights, (std::vector<std::int16_t>{16384, -8192}));
  // 1.0 does not fit at exponent 0, where the largest value is 1 − 2⁻¹⁵.
  EXPECT_EQ(layer.in_exponent, 1);
  // The sums are 0.5 and 0.625, so exponent 0; 16 + 0 − 1 − 0.
  EXPECT_EQ(layer.out_exponent, 0);
  EXPECT_EQ(layer.shifts, (std::vector<std::uint8_t>{15}));
  const std::vector<std::int16_t> input = quantize_input(network, samples);
  EXPECT_EQ(input, (std::vector<std::int16_t>{16384, -8192}));
  EXPECT_EQ(run_network(network, input), (std::vector<std::int16_t>{20480}));  // 0.625·2¹⁵
}

/// Σ|w| = 32768 at exponent 0: with both inputs at −32768 the sum would be 2³¹.
TEST(Quantize, WeightsThatOnlyJustOverflowGetTheNextExponent) {
  const std::vector<Tensor> weights{{"FC_END", {1, 2, 1, 1}, {0.5F, 0.5F}}};
  const std::vector<float> samples{1.0F, 1.0F};
  const QuantizedNetwork network = quantize(two_to_one(), weights, {samples, 1});
  EXPECT_EQ(network.layers[0].weight_exponents, (std::vector<int>{1}));
  EXPECT_EQ(network.layers[0].weights, (std::vector<std::int16_t>{8192, 8192}));
}

/// y = 0.5·a − 0.25·b + 0.5
TEST(Quantize, BiasesHaveTheScaleOfTheProducts) {
  Solution solution = two_to_one();
  solution.layers[0].layer.bias = true;
  const std::vector<Tensor> weights{{"FC_END", {1, 2, 1, 1}, {0.5F, -0.25F}},
                                    {"FC_END.bias", {1}, {0.5F}}};
  const std::vector<float> samples{1.0F, -0.5F};
  const QuantizedNetwork network = quantize(solution, weights, {samples, 1});
  const QuantizedLayer& layer = network.layers[0];
  // At 2¹⁵ 32768·24576 and the bias, 0.5·2²⁹, are 2³⁰: one step too many.
  EXPECT_EQ(layer.weight_exponents, (std::vector<int>{1}));
  EXPECT_EQ(layer.weights, (std::vector<std::int16_t>{8192, -4096}));
  EXPECT_EQ(layer.bias, (std::vector<std::int32_t>{1 << 27}));
  // 0.625 + 0.5, and 0.5 + 0.5 after the first step: exponent 1; 16 + 1 − 1 − 1.
  EXPECT_EQ(layer.out_exponent, 1);
  EXPECT_EQ(layer.shifts, (std::vector<std::uint8_t>{15}));
  const std::vector<std::int16_t> input = quantize_input(network, samples);
  EXPECT_EQ(run_network(network, input), (std::vector<std::int16_t>{18432}));  // 1.125·2¹⁴
}

TEST(Quantize, BiasesBesideWhichWeightsAreNothingAreKept) {
  Solution solution = two_to_one();
  solution.layers[0].layer.bias = true;
  const std::vector<float> samples{1.0F, -0.5F};
  for (const float bias : {1e-6F, 1.0F, -3000.0F, 1e9F}) {
    const std::vector<Tensor> weights{{"FC_END", {1, 2, 1, 1}, {1e-4F, 0.0F}},
                                      {"FC_END.bias", {1}, {bias}}};
    const QuantizedNetwork network = quantize(solution, weights, {samples, 1});
    const std::vector<std::int16_t> output = run_network(network, quantize_input(network, samples));
    const double found = std::ldexp(static_cast<double>(output[0]), network.output_exponent() - 15);
    const double exact = static_cast<double>(bias) + 1e-4;
    EXPECT_NEAR(found / exact, 1, 1e-3) << bias;
  }
}

TEST(Quantize, InputsAreChannelsLastRoundedAndSaturated) {
  Solution solution = test::sample_solution();
  const Layer layer = make_fully_connected("FC_END", {2, 1, 2}, 1);
  solution.layers = {{.layer = layer, .design = parse_design("1_1_1_2_reuse_O_S1")}};
  const std::vector<Tensor> weights{{"FC_END", {1, 2, 1, 2}, {0.1F, 0.1F, 0.1F, 0.1F}}};
  const std::vector<float> calibration{0.25F, 0.125F, 0.0F, 0.4F};
  const QuantizedNetwork network = quantize(solution, weights, {calibration, 1});
  ASSERT_EQ(network.input_exponent(), -1);  // 0.4·2¹⁶ = 26214
  // Channel 0 holds 0.25 and 3, channel 1 holds −3 and 1.6 steps.
  const std::vector<float> sample{0.25F, 3.0F, -3.0F, 1.6F / 65536};
  EXPECT_EQ(quantize_input(network, sample), (std::vector<std::int16_t>{16384, -32768, 32767, 2}));
}

TEST(Quantize, NoSumCanOverflowAndNothingSaturatesOnTheCalibrationSet) {
  Generator generator(1);
  int biases = 0;
  for (int i = 0; i < 300; ++i) {
    const Solution solution = random_solution(generator);
    std::vector<Tensor> weights = test::sample_weights(solution, generator());
    for (Tensor& tensor : weights) {  // weights of any size beside biases of any size
      const int exponent = static_cast<int>(random_from(generator, -8, 3));
      for (float& value : tensor.values) value = std::ldexp(value, exponent);
    }
    const std::vector<float> samples = random_samples(generator, solution, 5);
    const WeightScales scales = i % 2 == 0 ? WeightScales::per_channel : WeightScales::per_layer;
    const QuantizedNetwork network = quantize(solution, weights, {samples, 5}, scales);
    for (const QuantizedLayer& layer : network.layers) {
      const std::size_t channels = layer.weight_exponents.size();
      for (std::size_t m = 0; m < channels; ++m) {
        const std::size_t size = layer.weights.size() / channels;
        std::int64_t sum = 0;
        for (std::size_t w = m * size; w < (m + 1) * size; ++w) {
          sum += std::abs(int{layer.weights[w]});
        }
        if (layer.layer.bias) {
          ASSERT_EQ(layer.bias.size(), channels);
          sum = 32768 * sum + std::abs(std::int64_t{layer.bias[m]});
          ASSERT_LE(sum, (std::int64_t{1} << 30) - (1 << 15));
          ++biases;
        } else {
          ASSERT_TRUE(layer.bias.empty());
          ASSERT_LE(sum, 32767);
        }
        ASSERT_EQ(int{layer.shifts[m]},
                  16 + layer.out_exponent - layer.in_exponent - layer.weight_exponents[m]);
        ASSERT_LE(layer.shifts[m], 31);
        if (scales == WeightScales::per_layer) {
          ASSERT_EQ(layer.weight_exponents[m], layer.weight_exponents[0]);
        }
      }
    }
    for (const LayerFidelity& layer : fidelity(network, weights, {samples, 5})) {
      ASSERT_EQ(layer.saturated, 0);
    }
  }
  EXPECT_GT(biases, 100);
}

/// Each bit of a 16-bit value is worth 6 dB; five layers of rounding leave more than 30 dB.
TEST(Quantize, FollowsFloatingPoint) {
  Generator generator(2);
  for (int i = 0; i < 100; ++i) {
    const Solution solution = random_solution(generator);
    const std::vector<Tensor> weights = test::sample_weights(solution, generator());
    const std::vector<float> samples = random_samples(generator, solution, 8);
    const QuantizedNetwork network = quantize(solution, weights, {samples, 8});
    for (const LayerFidelity& layer : fidelity(network, weights, {samples, 8})) {
      if (std::isnan(layer.signal_to_noise_db)) continue;  // ReLU left nothing but zeros
      ASSERT_GT(layer.signal_to_noise_db, 30);
    }
  }
}

TEST(Quantize, WithoutCalibrationNoInputWithinTheBoundSaturates) {
  Generator generator(3);
  for (int i = 0; i < 100; ++i) {
    const Solution solution = random_solution(generator);
    const std::vector<Tensor> weights = test::sample_weights(solution, generator());
    const QuantizedNetwork network = quantize(solution, weights, {});
    EXPECT_EQ(network.calibration_samples, 0);
    std::vector<float> extreme = random_samples(generator, solution, 3);
    for (float& value : extreme) {
      value = value < 0 ? -static_cast<float>(kAssumedInput) : static_cast<float>(kAssumedInput);
    }
    for (const LayerFidelity& layer : fidelity(network, weights, {extreme, 3})) {
      ASSERT_EQ(layer.saturated, 0);
    }
  }
}

/// All 64 products of A end in one half and are rounded up, so that its output is 32 steps above
/// Σ|w|·8; B's scale is chosen so that the bound without them only just fits.
TEST(Quantize, WithoutCalibrationTheBoundIncludesRounding) {
  Solution solution = test::sample_solution();
  const Layer a = make_fully_connected("A", {64, 1, 1}, 1);
  const Layer b = make_fully_connected("B", a.ofm, 1);
  solution.layers = {{.layer = a, .design = parse_design("1_1_1_1_reuse_O_S1")},
                     {.layer = b, .design = parse_design("1_1_1_1_reuse_O_S1")}};
  const std::vector<Tensor> weights{{"A", {1, 64, 1, 1}, std::vector<float>(64, 511.0F / 32768)},
                                    {"B", {1, 1, 1, 1}, {16414.0F / 32768}}};
  const QuantizedNetwork network = quantize(solution, weights, {});
  const std::vector<float> largest(64, static_cast<float>(kAssumedInput));
  const std::vector<std::int16_t> input = quantize_input(network, largest);
  ASSERT_EQ(run_layer(network.layers[0], input)[0], 64 * 511 / 2 + 32);
  for (const LayerFidelity& layer : fidelity(network, weights, {largest, 1})) {
    EXPECT_EQ(layer.saturated, 0);
  }
}

TEST(Quantize, ZeroWeightsGiveZeros) {
  const std::vector<Tensor> weights{{"FC_END", {1, 2, 1, 1}, {0.0F, 0.0F}}};
  const std::vector<float> samples{1.0F, -0.5F};
  const QuantizedNetwork network = quantize(two_to_one(), weights, {samples, 1});
  EXPECT_EQ(run_network(network, {32767, -32768}), (std::vector<std::int16_t>{0}));
}

TEST(Quantize, BadInputIsNamed) {
  const Solution solution = two_to_one();
  const std::vector<Tensor> weights{{"FC_END", {1, 2, 1, 1}, {0.5F, -0.25F}}};
  const std::vector<float> three{1.0F, 1.0F, 1.0F};
  test::expect_error([&] { (void)quantize(solution, weights, {three, 1}); }, "calibration");
  const std::vector<float> infinite{1.0F, std::numeric_limits<float>::infinity()};
  test::expect_error([&] { (void)quantize(solution, weights, {infinite, 1}); }, "calibration");
  const std::vector<Tensor> huge{{"FC_END", {1, 2, 1, 1}, {1e30F, 0.0F}}};
  test::expect_error([&] { (void)quantize(solution, huge, {}); }, "FC_END");
  Solution biased = solution;
  biased.layers[0].layer.bias = true;
  const std::vector<Tensor> huge_bias{weights[0], {"FC_END.bias", {1}, {1e30F}}};
  test::expect_error([&] { (void)quantize(biased, huge_bias, {}); },
                     "FC_END: the bias of an output channel is 1e+30");
  const std::vector<Tensor> other{{"CONV", {1, 2, 1, 1}, {0.5F, 0.5F}}};
  test::expect_error([&] { (void)quantize(solution, other, {}); }, "FC_END");
}

}  // namespace
}  // namespace inas::dump
