#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <inas/core/error.hpp>
#include <inas/core/search_space.hpp>
#include <inas/nas/trainer.hpp>

#include "trainer_samples.hpp"

namespace inas::nas {
namespace {

void expect_logits(const Network& network) {
  const std::vector<Tensor> weights = random_weights(network, 5);
  const Shape shape = network.layers.front().ifm;
  const std::int64_t classes = network.layers.back().ofm.channels;
  std::mt19937 generator(6);
  data::Dataset samples{.shape = shape, .classes = classes, .values = {}, .labels = {0, 0, 0}};
  for (std::int64_t i = 0; i < 3 * shape.values(); ++i) {
    samples.values.push_back(static_cast<float>(generator() % 2001) / 1000 - 1);
  }
  const std::vector<std::vector<float>> rows = logits(network, weights, samples);
  ASSERT_EQ(rows.size(), 3U);
  for (std::size_t s = 0; s < rows.size(); ++s) {
    const auto first = samples.values.begin() + static_cast<std::ptrdiff_t>(s) * shape.values();
    const std::vector<double> expected =
        forward(network, weights, std::vector<double>(first, first + shape.values()));
    ASSERT_EQ(rows[s].size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      // Relative to the largest output: random weights of ±1 make large ones.
      const double scale =
          std::abs(*std::max_element(expected.begin(), expected.end(),
                                     [](double a, double b) { return std::abs(a) < std::abs(b); }));
      EXPECT_NEAR(rows[s][i], expected[i], 1e-4 * std::max(scale, 1.0)) << "sample " << s;
    }
  }
}

void expect_forward_pass(const Network& network) { expect_logits(rectified(network)); }

TEST(Logits, EqualTheDefinitionForAConvolutionalNetwork) {
  expect_forward_pass(build_network({.family = NetworkFamily::convolution_2d,
                                     .input = {3, 12, 12},
                                     .classes = 10,
                                     .layers = 3,
                                     .kernels = {1, 3, 5},
                                     .filters = {4, 5, 6}},
                                    {3, 4, 5, 6, 1, 5}));
}

TEST(Logits, EqualTheDefinitionForAOneDimensionalNetwork) {
  expect_forward_pass(build_network({.family = NetworkFamily::convolution_1d,
                                     .input = {9, 24, 1},
                                     .classes = 6,
                                     .layers = 2,
                                     .kernels = {3, 5},
                                     .filters = {4, 7}},
                                    {3, 4, 5, 7}));
}

TEST(Logits, EqualTheDefinitionForAFullyConnectedNetwork) {
  expect_forward_pass(build_network({.family = NetworkFamily::fully_connected,
                                     .input = {1, 30, 1},
                                     .classes = 12,
                                     .layers = 2,
                                     .kernels = {},
                                     .filters = {8, 9}},
                                    {8, 9}));
}

TEST(Logits, EqualTheDefinitionForAFullyConnectedLayerOverManyChannels) {
  expect_forward_pass(
      {{make_convolution("CONV_0", {2, 7, 6}, 5, 3, 2), make_fully_connected("FC_0", {5, 5, 5}, 8),
        make_fully_connected("FC_END", {8, 1, 1}, 4)}});
}

TEST(Logits, EqualTheDefinitionForAConvolutionAsLastLayer) {
  expect_forward_pass({{make_convolution("CONV_0", {1, 7, 6}, 5, 3, 2),
                        make_convolution("CONV_1", {5, 5, 5}, 4, 5, 5)}});
}

TEST(Logits, EqualTheDefinitionForPoolingAsLastLayer) {
  expect_forward_pass({{make_convolution("CONV_0", {1, 7, 6}, 5, 3, 2),
                        make_global_average_pool("GAVGPOOL_0", {5, 5, 5})}});
}

TEST(Logits, EqualTheDefinitionForMaxPooling) {
  // 9×8 is no multiple of the window: the last row is left out.
  expect_forward_pass({{make_convolution("CONV_0", {2, 11, 10}, 5, 3, 3),
                        make_max_pooling("MAXPOOL_0", {5, 9, 8}, 2, 2, 2),
                        make_convolution("CONV_1", {5, 4, 4}, 3, 1, 1),
                        make_global_average_pool("GAVGPOOL_0", {3, 4, 4})}});
  expect_forward_pass({{make_convolution("CONV_0", {2, 12, 1}, 5, 3, 1),
                        make_max_pooling("MAXPOOL_0", {5, 10, 1}, 2, 1, 2),
                        make_fully_connected("FC_END", {5, 5, 1}, 3)}});
  expect_forward_pass({{make_max_pooling("MAXPOOL_0", {2, 9, 9}, 3, 2, 1),
                        make_fully_connected("FC_END", {2, 7, 8}, 3)}});
}

TEST(Logits, EqualTheDefinitionForLayersWithBiases) {
  expect_forward_pass(with_biases(
      {{make_convolution("CONV_0", {2, 12, 12}, 5, 3, 3),
        make_max_pooling("MAXPOOL_0", {5, 10, 10}, 2, 2, 2),
        make_convolution("CONV_1", {5, 5, 5}, 3, 2, 2), make_fully_connected("FC_0", {3, 4, 4}, 6),
        make_fully_connected("FC_END", {6, 1, 1}, 4)}}));
  expect_forward_pass(with_biases({{make_convolution("CONV_0", {1, 7, 6}, 4, 7, 6)}}));
}

TEST(Logits, EqualTheDefinitionForStridedAndPaddedConvolutions) {
  // The same on both sides, different ones, and more than half a kernel.
  for (const Padding& padding :
       {Padding{1, 1, 1, 1}, Padding{0, 1, 2, 0}, Padding{2, 2, 2, 2}, Padding{}}) {
    for (const std::int64_t stride : {1, 2, 3}) {
      const Layer convolution = make_convolution("CONV_0", {2, 9, 8}, 5, 3, 3, stride, padding);
      expect_forward_pass({{convolution, make_fully_connected("FC_END", convolution.ofm, 3)}});
      const Layer depthwise =
          make_depthwise_convolution("DWCONV_0", {3, 9, 8}, 3, 3, stride, padding);
      expect_forward_pass(
          with_biases({{depthwise, make_fully_connected("FC_END", depthwise.ofm, 3)}}));
    }
  }
  expect_forward_pass({{make_convolution("CONV_0", {3, 20, 1}, 4, 5, 1, 2, {2, 0, 2, 0}),
                        make_fully_connected("FC_END", {4, 10, 1}, 3)}});
}

TEST(Logits, EqualTheDefinitionForPaddedPooling) {
  // The first layer, so that inputs below 0 are among them.
  for (const Padding& padding :
       {Padding{}, Padding{1, 1, 1, 1}, Padding{0, 0, 1, 1}, Padding{2, 0, 2, 0}}) {
    for (const Layer& pooling : {make_max_pooling("POOL", {3, 8, 9}, 3, 2, 2, {}),
                                 make_max_pooling("POOL", {3, 8, 9}, 3, 3, 2, padding),
                                 make_average_pooling("POOL", {3, 8, 9}, 3, 3, 2, padding),
                                 make_average_pooling("POOL", {3, 8, 9}, 3, 3, 1, padding)}) {
      for (const Activation activation : kActivations) {
        expect_logits(
            {{with(pooling, activation), make_fully_connected("FC_END", pooling.ofm, 3)}});
      }
    }
  }
}

TEST(Logits, EqualTheDefinitionForAGraphOfAllTypesOfLayers) {
  expect_logits(residual_network());
  // A layer that reads one map twice.
  expect_logits({{with(make_convolution("CONV_0", {2, 6, 6}, 3, 3, 3), Activation::relu),
                  with(make_add("ADD_0", {3, 4, 4}, "CONV_0", "CONV_0"), Activation::relu6,
                       {"CONV_0", "CONV_0"}),
                  make_global_average_pool("GAVGPOOL_0", {3, 4, 4})}});
}

TEST(Logits, OfManySamplesEqualThoseOfEach) {
  const Network network = stripe_network();
  const std::vector<Tensor> weights = random_weights(network, 5);
  const data::Dataset samples = stripes(600, 9);  // more than one batch
  const std::vector<std::vector<float>> rows = logits(network, weights, samples);
  ASSERT_EQ(rows.size(), 600U);
  for (const std::size_t i :
       {std::size_t{0}, std::size_t{249}, std::size_t{250}, std::size_t{599}}) {
    data::Dataset one = first_images(samples, 1);
    const auto first = samples.values.begin() + static_cast<std::ptrdiff_t>(64 * i);
    one.values.assign(first, first + 64);
    const std::vector<float> row = logits(network, weights, one).at(0);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(rows[i][k], row[k], 1e-3) << "sample " << i;
  }
}

TEST(Logits, WeightsMustSuitTheNetwork) {
  const Network network = stripe_network();
  const std::vector<Tensor> good = random_weights(network, 5);
  const data::Dataset samples = stripes(2, 9);
  std::vector<Tensor> weights = good;
  weights.pop_back();
  EXPECT_THROW(static_cast<void>(logits(network, weights, samples)), InvalidArgument);
  weights = good;
  weights.push_back(good.back());
  EXPECT_THROW(static_cast<void>(logits(network, weights, samples)), InvalidArgument);
  weights = good;
  std::swap(weights[0].shape[0], weights[0].shape[2]);
  EXPECT_THROW(static_cast<void>(logits(network, weights, samples)), InvalidArgument);
  weights = good;
  weights[1].values.pop_back();
  EXPECT_THROW(static_cast<void>(logits(network, weights, samples)), InvalidArgument);
}

// --- Training
// -----------------------------------------------------------------------------------------

TEST(Trainer, LearnsBrightQuadrantsWithFullyConnectedLayers) {
  const Trainer trainer(quadrant_split(), settings(32, 1e-2));
  const TrainedNetwork trained = trainer.train(dense_network(), {.epochs = 5}, kRun);
  EXPECT_GT(trained.validation_accuracy, 0.9);
  EXPECT_GT(trainer.test_accuracy(dense_network(), trained.weights), 0.9);
}

TEST(Trainer, LearnsStripesWithConvolutions) {
  const Trainer trainer(stripe_split(), settings(16, 1e-2));
  const TrainedNetwork trained = trainer.train(stripe_network(), {.epochs = 8}, kRun);
  EXPECT_GT(trained.validation_accuracy, 0.9);
  EXPECT_GT(trainer.test_accuracy(stripe_network(), trained.weights), 0.9);
}

TEST(Trainer, AccuraciesAreThoseOfTheirParts) {
  data::DataSplit data = quadrant_split();
  for (std::int64_t& label : data.test.labels) label = (label + 1) % 4;
  const Trainer trainer(data, settings(32, 1e-2));
  const TrainedNetwork trained = trainer.train(dense_network(), {.epochs = 8}, kRun);
  EXPECT_GT(trainer.validation_accuracy(dense_network(), trained.weights), 0.9);
  EXPECT_LT(trainer.test_accuracy(dense_network(), trained.weights), 0.1);
  // The share of samples whose largest output is that of their label.
  const std::vector<std::vector<float>> rows =
      logits(dense_network(), trained.weights, data.validation);
  double correct = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto best = std::max_element(rows[i].begin(), rows[i].end());
    if (best - rows[i].begin() == data.validation.labels[i]) ++correct;
  }
  EXPECT_EQ(trained.validation_accuracy, correct / static_cast<double>(rows.size()));
}

/// A network of fewer rows and columns is trained as on data that have no more.
TEST(Trainer, NetworksOfALowerResolutionGetAveragedSamples) {
  const Network small = rectified({{make_fully_connected("FC_0", {1, 4, 3}, 12),
                                    make_fully_connected("FC_END", {12, 1, 1}, 4)}});
  const data::DataSplit data = quadrant_split();
  data::DataSplit averaged = data;
  for (data::Dataset* part : {&averaged.train, &averaged.validation, &averaged.test}) {
    *part = resampled(*part, {1, 4, 3});
  }
  const Trainer trainer(data, settings(32, 1e-2));
  const Trainer expected(averaged, settings(32, 1e-2));
  const TrainedNetwork large = trainer.train(dense_network(), {.epochs = 2}, kRun);
  const TrainedNetwork trained = trainer.train(small, {.epochs = 3}, kRun);
  const TrainedNetwork same = expected.train(small, {.epochs = 3}, kRun);
  EXPECT_EQ(trained.weights, same.weights);
  EXPECT_EQ(trained.epoch_accuracies, same.epoch_accuracies);
  EXPECT_EQ(trainer.test_accuracy(small, trained.weights),
            expected.test_accuracy(small, trained.weights));
  EXPECT_EQ(trainer.validation_accuracy(small, trained.weights), trained.validation_accuracy);
  EXPECT_EQ(trainer.train(dense_network(), {.epochs = 2}, kRun).weights, large.weights);
  const Network taller = rectified({{make_fully_connected("FC_0", {1, 9, 8}, 12),
                                     make_fully_connected("FC_END", {12, 1, 1}, 4)}});
  EXPECT_THROW(static_cast<void>(trainer.train(taller, {}, kRun)), InvalidArgument);
}

TEST(Trainer, KeepsTheWeightsOfTheBestEpoch) {
  // A learning rate that lets the accuracy jump about, so that the last epoch often is not the
  // best.
  const Trainer trainer(stripe_split(), settings(16, 0.05));
  int best_was_earlier = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    std::vector<double> seen;
    const TrainedNetwork trained =
        trainer.train(stripe_network(), {.epochs = 6, .seed = seed}, kRun,
                      [&seen](std::int64_t epoch, double accuracy) {
                        seen.push_back(accuracy);
                        EXPECT_EQ(epoch, static_cast<std::int64_t>(seen.size()));
                      });
    EXPECT_TRUE(trained.completed);
    EXPECT_EQ(trained.epoch_accuracies, seen);
    ASSERT_EQ(seen.size(), 6U);
    EXPECT_EQ(trained.validation_accuracy, *std::max_element(seen.begin(), seen.end()));
    EXPECT_EQ(trainer.validation_accuracy(stripe_network(), trained.weights),
              trained.validation_accuracy);
    if (seen.back() < trained.validation_accuracy) ++best_was_earlier;
  }
  EXPECT_GT(best_was_earlier, 0) << "the case to be tested did not occur";
}

