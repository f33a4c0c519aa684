#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/sample_solution.hpp>

#include <inas/dump/executor.hpp>
#include <inas/dump/host_device.hpp>

#include "random_solution.hpp"

/// The runtime on the host board against the reference executor.
namespace inas::dump {
namespace {

TEST(HostDevice, EqualsTheReferenceOnRandomNetworksAndDesigns) {
  Generator generator(4);
  for (int i = 0; i < 600; ++i) {
    const Solution solution = random_solution(generator);
    const std::vector<Tensor> weights = test::sample_weights(solution, generator());
    const std::vector<float> calibration = random_samples(generator, solution, 2);
    const Model model = make_model(solution, weights, {calibration, 2});
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
    const Solution solution = random_solution(generator);
    const std::vector<Tensor> weights = test::sample_weights(solution, generator());
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

}  // namespace
}  // namespace inas::dump
