#include <gtest/gtest.h>
#include <support/sample_solution.hpp>

#include <inas/core/error.hpp>
#include <inas/dump/dump.hpp>
#include <inas/dump/executor.hpp>
#include <inas/dump/host_device.hpp>
#include <inas/execution/nvm_layout.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/make_solution.hpp>

#include "random_solution.hpp"

/// What the explorer accepts the dumper accepts, and the other way round.
namespace inas::dump {
namespace {

/// A small space of any family on a device of which much or little fits.
Settings random_settings(Generator& generator) {
  Settings settings = test::sample_solution().settings;
  SearchSpace& space = settings.space;
  space.family =
      any_of(generator, std::vector{NetworkFamily::convolution_2d, NetworkFamily::convolution_1d,
                                    NetworkFamily::fully_connected});
  const std::int64_t size = random_from(generator, 3, 12);
  space.input = {random_from(generator, 1, 4), size,
                 space.family == NetworkFamily::convolution_2d ? size : 1};
  if (space.family == NetworkFamily::fully_connected) space.input.channels = 1;
  space.layers = random_from(generator, 1, 3);
  space.kernels = {1, 3};
  space.filters = {random_from(generator, 1, 4), random_from(generator, 5, 9)};
  if (space.family == NetworkFamily::fully_connected) {
    space.kernels.clear();
  } else {
    if (generator() % 2 == 0) space.pools = {1, 2};
    if (generator() % 2 == 0) space.strides = {1, 2};
    if (generator() % 2 == 0) space.paddings = {0, 1};
  }
  space.classes = random_from(generator, 2, 5);
  settings.platform.vm_bytes = any_of(generator, std::vector<std::int64_t>{120, 400, 2048});
  settings.platform.nvm_bytes = 1'000'000;
  settings.platform.data_bytes = 2;
  settings.power.capacitance_f = any_of(generator, std::vector{1e-4, 3e-4, 1e-3, 5e-3});
  if (generator() % 5 == 0) settings.power.kind = PowerKind::continuous;
  settings.explorer = generator() % 2 == 0 ? ExplorerSettings{}
                                           : ExplorerSettings{.legal = Divisors::all,
                                                              .row_mac = true,
                                                              .coalesced_dma = true,
                                                              .multiple_batches = true,
                                                              .ragged_tiles = true};
  return settings;
}

Architecture random_architecture(Generator& generator, const SearchSpace& space) {
  Architecture architecture;
  for (const Decision& decision : decisions(space)) {
    architecture.push_back(any_of(generator, decision.values));
  }
  return architecture;
}

bool dumps(const Solution& solution, std::uint64_t seed) {
  try {
    (void)make_model(solution, test::sample_weights(solution, seed));
    return true;
  } catch (const InvalidArgument&) {
    return false;
  }
}

TEST(Explored, FitsNvmIfAndOnlyIfItCanBeDumped) {
  Generator generator(23);
  int designed = 0;
  int refused = 0;
  int otherwise = 0;  // less NVM suffices for other designs, by layers and not for the schedule
  while (designed < 150) {
    Settings settings = random_settings(generator);
    const Architecture architecture = random_architecture(generator, settings.space);
    if (first_misfit(settings.space, architecture)) continue;
    const Network network = build_network(settings.space, architecture);
    explorer::Explorer plenty(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
    const explorer::NetworkResult chosen = plenty.explore(network);
    if (!chosen.feasible()) continue;
    ++designed;
    const std::int64_t need = chosen.nvm_bytes;
    for (const std::int64_t bytes : {need - 5, need - 1, need, need + 1}) {
      settings.platform.nvm_bytes = bytes;
      explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                                  settings.explorer);
      const explorer::NetworkResult result = explorer.explore(network);
      const Solution solution = make_solution(settings, architecture, network, result);
      ASSERT_EQ(result.feasible(), dumps(solution, generator()))
          << to_string(architecture) << ": " << need << " bytes needed, " << bytes << " available";
      ASSERT_TRUE(result.feasible() || bytes < need);
      if (result.feasible()) {
        ASSERT_LE(result.nvm_bytes, bytes);
      }
      refused += result.feasible() ? 0 : 1;
      otherwise += result.feasible() && bytes < need ? 1 : 0;
    }
  }
  EXPECT_EQ(refused + otherwise, 2 * designed);
  EXPECT_LT(otherwise, 10);
}

/// Networks of all types, as the explorer designs them, need the NVM that it says and run through
/// power failures.
TEST(Explored, GraphsFitAndRun) {
  Generator generator(24);
  int designed = 0;
  int refused = 0;
  while (designed < 60) {
    Settings settings = random_settings(generator);
    Network network;
    for (const LayerSolution& of : random_solution(generator).layers) {
      network.layers.push_back(of.layer);
    }
    explorer::Explorer plenty(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
    const explorer::NetworkResult result = plenty.explore(network);
    if (!result.feasible()) continue;
    ++designed;
    settings.platform.nvm_bytes = result.nvm_bytes;
    Solution solution = make_solution(settings, {}, network, result);
    const std::vector<Tensor> weights = random_weights(generator, solution);
    const std::vector<float> samples = random_samples(generator, solution, 1);
    const Model model = make_model(solution, weights, {samples, 1});
    ASSERT_EQ(model.layout.total_bytes, result.nvm_bytes);
    HostDevice device(model);
    const std::vector<std::int16_t> input = quantize_input(model.network, samples);
    const std::vector<std::int16_t> expected = run_network(model.network, input);
    ASSERT_EQ(device.run(input), expected) << designed;
    const std::int64_t written = 2 * device.counts().values_written;
    for (const std::int64_t bytes : {written / 3, written / 2, written - 2}) {
      ASSERT_EQ(device.run_again_after(input, bytes), expected) << designed;
    }
    solution.settings.platform.nvm_bytes -= 1;
    refused += dumps(solution, 1) ? 0 : 1;
  }
  EXPECT_EQ(refused, designed);
}

}  // namespace
}  // namespace inas::dump