TEST(Trainer, KeepsTheFirstOfEqualEpochs) {
  const Trainer trainer(quadrant_split(), settings(32, 1e-2));
  const TrainedNetwork longer = trainer.train(dense_network(), {.epochs = 12}, kRun);
  const std::vector<double>& accuracies = longer.epoch_accuracies;
  const auto best = std::max_element(accuracies.begin(), accuracies.end());
  ASSERT_GT(std::count(accuracies.begin(), accuracies.end(), *best), 1) << "no equal epochs";
  const TrainedNetwork shorter =
      trainer.train(dense_network(), {.epochs = best - accuracies.begin() + 1}, kRun);
  EXPECT_EQ(longer.weights, shorter.weights);
}

TEST(Trainer, GivesOneNamedTensorPerLayerWithWeights) {
  const Trainer trainer(stripe_split(), settings(16, 1e-3));
  const Network network = stripe_network();
  const TrainedNetwork trained = trainer.train(network, {}, kRun);
  const std::vector<Tensor> expected = random_weights(network, 1);
  ASSERT_EQ(trained.weights.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(trained.weights[i].name, expected[i].name);
    EXPECT_EQ(trained.weights[i].shape, expected[i].shape);
    EXPECT_EQ(trained.weights[i].values.size(), expected[i].values.size());
  }
}

