#include "table_executor.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

#include <device_tables.hpp>
#include <gtest/gtest.h>

#include <inas/dump/dump.hpp>
#include <inas/dump/executor.hpp>
#include <inas/dump/host_device.hpp>

#include "random_solution.hpp"

/// The reference executor and the runtime compute what model.h says, read from the dumped tables
/// and the image by who knows nothing else.
namespace inas::dump {
namespace {

std::vector<std::int16_t> by_tables(const Model& model, const std::vector<std::int16_t>& input) {
  const std::vector<inas_layer> layers = layer_tables(model);
  const inas_model table = model_table(model, layers);
  const std::string image = nvm_image(model);
  std::vector<std::uint8_t> nvm(image.begin(), image.end());
  nvm.resize(table.nvm_bytes);
  auto at = static_cast<std::size_t>(table.layers[0].input);
  for (const std::int16_t value : input) {
    nvm.at(at++) = static_cast<std::uint8_t>(static_cast<std::uint16_t>(value) & 0xFF);
    nvm.at(at++) = static_cast<std::uint8_t>(static_cast<std::uint16_t>(value) >> 8);
  }
  return execute_tables(table, nvm);
}

TEST(TableExecutor, ComputesWhatTheReferenceExecutorAndTheRuntimeDo) {
  std::map<LayerType, int> compared;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    Generator generator(seed);
    const Solution solution = random_solution(generator);
    const std::vector<Tensor> weights = random_weights(generator, solution);
    std::vector<float> samples = random_samples(generator, solution, 2);
    const auto size = static_cast<std::size_t>(solution.layers.front().layer.ifm.values());
    const Model model = make_model(solution, weights, {std::span(samples).first(size), 1});
    HostDevice device(model);
    // The second sample is one that the scales were not calibrated on, so that values saturate.
    for (std::size_t v = size; v < 2 * size; ++v) samples[v] *= 8;
    for (std::size_t s = 0; s < 2; ++s) {
      const std::vector<std::int16_t> input =
          quantize_input(model.network, std::span(samples).subspan(s * size, size));
      const std::vector<std::int16_t> expected = by_tables(model, input);
      ASSERT_EQ(run_network(model.network, input), expected) << "seed " << seed;
      ASSERT_EQ(device.run(input), expected) << "seed " << seed;
    }
    for (const LayerSolution& of : solution.layers) ++compared[of.layer.type];
  }
  for (const LayerType type : kLayerTypes) EXPECT_GT(compared[type], 50) << to_string(type);
}

}  // namespace
}  // namespace inas::dump
