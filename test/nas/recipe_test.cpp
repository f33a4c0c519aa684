#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <numbers>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/core/error.hpp>
#include <inas/nas/schedule.hpp>
#include <inas/nas/trainer.hpp>

#include "trainer_samples.hpp"

namespace inas::nas {
namespace {

TrainingSettings batch_norm_settings(std::int64_t batch_size, double learning_rate) {
  TrainingSettings result = settings(batch_size, learning_rate);
  result.recipe = TrainingRecipe::batch_norm;
  return result;
}

Network biased_stripe_network() { return with_biases(stripe_network()); }

std::vector<double> sample(const data::Dataset& data, std::int64_t index) {
  const auto first = data.values.begin() + index * data.shape.values();
  return {first, first + data.shape.values()};
}

// --- Schedule
// -----------------------------------------------------------------------------------------

TEST(Schedule, RisesOverTheFirstQuarterAndFallsAsACosine) {
  EXPECT_DOUBLE_EQ(scheduled_rate(0.01, 1, 100), 0.01 / 25);
  EXPECT_DOUBLE_EQ(scheduled_rate(0.01, 10, 100), 0.004);
  EXPECT_DOUBLE_EQ(scheduled_rate(0.01, 25, 100), 0.01);
  EXPECT_DOUBLE_EQ(scheduled_rate(0.01, 44, 100), 0.005 * (1 + std::numbers::sqrt2 / 2));
  EXPECT_DOUBLE_EQ(scheduled_rate(0.01, 63, 100), 0.005);
  EXPECT_DOUBLE_EQ(scheduled_rate(0.01, 100, 100),
                   0.005 * (1 + std::cos(std::numbers::pi * 75 / 76)));
}

TEST(Schedule, EveryStepOfEveryTrainingHasARate) {
  for (const std::int64_t steps : {1, 2, 3, 4, 5, 7, 1000}) {
    double highest = 0;
    for (std::int64_t step = 1; step <= steps; ++step) {
      const double rate = scheduled_rate(3, step, steps);
      EXPECT_GT(rate, 0) << step << " of " << steps;
      highest = std::max(highest, rate);
    }
    EXPECT_EQ(highest, 3) << steps;
  }
}

// --- Batch normalisation and its folding
// --------------------------------------------------------------

BatchNorm random_norm(std::int64_t channels, std::mt19937& generator) {
  const auto draw = [&](float from, float to) {
    return from + (to - from) * static_cast<float>(generator() % 1000) / 999;
  };
  BatchNorm norm;
  for (std::int64_t c = 0; c < channels; ++c) {
    norm.scale.push_back(draw(-2, 2));
    norm.shift.push_back(draw(-1, 1));
    norm.mean.push_back(draw(-3, 3));
    norm.variance.push_back(draw(0.01F, 4));
  }
  return norm;
}

/// Folded equals unfolded to 1e-5 of the largest output, the norms being random.
void expect_folding_changes_nothing(const Network& network, unsigned seed) {
  std::mt19937 generator(seed);
  const std::vector<Tensor> weights = random_weights(network, seed);
  Norms norms;
  std::vector<Tensor> folded;
  auto next = weights.begin();
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    if (weight_count(layer) == 0) continue;
    std::vector<Tensor> tensors{next[0], next[1]};
    next += 2;
    if (layer.type != LayerType::fully_connected) {
      norms[l] = random_norm(layer.ofm.channels, generator);
      tensors = fold(tensors, norms[l]);
    }
    std::move(tensors.begin(), tensors.end(), std::back_inserter(folded));
  }
  const Shape& shape = network.layers.front().ifm;
  data::Dataset samples{.shape = shape,
                        .classes = network.layers.back().ofm.channels,
                        .values = {},
                        .labels = {0, 0, 0, 0}};
  for (int i = 0; i < 4 * shape.values(); ++i) {
    samples.values.push_back(static_cast<float>(generator() % 2001) / 1000 - 1);
  }
  const std::vector<std::vector<float>> rows = logits(network, folded, samples);
  for (std::int64_t s = 0; s < 4; ++s) {
    const std::vector<double> unfolded = forward(network, weights, sample(samples, s), norms);
    double largest = 0;
    for (const double value : unfolded) largest = std::max(largest, std::abs(value));
    EXPECT_GT(largest, 0) << "nothing to compare";
    for (std::size_t i = 0; i < unfolded.size(); ++i) {
      EXPECT_NEAR(rows.at(static_cast<std::size_t>(s))[i], unfolded[i], 1e-5 * largest)
          << "sample " << s << ", output " << i;
    }
  }
}

TEST(BatchNormTraining, TheFoldedNetworkComputesWhatTheUnfoldedOneComputes) {
  expect_folding_changes_nothing(
      with_biases(rectified({{make_convolution("CONV_0", {2, 12, 12}, 8, 3, 3),
                              make_max_pooling("MAXPOOL_0", {8, 10, 10}, 2, 2, 2),
                              make_convolution("CONV_1", {8, 5, 5}, 6, 3, 3),
                              make_global_average_pool("GAVGPOOL_0", {6, 3, 3}),
                              make_fully_connected("FC_END", {6, 1, 1}, 5)}})),
      3);
  expect_folding_changes_nothing(
      with_biases(
          rectified({{make_convolution("CONV_0", {2, 12, 12}, 8, 3, 3, 2, {1, 1, 1, 1}),
                      make_depthwise_convolution("DWCONV_0", {8, 6, 6}, 5, 5, 2, {2, 2, 2, 2}),
                      make_convolution("CONV_1", {8, 3, 3}, 6, 2, 2, 1, {0, 0, 1, 1}),
                      make_average_pooling("AVGPOOL_0", {6, 3, 3}, 2, 2, 1),
                      make_fully_connected("FC_END", {6, 2, 2}, 5)}})),
      4);
  for (const unsigned seed : {5U, 6U, 7U}) expect_folding_changes_nothing(residual_network(), seed);
}

TEST(BatchNormTraining, EveryConvolutionIsNormalisedAndEveryLayerLearns) {
  // A step that does not move a weight leaves what is folded: all but the last layer.
  data::DataSplit data = stripe_split();
  const auto none = Activation::none;
  const auto relu = Activation::relu;
  const Network network =
      with_biases({{with(make_convolution("STEM", {1, 8, 8}, 6, 3, 3, 2, {1, 1, 1, 1}), relu),
                    with(make_convolution("EXPAND", {6, 4, 4}, 12, 1, 1), Activation::relu6),
                    with(make_depthwise_convolution("DEPTHWISE", {12, 4, 4}, 3, 3, 1, {1, 1, 1, 1}),
                         Activation::relu6),
                    with(make_convolution("PROJECT", {12, 4, 4}, 6, 1, 1), none),
                    with(make_add("ADD", {6, 4, 4}, "PROJECT", "STEM"), none, {"PROJECT", "STEM"}),
                    with(make_global_average_pool("GAVGPOOL_0", {6, 4, 4}), none),
                    with(make_fully_connected("FC_END", {6, 1, 1}, 3), none)}});
  const Trainer still(data, batch_norm_settings(1000, 1e-30));
  const std::vector<Tensor> initial = still.train(network, {}, kStop).weights;
  const std::vector<Tensor> folded = still.train(network, {}, kRun).weights;
  ASSERT_EQ(initial.size(), 10U);
  for (std::size_t t = 0; t < 8; ++t) EXPECT_NE(folded[t].values, initial[t].values) << t;
  EXPECT_EQ(folded[8], initial[8]);
  EXPECT_EQ(initial[4].shape, (std::vector<std::int64_t>{12, 1, 3, 3}));

  const Trainer trainer(data, batch_norm_settings(16, 1e-2));
  const TrainedNetwork trained = trainer.train(network, {.epochs = 8}, kRun);
  EXPECT_GT(trained.validation_accuracy, 0.9);
  EXPECT_GT(trainer.test_accuracy(network, trained.weights), 0.9);
}

TEST(BatchNormTraining, FiltersOfADepthwiseConvolutionAreHeUniformInTheirOwnValues) {
  const Network wide =
      with_biases(rectified({{make_convolution("CONV_0", {1, 8, 8}, 400, 1, 1),
                              make_depthwise_convolution("DWCONV_0", {400, 8, 8}, 4, 4),
                              make_global_average_pool("GAVGPOOL_0", {400, 5, 5}),
                              make_fully_connected("FC_0", {400, 1, 1}, 3)}}));
  const Trainer trainer(stripe_split(), batch_norm_settings(16, 1e-2));
  const std::vector<float> values = trainer.train(wide, {}, kStop).weights.at(2).values;
  ASSERT_EQ(values.size(), 6400U);
  const double variance = 2.0 / 16;
  double squares = 0;
  for (const double value : values) {
    ASSERT_LE(std::abs(value), std::sqrt(3 * variance));
    squares += value * value;
  }
  EXPECT_NEAR(squares / 6400, variance, 4 * variance * std::sqrt(0.8) / 80);
}

TEST(BatchNormTraining, FoldsTheRunningMeanAndVariance) {
  // One batch, and steps too small to move a weight: what is left are the running averages after
  // one batch.
  const data::DataSplit data = stripe_split();
  const Network network = with_biases(rectified({{make_convolution("CONV_0", {1, 8, 8}, 4, 3, 3),
                                                  make_global_average_pool("GAVGPOOL_0", {4, 6, 6}),
                                                  make_fully_connected("FC_END", {4, 1, 1}, 3)}}));
  const Trainer trainer(data, batch_norm_settings(1000, 1e-30));
  const std::vector<Tensor> initial = trainer.train(network, {}, kStop).weights;
  const TrainedNetwork trained = trainer.train(network, {}, kRun);
  ASSERT_TRUE(trained.completed);

  const Network first_layer{{with(network.layers.front(), Activation::none)}};
  std::vector<double> sums(4);
  std::vector<double> squares(4);
  const auto values = static_cast<double>(data.train.size() * 36);
  for (std::int64_t s = 0; s < data.train.size(); ++s) {
    const std::vector<double> map = forward(first_layer, initial, sample(data.train, s));
    for (std::size_t i = 0; i < map.size(); ++i) {
      sums[i / 36] += map[i];
      squares[i / 36] += map[i] * map[i];
    }
  }
  BatchNorm norm;
  norm.scale.assign(4, 1);
  norm.shift.assign(4, 0);
  for (std::size_t c = 0; c < 4; ++c) {
    const double mean = sums[c] / values;
    const double variance = (squares[c] - values * mean * mean) / (values - 1);
    norm.mean.push_back(static_cast<float>(0.1 * mean));
    norm.variance.push_back(static_cast<float>(0.9 + 0.1 * variance));
  }
  const std::vector<Tensor> expected = fold({initial[0], initial[1]}, norm);
  for (std::size_t t = 0; t < 2; ++t) {
    ASSERT_EQ(trained.weights[t].values.size(), expected[t].values.size());
    for (std::size_t i = 0; i < expected[t].values.size(); ++i) {
      EXPECT_NEAR(trained.weights[t].values[i], expected[t].values[i], 1e-5) << t << " " << i;
    }
  }
  EXPECT_EQ(trained.weights[2], initial[2]);
}

TEST(BatchNormTraining, GivesTheTensorsOfTheLayersInTheirOrder) {
  const Trainer trainer(stripe_split(), batch_norm_settings(16, 1e-2));
  const Network network = biased_stripe_network();
  const TrainedNetwork trained = trainer.train(network, {}, kRun);
  std::vector<std::string> names;
  for (const Tensor& tensor : trained.weights) names.push_back(tensor.name);
  EXPECT_EQ(names, (std::vector<std::string>{"CONV_0", "CONV_0.bias", "CONV_1", "CONV_1.bias",
                                             "FC_END", "FC_END.bias"}));
  const std::vector<Tensor> expected = random_weights(network, 1);
  ASSERT_EQ(trained.weights.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(trained.weights[i].shape, expected[i].shape);
    EXPECT_EQ(trained.weights[i].values.size(), expected[i].values.size());
  }
}

TEST(BatchNormTraining, AccuraciesAreOfTheFoldedNetwork) {
  const Trainer trainer(stripe_split(), batch_norm_settings(16, 1e-2));
  const Network network = biased_stripe_network();
  const TrainedNetwork trained = trainer.train(network, {.epochs = 3}, kRun);
  EXPECT_EQ(trainer.validation_accuracy(network, trained.weights), trained.validation_accuracy);
}

TEST(BatchNormTraining, InitialWeightsAreHeUniformAndBiasesZero) {
  const Trainer trainer(quadrant_split(), batch_norm_settings(32, 1e-2));
  const Network network = with_biases({{make_fully_connected("FC_0", {1, 8, 8}, 100),
                                        make_fully_connected("FC_END", {100, 1, 1}, 4)}});
  const std::vector<Tensor> weights = trainer.train(network, {}, kStop).weights;
  const std::vector<float>& values = weights.at(0).values;
  ASSERT_EQ(values.size(), 6400U);
  const double variance = 2.0 / 64;
  double sum = 0;
  double squares = 0;
  for (const double value : values) {
    ASSERT_LE(std::abs(value), std::sqrt(3 * variance));
    sum += value;
    squares += value * value;
  }
  // Four standard errors of the mean and of the mean square of a uniform distribution.
  EXPECT_NEAR(sum / 6400, 0, 4 * std::sqrt(variance) / 80);
  EXPECT_NEAR(squares / 6400, variance, 4 * variance * std::sqrt(0.8) / 80);
  EXPECT_EQ(weights.at(1).values, std::vector<float>(100));
  EXPECT_EQ(weights.at(3).values, std::vector<float>(4));
}

TEST(BatchNormTraining, LearnsStripesAndRepeats) {
  const Trainer trainer(stripe_split(), batch_norm_settings(16, 1e-2));
  const Network network = biased_stripe_network();
  const TrainingRun run{.epochs = 8, .seed = 11};
  const TrainedNetwork first = trainer.train(network, run, kRun);
  EXPECT_GT(first.validation_accuracy, 0.9);
  EXPECT_GT(trainer.test_accuracy(network, first.weights), 0.9);
  TrainedNetwork second;
  TrainedNetwork other;
  std::thread one([&] { second = trainer.train(network, run, kRun); });
  std::thread two([&] { other = trainer.train(network, {.epochs = 8, .seed = 12}, kRun); });
  one.join();
  two.join();
  EXPECT_EQ(first.weights, second.weights);
  EXPECT_EQ(first.epoch_accuracies, second.epoch_accuracies);
  EXPECT_NE(first.weights, other.weights);
}

TEST(BatchNormTraining, AConvolutionAsLastLayerHasABiasOnly) {
  const Network network =
      with_biases(rectified({{make_convolution("CONV_0", {1, 8, 8}, 6, 3, 3),
                              make_convolution("CONV_1", {6, 6, 6}, 3, 6, 6)}}));
  const Trainer trainer(stripe_split(), batch_norm_settings(1000, 1e-30));
  const std::vector<Tensor> initial = trainer.train(network, {}, kStop).weights;
  const std::vector<Tensor> trained = trainer.train(network, {}, kRun).weights;
  EXPECT_NE(trained[0], initial[0]) << "folded";
  EXPECT_EQ(trained[2], initial[2]) << "nothing to fold";
}

TEST(BatchNormTraining, ALastBatchOfOneImageJoinsTheOneBefore) {
  // One value per channel and image: of a batch of one the variance would be none.
  const Network network = with_biases(rectified({{make_convolution("CONV_0", {1, 8, 8}, 6, 8, 8),
                                                  make_fully_connected("FC_END", {6, 1, 1}, 3)}}));
  const Trainer trainer(stripe_split(), batch_norm_settings(16, 1e-2));
  for (const std::int64_t images : {2, 16, 17, 33}) {
    EXPECT_FALSE(trainer.train(network, {.epochs = 2, .train_images = images}, kRun).diverged)
        << images;
  }
}

TEST(BatchNormTraining, AStoppedTrainingGivesTheBestEpochSoFar) {
  const Trainer trainer(stripe_split(), batch_norm_settings(16, 1e-2));
  const Network network = biased_stripe_network();
  std::atomic<bool> stop{false};
  const TrainedNetwork stopped = trainer.train(
      network, {.epochs = 1000}, stop, [&](std::int64_t epoch, double) { stop = epoch == 2; });
  EXPECT_FALSE(stopped.completed);
  ASSERT_EQ(stopped.epoch_accuracies.size(), 2U);
  EXPECT_EQ(trainer.validation_accuracy(network, stopped.weights), stopped.validation_accuracy);
}

TEST(BatchNormTraining, DivergenceIsFound) {
  data::DataSplit data = stripe_split();
  data.train.values[0] = std::numeric_limits<float>::infinity();
  const Network network = biased_stripe_network();
  EXPECT_TRUE(
      Trainer(data, batch_norm_settings(16, 1e-2)).train(network, {.epochs = 2}, kRun).useless());
  EXPECT_TRUE(Trainer(stripe_split(), batch_norm_settings(1000, 1e30))
                  .train(network, {.epochs = 2}, kRun)
                  .useless());
}

TEST(BatchNormTraining, OutputsThatDoNotDependOnTheImageAreNoAccuracy) {
  // Biases make them other than 0.
  data::DataSplit data = stripe_split();
  for (data::Dataset* part : {&data.train, &data.validation}) {
    std::fill(part->values.begin(), part->values.end(), 0.5F);
  }
  const Trainer trainer(data, batch_norm_settings(16, 1e-2));
  EXPECT_TRUE(trainer.train(biased_stripe_network(), {.epochs = 2}, kRun).useless());
}

TEST(BatchNormTraining, WhatItCannotTrainIsRefused) {
  const Trainer trainer(stripe_split(), batch_norm_settings(16, 1e-2));
  test::expect_error([&] { (void)trainer.train(stripe_network(), {}, kRun); }, "CONV_0");
  test::expect_error(
      [&] { (void)trainer.train(biased_stripe_network(), {.train_images = 1}, kRun); },
      "training images: found 1");
  test::expect_error([] { const Trainer refused(stripe_split(), batch_norm_settings(1, 1e-2)); },
                     "training.batch_size: found 1");
}

// --- The plain recipe
// ---------------------------------------------------------------------------------

TEST(PlainTraining, TrainsBiasesFromZero) {
  const Trainer trainer(stripe_split(), settings(16, 1e-2));
  const Network network = biased_stripe_network();
  const std::vector<Tensor> initial = trainer.train(network, {}, kStop).weights;
  const TrainedNetwork trained = trainer.train(network, {.epochs = 8}, kRun);
  EXPECT_GT(trained.validation_accuracy, 0.9);
  for (const std::size_t bias : {1U, 3U, 5U}) {
    EXPECT_EQ(initial[bias].values, std::vector<float>(initial[bias].values.size()));
    EXPECT_NE(trained.weights[bias].values, initial[bias].values);
  }
}

}  // namespace
}  // namespace inas::nas