TEST(Trainer, InitialWeightsAreGlorotUniform) {
  const data::DataSplit data = quadrant_split();
  const Trainer trainer(data, settings(32, 1e-2));
  const Network network{{make_fully_connected("FC_0", {1, 8, 8}, 100),
                         make_fully_connected("FC_END", {100, 1, 1}, 4)}};
  const std::vector<float> values = trainer.train(network, {}, kStop).weights.at(0).values;
  ASSERT_EQ(values.size(), 6400U);
  const double limit = std::sqrt(6.0 / (64 * (1 + 100)));
  double sum = 0;
  double squares = 0;
  for (const double value : values) {
    ASSERT_LE(std::abs(value), limit);
    sum += value;
    squares += value * value;
  }
  // Four standard errors of the mean and of the mean square of a uniform distribution.
  EXPECT_NEAR(sum / 6400, 0, 4 * limit / std::sqrt(3.0) / 80);
  EXPECT_NEAR(squares / 6400, limit * limit / 3, 4 * limit * limit * std::sqrt(4.0 / 45) / 80);
}

TEST(Trainer, TheSameRunGivesTheSameWeights) {
  const Trainer trainer(stripe_split(), settings(16, 1e-2));
  const TrainingRun run{.epochs = 3, .train_images = 100, .seed = 11};
  const TrainedNetwork first = trainer.train(stripe_network(), run, kRun);
  const TrainedNetwork second = trainer.train(stripe_network(), run, kRun);
  EXPECT_EQ(first.weights, second.weights);
  EXPECT_EQ(first.epoch_accuracies, second.epoch_accuracies);
  const TrainedNetwork other =
      trainer.train(stripe_network(), {.epochs = 3, .train_images = 100, .seed = 12}, kRun);
  EXPECT_NE(first.weights, other.weights);
}

