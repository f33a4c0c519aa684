#include <cmath>
#include <numeric>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/sample_solution.hpp>

#include <inas/core/network.hpp>
#include <inas/dump/executor.hpp>
#include <inas/dump/quantize.hpp>

#include "random_solution.hpp"

/// What the layers of each type compute, by hand, and how well they follow floating point.
namespace inas::dump {
namespace {

using Map = std::vector<std::int16_t>;

/// 1 to n.
Map counted(std::int64_t n) {
  Map map(static_cast<std::size_t>(n));
  std::iota(map.begin(), map.end(), std::int16_t{1});
  return map;
}

/// With shift 1 an output is b + Σ input·weight.
QuantizedLayer with_weights(const Layer& layer, std::vector<std::int16_t> weights,
                            std::vector<std::int32_t> bias = {}) {
  const auto channels = static_cast<std::size_t>(layer.ofm.channels);
  QuantizedLayer of;
  of.layer = layer;
  of.layer.bias = !bias.empty();
  of.design.tile.in_channels = layer.ifm.channels;
  of.weights = std::move(weights);
  of.weight_exponents.assign(channels, 15);
  of.shifts.assign(channels, 1);
  of.bias = std::move(bias);
  return of;
}

QuantizedLayer without_weights(const Layer& layer) {
  QuantizedLayer of;
  of.layer = layer;
  return of;
}

TEST(Layers, AConvolutionTakesZeroOutsideOfTheMapAndEverySecondWindow) {
  const Layer layer = make_convolution("CONV", {1, 3, 3}, 1, 3, 3, 2, {1, 1, 1, 1});
  EXPECT_EQ(run_layer(with_weights(layer, Map(9, 1)), counted(9)), (Map{12, 16, 24, 28}));
  // Rows 0 and 2 of the map, its first two columns alone.
  const Layer uneven = make_convolution("CONV", {1, 3, 3}, 1, 1, 2, 2, {0, 1, 0, 0});
  EXPECT_EQ(run_layer(with_weights(uneven, {10, 1}), counted(9)), (Map{1, 23, 7, 89}));
}

/// Two steps of one channel each, which are rounded one by one.
TEST(Layers, PaddedConvolutionsRoundEachStep) {
  const Layer layer = make_convolution("CONV", {2, 1, 2}, 1, 1, 3, 1, {0, 1, 0, 1});
  QuantizedLayer of = with_weights(layer, {0, 0, 1, 1, 0, 0});
  of.shifts = {2};
  of.design.tile.in_channels = 1;
  EXPECT_EQ(run_layer(of, Map{1, 1, 3, 3}), (Map{1 + 1, 2 + 2}));  // halves of 1 and 3
}

TEST(Layers, ADepthwiseConvolutionKeepsChannelsApart) {
  const Layer layer = make_depthwise_convolution("DWCONV", {2, 2, 2}, 2, 1, 1, {1, 0, 0, 0});
  // [channel][row]; pixels (1, 2), (3, 4) above (5, 6), (7, 8).
  const QuantizedLayer of = with_weights(layer, {1, 10, 100, -1}, {0, 1000});
  EXPECT_EQ(run_layer(of, counted(8)), (Map{10, 998, 30, 996, 51, 1194, 73, 1392}));
}

TEST(Layers, AnAverageIsThatOfThePositionsInside) {
  const Layer layer = make_average_pooling("AVGPOOL", {1, 3, 3}, 2, 2, 2, {1, 1, 0, 0});
  EXPECT_EQ(run_layer(without_weights(layer), Map{1, 2, 4, 4, 5, 6, 8, 8, 9}), (Map{1, 3, 6, 7}));
  const Layer halves = make_average_pooling("AVGPOOL", {1, 1, 4}, 1, 2, 2);
  EXPECT_EQ(run_layer(without_weights(halves), Map{1, 2, -1, -2}), (Map{2, -1}));
  EXPECT_EQ(run_layer(without_weights(halves), Map{32767, 32767, -32768, -32768}),
            (Map{32767, -32768}));
}

TEST(Layers, TheLargestValueIsOneInside) {
  const Layer layer = make_max_pooling("MAXPOOL", {1, 2, 2}, 3, 3, 1, {1, 1, 1, 1});
  EXPECT_EQ(run_layer(without_weights(layer), Map{-5, -6, -7, -8}), (Map{-5, -5, -5, -5}));
}

TEST(Layers, AnAddBringsItsInputsToOneScale) {
  QuantizedLayer of = without_weights(make_add("ADD", {1, 1, 1}, "A", "B"));
  const auto sum = [&](std::vector<std::uint8_t> shifts, std::int16_t a, std::int16_t b) {
    of.shifts = std::move(shifts);
    std::int64_t saturated = 0;
    const Map output = run_layer(of, Map{a}, Map{b}, &saturated);
    EXPECT_EQ(saturated, a == 32767 || a == -32768 ? 1 : 0);
    return output.at(0);
  };
  EXPECT_EQ(sum({0, 1, 14}, 1, 3), 3);      // 2.5
  EXPECT_EQ(sum({0, 1, 14}, -1, -3), -2);   // −2.5
  EXPECT_EQ(sum({14, 31, 1}, -1, -1), -2);  // each −1, rounded down
  EXPECT_EQ(sum({31, 13, 1}, 20000, 7), 7);
  EXPECT_EQ(sum({0, 0, 14}, 32767, 1), 32767);
  EXPECT_EQ(sum({0, 0, 14}, -32768, -1), -32768);
  EXPECT_EQ(sum({0, 0, 15}, 32766, 32766), 32766);
}

/// 6 is 24576 at exponent 3, and more than 16 bits hold at 2.
TEST(Layers, ActivationsComeLast) {
  QuantizedLayer of = without_weights(make_max_pooling("MAXPOOL", {1, 1, 3}, 1, 1, 1));
  of.out_exponent = 3;
  const Map input{-2, 24577, 24575};
  EXPECT_EQ(run_layer(of, input), input);
  of.layer.activation = Activation::relu;
  EXPECT_EQ(run_layer(of, input), (Map{0, 24577, 24575}));
  EXPECT_EQ(most_output(of), 32767);
  of.layer.activation = Activation::relu6;
  EXPECT_EQ(run_layer(of, input), (Map{0, 24576, 24575}));
  of.out_exponent = 2;
  EXPECT_EQ(most_output(of), 32767);
  of.out_exponent = 17;
  EXPECT_EQ(most_output(of), 2);  // 1.5
}

/// What the activation makes the same is not cut.
TEST(Layers, SaturationThatTheActivationHidesIsNotCounted) {
  QuantizedLayer of = with_weights(make_convolution("CONV", {1, 1, 2}, 1, 1, 1), {10});
  const Map input{20000, -20000};
  const auto saturated = [&](Activation activation, int exponent) {
    of.layer.activation = activation;
    of.out_exponent = exponent;
    std::int64_t count = 0;
    (void)run_layer(of, input, {}, &count);
    return count;
  };
  EXPECT_EQ(saturated(Activation::none, 3), 2);
  EXPECT_EQ(saturated(Activation::relu, 3), 1);
  EXPECT_EQ(saturated(Activation::relu6, 3), 0);
  EXPECT_EQ(saturated(Activation::relu6, 2), 1);
}

/// Each type alone.
TEST(Layers, FollowFloatingPoint) {
  const Shape map{6, 9, 9};
  const Padding padding{1, 2, 2, 1};
  struct Case {
    std::vector<Layer> layers;
    double decibels = 60;
  };
  const std::vector<Case> cases{
      {{make_convolution("CONV", map, 5, 3, 3, 2, padding)}},
      {{make_depthwise_convolution("DWCONV", map, 3, 3, 1, padding)}},
      {{make_depthwise_convolution("DWCONV", map, 5, 5, 2, padding)}},
      {{make_fully_connected("FC", map, 7)}, 43},  // the bits by which a weight is below their sum
      {{make_max_pooling("MAXPOOL", map, 3, 3, 2, padding)}},
      {{make_average_pooling("AVGPOOL", map, 3, 3, 2, padding)}},
      {{make_global_average_pool("GAVGPOOL", map)}},
      {{make_max_pooling("MAXPOOL", map, 3, 3, 1, {1, 1, 1, 1}),
        make_add("ADD", map, "INPUT", "MAXPOOL")}}};
  Generator generator(31);
  for (const auto& [layers, decibels] : cases) {
    for (const Activation activation : kActivations) {
      Solution solution = solution_of(generator, layers);
      solution.layers.back().layer.activation = activation;
      Layer& first = solution.layers.front().layer;
      first.bias = weight_count(first) > 0;
      const std::vector<Tensor> weights = random_weights(generator, solution);
      const std::vector<float> samples = random_samples(generator, solution, 8);
      for (const WeightScales scales : {WeightScales::per_channel, WeightScales::per_layer}) {
        const QuantizedNetwork network = quantize(solution, weights, {samples, 8}, scales);
        for (const LayerFidelity& of : fidelity(network, weights, {samples, 8})) {
          EXPECT_GT(of.signal_to_noise_db, decibels)
              << layers.back().name << " " << to_string(activation);
          EXPECT_EQ(of.saturated, 0) << layers.back().name;
        }
      }
    }
  }
}

TEST(RunFloat, WorkedOutByHand) {
  Network network;
  network.layers = {make_convolution("CONV_0", {1, 2, 2}, 2, 1, 1),
                    make_depthwise_convolution("DWCONV_1", {2, 2, 2}, 1, 2, 1, {0, 0, 0, 1}),
                    make_add("ADD_2", {2, 2, 2}, "CONV_0", "DWCONV_1"),
                    make_average_pooling("AVGPOOL_3", {2, 2, 2}, 2, 2, 1, {0, 1, 0, 0})};
  network.layers[0].bias = true;
  network.layers[2].activation = Activation::relu6;
  const std::vector<Tensor> weights{{"CONV_0", {2, 1, 1, 1}, {1, -2}},
                                    {"CONV_0.bias", {2}, {0, 5}},
                                    {"DWCONV_1", {2, 1, 1, 2}, {0, 1, 1, 0}}};
  // CONV_0: 1 2 3 4; 3 1 −1 −3. DWCONV_1: 2 0 4 0; the same. ADD_2: 3 2 6 4; 6 2 0 0.
  const std::vector<float> sample{1, 2, 3, 4};
  EXPECT_EQ(run_float(network, weights, sample),
            (std::vector<float>{4.5, 3.75, 3, 2}));  // the means of columns −1 and 0, of 0 and 1
}

TEST(RunFloat, BadInputIsNamed) {
  const Network network{{make_fully_connected("FC_END", {2, 1, 1}, 1)}};
  const std::vector<Tensor> weights{{"FC_END", {1, 2, 1, 1}, {1, 1}}};
  const std::vector<float> sample{1, 2, 3};
  test::expect_error([&] { (void)run_float(network, weights, sample); },
                     "sample: found 3 values, allowed: 2");
  test::expect_error([&] { (void)run_float(network, {}, std::span(sample).first(2)); }, "FC_END");
  test::expect_error([&] { (void)run_float({}, {}, sample); }, "layers");
}

}  // namespace
}  // namespace inas::dump
