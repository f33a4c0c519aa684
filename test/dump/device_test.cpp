#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/sample_solution.hpp>

#include <inas/dump/executor.hpp>
#include <inas/dump/host_device.hpp>
#include <inas/execution/tiles.hpp>

#include "random_solution.hpp"

/// The runtime on the host board against the reference executor.
namespace inas::dump {
namespace {

TEST(HostDevice, EqualsTheReferenceOnRandomNetworksAndDesigns) {
  Generator generator(4);
  for (int i = 0; i < 600; ++i) {
    Solution solution = random_solution(generator);
    if (i % 2 == 0) add_ledger(generator, solution);
    const std::vector<Tensor> weights = random_weights(generator, solution);
    const std::vector<float> calibration = random_samples(generator, solution, 2);
    const Model model =
        make_model(solution, weights, {calibration, 2},
                   i % 3 == 0 ? WeightScales::per_layer : WeightScales::per_channel);
    HostDevice device(model);
    // The last sample goes beyond the calibration, so that values saturate.
    std::vector<float> samples = random_samples(generator, solution, 3);
    const std::size_t size = samples.size() / 3;
    for (std::size_t v = 2 * size; v < samples.size(); ++v) samples[v] *= 4;
    for (std::size_t s = 0; s < 3; ++s) {
      const std::vector<std::int16_t> input =
          quantize_input(model.network, std::span(samples).subspan(s * size, size));
      ASSERT_EQ(device.run(input), run_network(model.network, input))
          << i << " " << to_string(solution.layers.back().design);
    }
  }
}

TEST(HostDevice, PowerFailuresChangeNothingOrAreReported) {
  Generator generator(5);
  int finished = 0;
  for (int i = 0; i < 100; ++i) {
    Solution solution = random_solution(generator);
    if (i % 2 == 0) add_ledger(generator, solution);
    const std::vector<Tensor> weights = random_weights(generator, solution);
    const std::vector<float> samples = random_samples(generator, solution, 1);
    const Model model = make_model(solution, weights, {samples, 1});
    HostDevice device(model);
    const std::vector<std::int16_t> input = quantize_input(model.network, samples);
    const std::vector<std::int16_t> expected = run_network(model.network, input);
    for (const std::int64_t every : {1000, 200, 60, 30, 12}) {
      std::vector<std::int16_t> output;
      try {
        output = device.run(input, every);
      } catch (const Error&) {  // the design's batches write more than that
        continue;
      }
      ++finished;
      ASSERT_EQ(output, expected) << every;
    }
  }
  EXPECT_GT(finished, 200);
}

/// An inference that is given up in any layer leaves its input as it was: another one that is
/// started on it ends as the first would have.
TEST(HostDevice, AnInferenceCanBeStartedAgainOnTheInputInNvm) {
  Generator generator(12);
  int behind_the_first_layer = 0;
  for (int i = 0; i < 200; ++i) {
    Solution solution = random_solution(generator);
    if (i % 2 == 0) add_ledger(generator, solution);
    const std::vector<float> samples = random_samples(generator, solution, 1);
    const Model model = make_model(solution, random_weights(generator, solution), {samples, 1});
    HostDevice device(model);
    const std::vector<std::int16_t> input = quantize_input(model.network, samples);
    const std::vector<std::int16_t> expected = run_network(model.network, input);
    const std::int64_t of_first_layer = 2 * device.layer_counts(input).front().values_written;
    ASSERT_EQ(device.run(input), expected);
    const std::int64_t of_all = 2 * device.counts().values_written;
    for (const std::int64_t bytes : {of_all / 4, of_all / 2, of_all - 2}) {
      behind_the_first_layer += bytes > of_first_layer ? 1 : 0;
      ASSERT_EQ(device.run_again_after(input, bytes), expected)
          << i << " given up after " << bytes << " of " << of_all << " bytes";
    }
  }
  EXPECT_GT(behind_the_first_layer, 100);
}

/// Channels that a tile does not divide: solutions do not have them, the runtime and the layout of
/// weights in tile order do.
TEST(HostDevice, EqualsTheReferenceOnRaggedTilesOfChannels) {
  Generator generator(10);
  for (int i = 0; i < 200; ++i) {
    const Solution solution = random_solution(generator);
    const std::vector<Tensor> weights = random_weights(generator, solution);
    const std::vector<float> samples = random_samples(generator, solution, 1);
    Model model = make_model(solution, weights, {samples, 1});
    std::vector<execution::ExecutedLayer> executed;
    for (QuantizedLayer& layer : model.network.layers) {
      const Tile& legal = layer.design.tile;
      layer.design.tile = {legal.rows, legal.columns,
                           random_from(generator, 1, layer.layer.ofm.channels),
                           random_from(generator, 1, execution::stepped_channels(layer.layer))};
      layer.design.batch = 1;
      layer.design.batches_per_cycle = 1;
      executed.push_back({layer.layer, layer.design});
    }
    model.layout = execution::lay_out(executed);
    model.vm_bytes = solution.settings.platform.vm_bytes;
    HostDevice device(model);
    const std::vector<std::int16_t> input = quantize_input(model.network, samples);
    ASSERT_EQ(device.run(input), run_network(model.network, input)) << i;
  }
}

/// Additions of maps of zeros, and of maps whose scales lie so far apart that nothing is left of
/// one.
TEST(HostDevice, EqualsTheReferenceOnInputsOfAnyScale) {
  Generator generator(13);
  const Shape map{3, 5, 4};
  for (const double scale : {0.0, 1.0, 0x1p-14, 0x1p-40}) {
    for (const WeightScales scales : {WeightScales::per_layer, WeightScales::per_channel}) {
      const Solution solution = solution_of(
          generator,
          {make_convolution("CONV_0", map, 3, 1, 1),
           make_depthwise_convolution("DWCONV_1", map, 3, 3, 1, same_padding(3, 3)),
           make_add("ADD_2", map, "CONV_0", "DWCONV_1"), make_add("ADD_3", map, "ADD_2", "INPUT")});
      std::vector<Tensor> weights = random_weights(generator, solution);
      for (float& value : weights[1].values) value *= static_cast<float>(scale);
      const std::vector<float> samples = random_samples(generator, solution, 1);
      for (const Samples& calibration : {Samples{samples, 1}, Samples{}}) {
        const Model model = make_model(solution, weights, calibration, scales);
        HostDevice device(model);
        const std::vector<std::int16_t> input = quantize_input(model.network, samples);
        ASSERT_EQ(device.run(input), run_network(model.network, input)) << scale;
      }
    }
  }
}

/// As many pixels as the runtime's 32-bit sums have room for, in tiles whose roundings add up.
TEST(HostDevice, EqualsTheReferenceOnTheLargestPooling) {
  Solution solution = test::sample_solution();
  const Layer pool = make_global_average_pool("GAVGPOOL_0", {1, 923, 71});
  solution.settings.platform.nvm_bytes = 1'000'000;
  solution.layers = {{.layer = pool, .design = parse_design("3_1_1_1_reuse_O_S1")}};
  const Model model = make_model(solution, {});
  HostDevice device(model);
  for (const int value : {-32768, -24577, -16385, 10923, 24576, 32767}) {
    const std::vector<std::int16_t> input(923 * 71, static_cast<std::int16_t>(value));
    EXPECT_EQ(device.run(input), run_network(model.network, input)) << value;
  }
}

TEST(HostDevice, CountsOfLayersAddUpToThoseOfTheNetwork) {
  Generator generator(11);
  for (int i = 0; i < 100; ++i) {
    const Solution solution = random_solution(generator);
    const std::vector<float> samples = random_samples(generator, solution, 1);
    const Model model = make_model(solution, random_weights(generator, solution), {samples, 1});
    HostDevice device(model);
    const std::vector<std::int16_t> input = quantize_input(model.network, samples);
    DeviceCounts sum;
    for (const DeviceCounts& layer : device.layer_counts(input)) {
      sum.power_cycles += layer.power_cycles;
      sum.reads += layer.reads;
      sum.values_read += layer.values_read;
      sum.writes += layer.writes;
      sum.values_written += layer.values_written;
      sum.macs += layer.macs;
      sum.mac_values += layer.mac_values;
    }
    EXPECT_EQ(device.run(input), run_network(model.network, input));
    ASSERT_EQ(device.counts(), sum) << i;
  }
}

/// One power cycle where the budget carries all batches; one less where it does not.
TEST(HostDevice, PowerCyclesRunOnByTheLedger) {
  Solution solution = test::sample_solution();
  std::int64_t all = 0;
  for (LayerSolution& of : solution.layers) {
    of.design.batches_per_cycle = 0;
    of.units = {10, 3, 3};
    all += 10 + 3 * execution::tile_counts(of.layer, of.design.tile).all() / of.design.batch;
  }
  solution.ledger = {all, 1e-7};
  const std::vector<Tensor> weights = test::sample_weights(solution, 1);
  for (const bool enough : {true, false}) {
    solution.ledger.budget = enough ? all : all - 1;
    const Model model = make_model(solution, weights);
    HostDevice device(model);
    const std::vector<std::int16_t> input(64, 1000);
    EXPECT_EQ(device.run(input), run_network(model.network, input));
    EXPECT_EQ(device.counts().power_cycles, enough ? 1 : 2);
  }
}

TEST(HostDevice, RefusesAnInputOfAnotherSize) {
  const Solution solution = test::sample_solution();
  const Model model = make_model(solution, test::sample_weights(solution, 1));
  HostDevice device(model);
  test::expect_error([&] { (void)device.run(std::vector<std::int16_t>(63)); }, "63");
}

/// Labels that are what the network says, but for some that are not.
TEST(Accuracy, IsTheShareOfRightAnswers) {
  Generator generator(6);
  const Solution solution = test::sample_solution();
  const std::vector<Tensor> weights = test::sample_weights(solution, 3);
  const std::vector<float> samples = random_samples(generator, solution, 50);
  const QuantizedNetwork network = quantize(solution, weights, {samples, 50});
  std::vector<std::int64_t> labels;
  for (std::size_t i = 0; i < 50; ++i) {
    const std::vector<std::int16_t> input =
        quantize_input(network, std::span(samples).subspan(i * 64, 64));
    labels.push_back(predicted_class(run_network(network, input)));
    if (i % 5 == 0) labels.back() = (labels.back() + 1) % 3;
  }
  EXPECT_EQ(deployed_accuracy(network, {samples, 50}, labels), 0.8);
  EXPECT_NEAR(float_accuracy(network, weights, {samples, 50}, labels), 0.8, 0.041);
  labels.pop_back();
  test::expect_error([&] { (void)deployed_accuracy(network, {samples, 50}, labels); }, "labels");
}

/// Whichever thread calls it.
TEST(Executor, AnExceptionOfTheCallbackReachesTheCaller) {
  Generator generator(5);
  const Solution solution = random_solution(generator);
  const std::vector<Tensor> weights = test::sample_weights(solution, 1);
  const std::vector<float> samples = random_samples(generator, solution, 1600);
  const QuantizedNetwork network = quantize(solution, weights, Samples{});
  const std::vector<std::int64_t> labels(1600, 0);
  int calls = 0;
  const auto full = [&](std::int64_t) {
    ++calls;
    throw std::runtime_error("the disk is full");
  };
  EXPECT_THROW((void)deployed_accuracy(network, {samples, 1600}, labels, full), std::runtime_error);
  EXPECT_LT(calls, 100) << "all threads end";
}

}  // namespace
}  // namespace inas::dump