TEST(Trainer, RunsSideBySideGiveWhatEachGivesAlone) {
  const Trainer trainer(stripe_split(), settings(16, 1e-2));
  const Network convolutional = stripe_network();
  const Network dense{
      {make_fully_connected("FC_0", {1, 8, 8}, 40), make_fully_connected("FC_END", {40, 1, 1}, 3)}};
  const TrainingRun run{.epochs = 4};
  const TrainedNetwork alone = trainer.train(convolutional, run, kRun);
  const TrainedNetwork dense_alone = trainer.train(dense, run, kRun);
  for (int repetition = 0; repetition < 3; ++repetition) {
    TrainedNetwork beside;
    TrainedNetwork dense_beside;
    std::thread one([&] { beside = trainer.train(convolutional, run, kRun); });
    std::thread other([&] { dense_beside = trainer.train(dense, run, kRun); });
    one.join();
    other.join();
    EXPECT_EQ(beside.weights, alone.weights);
    EXPECT_EQ(dense_beside.weights, dense_alone.weights);
  }
}

TEST(Trainer, TrainsOnTheFirstImages) {
  data::DataSplit data = quadrant_split();
  const TrainedNetwork some = Trainer(data, settings(32, 1e-2))
                                  .train(dense_network(), {.epochs = 2, .train_images = 90}, kRun);
  data.train = first_images(data.train, 90);
  const TrainedNetwork all =
      Trainer(data, settings(32, 1e-2)).train(dense_network(), {.epochs = 2}, kRun);
  EXPECT_EQ(some.weights, all.weights);
}

