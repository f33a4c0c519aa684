#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

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
    std::vector<Tensor> weights = random_weights(generator, solution);
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

/// Each bit of a 16-bit value is worth 6 dB; up to twenty layers of rounding leave more than 20 dB
/// (one of each type: layers_test.cpp).
TEST(Quantize, FollowsFloatingPoint) {
  Generator generator(2);
  for (int i = 0; i < 100; ++i) {
    const Solution solution = random_solution(generator);
    const std::vector<Tensor> weights = random_weights(generator, solution);
    const std::vector<float> samples = random_samples(generator, solution, 8);
    const QuantizedNetwork network = quantize(solution, weights, {samples, 8});
    for (const LayerFidelity& layer : fidelity(network, weights, {samples, 8})) {
      if (std::isnan(layer.signal_to_noise_db)) continue;  // ReLU left nothing but zeros
      // 30 but for one of these networks, of which a map has few values that nearly cancel.
      ASSERT_GT(layer.signal_to_noise_db, 29);
    }
  }
}

TEST(Quantize, WithoutCalibrationNoInputWithinTheBoundSaturates) {
  Generator generator(3);
  for (int i = 0; i < 100; ++i) {
    const Solution solution = random_solution(generator);
    const std::vector<Tensor> weights = random_weights(generator, solution);
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

/// The input of up to kAssumedInput, found by changing one value after another, at which an output
/// of the last layer is largest in floating point.
std::vector<float> adversarial_input(const Network& network, const std::vector<Tensor>& weights,
                                     Generator& generator) {
  const auto size = static_cast<std::size_t>(network.layers.front().ifm.values());
  const auto outputs = static_cast<std::size_t>(network.layers.back().ofm.values());
  const std::size_t output = generator() % outputs;
  std::vector<float> input(size);
  for (float& value : input) {
    value = static_cast<float>(generator() % 2 == 0 ? kAssumedInput : -kAssumedInput);
  }
  float largest = std::fabs(run_float(network, weights, input)[output]);
  for (float& value : input) {
    value = -value;
    const float found = std::fabs(run_float(network, weights, input)[output]);
    if (found < largest) {
      value = -value;
    } else {
      largest = found;
    }
  }
  return input;
}

TEST(Quantize, WithoutCalibrationNoAdversarialInputSaturates) {
  Generator generator(14);
  for (int i = 0; i < 60;) {
    const Solution solution = random_solution(generator);
    if (solution.layers.front().layer.ifm.values() > 100) continue;
    ++i;
    const std::vector<Tensor> weights = random_weights(generator, solution);
    const std::vector<float> input = adversarial_input(network_of(solution), weights, generator);
    for (const WeightScales scales : {WeightScales::per_channel, WeightScales::per_layer}) {
      const QuantizedNetwork network = quantize(solution, weights, {}, scales);
      for (const LayerFidelity& layer : fidelity(network, weights, {input, 1})) {
        ASSERT_EQ(layer.saturated, 0) << i;
      }
    }
  }
}

/// Of each type the output that the bound is about reaches it, but for what scales round up.
TEST(Quantize, WithoutCalibrationTheBoundIsReached) {
  const std::vector<std::vector<Layer>> networks{
      {make_depthwise_convolution("DWCONV", {2, 1, 3}, 1, 3)},
      {make_convolution("CONV", {2, 1, 5}, 2, 1, 3, 3, {0, 1, 0, 1})},
      {make_average_pooling("AVGPOOL", {1, 1, 3}, 1, 3, 1, {0, 1, 0, 0})},
      {make_convolution("CONV", {1, 1, 1}, 1, 1, 1), make_add("ADD", {1, 1, 1}, "CONV", "INPUT")}};
  for (const std::vector<Layer>& layers : networks) {
    Generator generator(15);
    const Solution solution = solution_of(generator, layers);
    std::vector<Tensor> weights = test::sample_weights(solution, 7);
    for (Tensor& tensor : weights) {
      for (float& value : tensor.values) value = std::fabs(value);
    }
    const std::vector<float> largest(static_cast<std::size_t>(layers.front().ifm.values()),
                                     static_cast<float>(kAssumedInput));
    const QuantizedNetwork network = quantize(solution, weights, {});
    const std::vector<std::int16_t> output = run_network(network, quantize_input(network, largest));
    EXPECT_GT(*std::max_element(output.begin(), output.end()), 16383) << layers.back().name;
  }
}

/// Bounds grow by orders of magnitude with each layer.
TEST(Quantize, WithoutCalibrationNetworksMayBeDeep) {
  Generator generator(16);
  std::vector<Layer> layers;
  for (int i = 0; i < 60; ++i) {
    layers.push_back(
        make_convolution("CONV_" + std::to_string(i), {8, 3, 3}, 8, 3, 3, 1, same_padding(3, 3)));
  }
  activate_hidden_layers(layers);
  const Solution solution = solution_of(generator, layers);
  const QuantizedNetwork network = quantize(solution, test::sample_weights(solution, 1), {});
  EXPECT_GT(network.output_exponent(), 200);
}

/// The sum of 3·x and y·2^−distance.
TEST(Quantize, AddTakesInputsOfAnyScale) {
  Generator generator(17);
  const Shape map{2, 4, 4};
  for (const int distance : {0, 3, 12, 13, 14, 20, 31, 45}) {
    const Solution solution =
        solution_of(generator, {make_convolution("CONV_0", map, 2, 1, 1),
                                make_depthwise_convolution("DWCONV_1", map, 1, 1),
                                make_add("ADD_2", map, "DWCONV_1", "CONV_0")});
    const std::vector<Tensor> weights{
        {"CONV_0", {2, 2, 1, 1}, {3, 0, 0, 3}},
        {"DWCONV_1", {2, 1, 1, 1}, std::vector<float>(2, std::ldexp(0.33F, -distance))}};
    const std::vector<float> samples = random_samples(generator, solution, 4);
    const QuantizedNetwork network = quantize(solution, weights, {samples, 4});
    const QuantizedLayer& sum = network.layers[2];
    EXPECT_EQ(sum.in_exponent, network.layers[1].out_exponent);
    EXPECT_EQ(sum.second_in_exponent, network.layers[0].out_exponent);
    EXPECT_EQ(sum.shifts[0], std::min(31, sum.second_in_exponent - sum.in_exponent));
    EXPECT_EQ(sum.shifts[1], 0);
    EXPECT_EQ(sum.shifts[2], 14 + sum.out_exponent - sum.second_in_exponent);
    const LayerFidelity of = fidelity(network, weights, {samples, 4})[2];
    EXPECT_GT(of.signal_to_noise_db, 75) << distance;
    EXPECT_EQ(of.saturated, 0);
  }
}

TEST(Quantize, SumsThatCancelOutKeepTheirBits) {
  Generator generator(18);
  const Shape map{1, 4, 4};
  const Solution solution =
      solution_of(generator, {make_depthwise_convolution("DWCONV_0", map, 1, 1),
                              make_add("ADD_1", map, "DWCONV_0", "INPUT")});
  const std::vector<Tensor> weights{{"DWCONV_0", {1, 1, 1, 1}, {-0.999F}}};
  const std::vector<float> samples = random_samples(generator, solution, 4);
  const QuantizedNetwork network = quantize(solution, weights, {samples, 4});
  EXPECT_LT(network.output_exponent(), network.input_exponent() - 8);
  EXPECT_EQ(fidelity(network, weights, {samples, 4})[1].saturated, 0);
}

/// A branch of zeros, or both, and a layer with a bias behind them.
TEST(Quantize, MapsOfZerosAddNothing) {
  Generator generator(19);
  const Shape map{2, 3, 3};
  for (const float scale : {1.0F, 0.0F}) {
    Solution solution = solution_of(
        generator,
        {make_convolution("CONV_0", map, 2, 1, 1),
         make_depthwise_convolution("DWCONV_1", map, 3, 3, 1, same_padding(3, 3)),
         make_add("ADD_2", map, "CONV_0", "DWCONV_1"), make_fully_connected("FC_END", map, 2)});
    solution.layers[3].layer.bias = true;
    std::vector<Tensor> weights = test::sample_weights(solution, 3);
    for (float& value : weights[0].values) value = 0;
    for (float& value : weights[1].values) value *= scale;
    const std::vector<float> samples = random_samples(generator, solution, 4);
    const QuantizedNetwork network = quantize(solution, weights, {samples, 4});
    const std::vector<LayerFidelity> layers = fidelity(network, weights, {samples, 4});
    EXPECT_GT(layers.back().signal_to_noise_db, 50) << scale;
    for (const LayerFidelity& layer : layers) EXPECT_EQ(layer.saturated, 0);
    EXPECT_NO_THROW((void)quantize(solution, weights, {}));
  }
}

/// Outputs of up to 1000 or so: what is beyond 6 need not fit. Partial sums must.
TEST(Quantize, ReLUSixBoundsTheMap) {
  Generator generator(20);
  const Layer layer = make_convolution("CONV", {4, 3, 3}, 3, 1, 1);
  for (const std::int64_t channels : {4, 1}) {
    Solution solution = solution_of(generator, {layer});
    LayerSolution& of = solution.layers[0];
    of.layer.activation = Activation::relu6;
    of.design = {.tile = {1, 1, 1, channels}, .order = LoopOrder::reuse_O};
    std::vector<Tensor> weights = test::sample_weights(solution, 1);
    for (float& value : weights[0].values) value *= 200;
    const std::vector<float> samples = random_samples(generator, solution, 4);
    for (const Samples& calibration : {Samples{samples, 4}, Samples{}}) {
      const QuantizedNetwork network = quantize(solution, weights, calibration);
      if (channels == 4) {
        EXPECT_EQ(network.output_exponent(), 3);
        EXPECT_EQ(most_output(network.layers[0]), 24576);
      } else {
        EXPECT_GT(network.output_exponent(), 8);
      }
      EXPECT_EQ(fidelity(network, weights, {samples, 4})[0].saturated, 0);
    }
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

TEST(Quantize, BadTensorsOfEachTypeAreNamed) {
  Generator generator(21);
  const Shape map{2, 3, 3};
  const Solution solution = solution_of(
      generator, {make_depthwise_convolution("DWCONV_0", map, 3, 3, 1, same_padding(3, 3)),
                  make_add("ADD_1", map, "DWCONV_0", "INPUT")});
  const std::vector<float> values(36);
  const std::vector<Tensor> full{{"DWCONV_0", {2, 2, 3, 3}, values}};
  test::expect_error([&] { (void)quantize(solution, full, {}); }, "DWCONV_0");
  std::vector<Tensor> weights = test::sample_weights(solution, 1);
  weights.push_back({"ADD_1", {1}, {1}});
  test::expect_error([&] { (void)quantize(solution, weights, {}); }, "ADD_1");
  weights.pop_back();
  weights[0].values[3] = std::numeric_limits<float>::quiet_NaN();
  test::expect_error([&] { (void)quantize(solution, weights, {}); }, "DWCONV_0");
  weights[0].values[3] = 3e38F;
  test::expect_error([&] { (void)quantize(solution, weights, {}); }, "DWCONV_0: the weights");
}

}  // namespace
}  // namespace inas::dump
