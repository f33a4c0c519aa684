#include <gtest/gtest.h>
#include <support/sample_solution.hpp>

#include <inas/dump/executor.hpp>
#include <inas/dump/host_device.hpp>

#include "published_solutions.hpp"
#include "random_solution.hpp"

/// The 36 networks published with the paper, in their designs, with random weights, all the way
/// from a solution to the runtime.
namespace inas::dump {
namespace {

TEST(PublishedSolutions, AreDumpedAndRun) {
  Generator generator(9);
  for (const apps::PublishedSolution& published :
       apps::read_published_solutions(INAS_REFERENCE_DIR)) {
    SCOPED_TRACE(published.name);
    Solution solution = test::sample_solution();
    solution.settings.power = published.supply;
    solution.layers.clear();
    for (std::size_t l = 0; l < published.designs.size(); ++l) {
      solution.layers.push_back(
          {.layer = published.network.layers[l], .design = published.designs[l]});
    }
    const std::vector<Tensor> weights = test::sample_weights(solution, generator());
    const std::vector<float> samples = random_samples(generator, solution, 2);
    const Model model = make_model(solution, weights, {samples, 2});
    EXPECT_LE(model.vm_bytes, 2048);
    HostDevice device(model);
    const std::vector<std::int16_t> input =
        quantize_input(model.network, std::span(samples).first(samples.size() / 2));
    EXPECT_EQ(device.run(input), run_network(model.network, input));
    EXPECT_EQ(device.run(input, 6000), run_network(model.network, input));
  }
}

}  // namespace
}  // namespace inas::dump