TEST(Trainer, EveryImageIsUsedInEachEpoch) {
  // One image in the last, smaller batch: the one that spoils the loss is used whatever the order.
  data::DataSplit data = quadrant_split();
  data.train = first_images(data.train, 5);
  data.train.values[70] = std::numeric_limits<float>::quiet_NaN();
  const Trainer trainer(data, settings(4, 1e-2));
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_TRUE(trainer.train(dense_network(), {.seed = seed}, kRun).epoch_accuracies.empty())
        << "seed " << seed;
  }
}

TEST(Trainer, BatchesMixTheOrderOfTheImages) {
  // In the given order each batch is of one class, and a step forgets the others: 0.5 to 0.9.
  data::DataSplit data = quadrant_split();
  data::Dataset sorted{.shape = {1, 8, 8}, .classes = 4, .values = {}, .labels = {}};
  for (std::int64_t label = 0; label < 4; ++label) {
    for (std::int64_t i = label; i < data.train.size(); i += 4) {
      const auto first = data.train.values.begin() + 64 * i;
      sorted.values.insert(sorted.values.end(), first, first + 64);
      sorted.labels.push_back(label);
    }
  }
  data.train = sorted;
  const Trainer trainer(data, settings(4, 0.1));
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    EXPECT_GT(trainer.train(dense_network(), {.seed = seed}, kRun).validation_accuracy, 0.95)
        << "seed " << seed;
  }
}

TEST(Trainer, TheDataMayEndBeforeTheTrainer) {
  auto data = std::make_unique<data::DataSplit>(quadrant_split());
  const Trainer trainer(*data, settings(32, 1e-2));
  const TrainedNetwork before = trainer.train(dense_network(), {}, kRun);
  for (data::Dataset* part : {&data->train, &data->validation}) {
    std::fill(part->values.begin(), part->values.end(), 0.0F);
    std::fill(part->labels.begin(), part->labels.end(), 0);
  }
  data.reset();
  const TrainedNetwork after = trainer.train(dense_network(), {}, kRun);
  EXPECT_EQ(before.weights, after.weights);
  EXPECT_EQ(before.validation_accuracy, after.validation_accuracy);
}

TEST(Trainer, ALossThatIsNotFiniteEndsTheTraining) {
  data::DataSplit data = quadrant_split();
  data.train.values[0] = std::numeric_limits<float>::infinity();
  const Trainer trainer(data, settings(32, 1e-2));
  const TrainedNetwork trained = trainer.train(dense_network(), {.epochs = 3}, kRun);
  EXPECT_TRUE(trained.completed);
  EXPECT_TRUE(trained.diverged);
  EXPECT_TRUE(trained.useless());
  EXPECT_EQ(trained.validation_accuracy, 0);
  EXPECT_EQ(trained.weights, trainer.train(dense_network(), {.epochs = 3}, kStop).weights);
}

TEST(Trainer, ADivergingTrainingKeepsTheBestEpochBefore) {
  // One batch an epoch: each step adds up to 30 to every weight, so that outputs grow until they
  // are absurd.
  const Trainer trainer(quadrant_split(), settings(1000, 30));
  const TrainedNetwork trained = trainer.train(dense_network(), {.epochs = 10'000}, kRun);
  EXPECT_TRUE(trained.completed);
  EXPECT_TRUE(trained.diverged);
  ASSERT_FALSE(trained.useless());
  EXPECT_LT(trained.epoch_accuracies.size(), 10'000U);
  EXPECT_EQ(trained.validation_accuracy,
            *std::max_element(trained.epoch_accuracies.begin(), trained.epoch_accuracies.end()));
  EXPECT_EQ(trainer.validation_accuracy(dense_network(), trained.weights),
            trained.validation_accuracy);
}

TEST(Trainer, OutputsThatMeanNothingAreNoAccuracy) {
  // One batch an epoch: loss and weights are finite, but huge.
  for (const double rate : {1e4, 1e6, 1e12, 1e30}) {
    const Trainer trainer(quadrant_split(), settings(1000, rate));
    const TrainedNetwork trained = trainer.train(dense_network(), {.epochs = 3}, kRun);
    EXPECT_TRUE(trained.completed) << rate;
    EXPECT_TRUE(trained.diverged) << rate;
    EXPECT_TRUE(trained.useless()) << rate;
  }
}

TEST(Trainer, ANetworkWhoseOutputsAreAllZeroHasDiverged) {
  data::DataSplit data = quadrant_split();
  for (data::Dataset* part : {&data.train, &data.validation}) {
    std::fill(part->values.begin(), part->values.end(), 0.0F);
  }
  const Trainer trainer(data, settings(32, 1e-2));
  const TrainedNetwork trained = trainer.train(dense_network(), {.epochs = 3}, kRun);
  EXPECT_TRUE(trained.diverged);
  EXPECT_TRUE(trained.useless());
}

TEST(Trainer, ASoundTrainingHasNotDiverged) {
  const Trainer trainer(stripe_split(), settings(16, 1e-2));
  EXPECT_FALSE(trainer.train(stripe_network(), {.epochs = 2}, kRun).diverged);
}

TEST(Trainer, AStoppedTestHasNoAccuracy) {
  const Trainer trainer(stripe_split(), settings(16, 1e-2));
  const TrainedNetwork trained = trainer.train(stripe_network(), {}, kRun);
  EXPECT_FALSE(trainer.test_accuracy(stripe_network(), trained.weights, kStop).has_value());
  EXPECT_TRUE(trainer.test_accuracy(stripe_network(), trained.weights, kRun).has_value());
}

TEST(Trainer, AStoppedTrainingGivesUntrainedWeights) {
  const Trainer trainer(quadrant_split(), settings(32, 1e-2));
  const TrainedNetwork stopped = trainer.train(dense_network(), {.epochs = 1'000'000}, kStop);
  EXPECT_FALSE(stopped.completed);
  EXPECT_TRUE(stopped.epoch_accuracies.empty());
  EXPECT_EQ(stopped.validation_accuracy, 0);
  EXPECT_EQ(stopped.weights.size(), 2U);
  EXPECT_NE(stopped.weights, trainer.train(dense_network(), {}, kRun).weights);
}

TEST(Trainer, AStoppedTrainingGivesTheBestEpochSoFar) {
  const Trainer trainer(quadrant_split(), settings(32, 1e-2));
  std::atomic<bool> stop{false};
  const TrainedNetwork stopped =
      trainer.train(dense_network(), {.epochs = 1'000'000}, stop,
                    [&stop](std::int64_t epoch, double) { stop = epoch == 2; });
  EXPECT_FALSE(stopped.completed);
  const TrainedNetwork two = trainer.train(dense_network(), {.epochs = 2}, kRun);
  EXPECT_TRUE(two.completed);
  EXPECT_EQ(stopped.epoch_accuracies, two.epoch_accuracies);
  EXPECT_EQ(stopped.weights, two.weights);
}

TEST(Trainer, StopsWithinAnEpoch) {
  data::DataSplit data = stripe_split();
  const Trainer trainer(data, settings(16, 1e-2));
  data.train = stripes(60'000, 4);
  // At its end the epoch would be found to have diverged, which counts as completed.
  data.train.values[0] = std::numeric_limits<float>::quiet_NaN();
  const Trainer long_trainer(data, settings(1, 1e-2));
  std::atomic<bool> stop{false};
  // Training something small takes a moment in which the long epoch has begun.
  std::thread stopper([&] {
    static_cast<void>(trainer.train(stripe_network(), {.epochs = 2}, kRun));
    stop = true;
  });
  const TrainedNetwork stopped = long_trainer.train(stripe_network(), {.epochs = 1}, stop);
  stopper.join();
  EXPECT_FALSE(stopped.completed);
  EXPECT_TRUE(stopped.epoch_accuracies.empty());
}

// --- Wrong arguments
// ----------------------------------------------------------------------------------

TEST(Trainer, ANetworkMustSuitTheData) {
  const Trainer trainer(quadrant_split(), settings(32, 1e-2));
  const std::vector<Network> wrong{
      {},
      {{make_fully_connected("FC_END", {1, 8, 8}, 5)}},
      {{make_fully_connected("FC_END", {1, 8, 8}, 3)}},
      {{make_fully_connected("FC_END", {1, 64, 1}, 4)}},
      {{make_fully_connected("FC_END", {1, 9, 8}, 4)}},
      {{make_convolution("CONV_0", {1, 8, 8}, 4, 3, 3)}},
      {{make_fully_connected("FC_0", {1, 8, 8}, 5), make_fully_connected("FC_END", {6, 1, 1}, 4)}},
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    EXPECT_THROW(static_cast<void>(trainer.train(wrong[i], {}, kRun)), InvalidArgument) << i;
    EXPECT_THROW(static_cast<void>(trainer.validation_accuracy(wrong[i], {})), InvalidArgument)
        << i;
    EXPECT_THROW(static_cast<void>(trainer.test_accuracy(wrong[i], {})), InvalidArgument) << i;
  }
}

TEST(Trainer, RunsMustBePossible) {
  const Trainer trainer(quadrant_split(), settings(32, 1e-2));
  for (const TrainingRun& run :
       {TrainingRun{.epochs = 0}, TrainingRun{.epochs = 1, .train_images = 257},
        TrainingRun{.epochs = 1, .train_images = -1}}) {
    EXPECT_THROW(static_cast<void>(trainer.train(dense_network(), run, kRun)), InvalidArgument);
  }
}

TEST(Trainer, DataMustBeConsistent) {
  const std::vector<void (*)(data::DataSplit&)> faults{
      [](data::DataSplit& data) { data.train.labels[3] = 4; },
      [](data::DataSplit& data) { data.validation.labels[3] = -1; },
      [](data::DataSplit& data) { data.test.values.pop_back(); },
      [](data::DataSplit& data) { data.train = first_images(data.train, 0); },
      [](data::DataSplit& data) { data.validation = first_images(data.validation, 0); },
      [](data::DataSplit& data) {
        data.test.shape = {1, 64, 1};
      },
      [](data::DataSplit& data) { data.validation.classes = 5; },
  };
  for (std::size_t i = 0; i < faults.size(); ++i) {
    data::DataSplit data = quadrant_split();
    faults[i](data);
    EXPECT_THROW(Trainer(data, settings(32, 1e-2)), InvalidArgument) << "fault " << i;
  }
}

TEST(Trainer, BatchSizeAndLearningRateMustBeUsable) {
  EXPECT_THROW(Trainer(quadrant_split(), settings(0, 1e-2)), InvalidArgument);
  for (const double rate : {0.0, -1.0, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(Trainer(quadrant_split(), settings(32, rate)), InvalidArgument) << rate;
  }
}

TEST(Trainer, AnAbsentGpuIsAnErrorThatSaysHowManyThereAre) {
  TrainingSettings absent = settings(32, 1e-2);
  absent.gpu = 1000;
  try {
    const Trainer trainer(quadrant_split(), absent);
    FAIL() << "no error";
  } catch (const InvalidArgument& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("training.gpu: found 1000"), std::string::npos) << message;
    EXPECT_NE(message.find("-1, the CPU"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace inas::nas
