#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include <inas/dump/executor.hpp>
#include <inas/dump/host_device.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/make_solution.hpp>

#include "random_solution.hpp"
#include "tinas_networks.hpp"

/// The 12 networks published with TiNAS, in the designs that the explorer finds at their supply,
/// with random weights, through power failures.
namespace inas::dump {
namespace {

/// The fewest bytes with which a power cycle finishes any batch: the count of the cycle, the
/// largest batch, its record.
std::int64_t least_bytes(const Solution& solution) {
  std::int64_t largest = 0;
  for (const LayerSolution& of : solution.layers) {
    const auto& [rows, columns, out_channels, in_channels] = of.design.tile;
    const bool pools = of.layer.type == LayerType::global_average_pool;
    const std::int64_t values = out_channels * (pools ? 1 : rows * columns);
    const bool once = pools || of.design.order == LoopOrder::reuse_O;
    largest = std::max(largest, 2 * values * (once ? 1 : of.design.batch));
  }
  return 2 + largest + 8;
}

/// Designs with the ledger, and each layer by itself.
class TinasNetworks : public testing::TestWithParam<bool> {};

TEST_P(TinasNetworks, RunThroughPowerFailuresAsTheReference) {
  Generator generator(10);
  int run = 0;
  for (const apps::TinasNetwork& of : apps::read_tinas_networks(INAS_REFERENCE_DIR)) {
    SCOPED_TRACE(of.name);
    Settings settings;
    settings.platform.nvm_bytes = published_platform().nvm_bytes;  // some need more than on chip
    settings.explorer.ledger = GetParam();
    costmodel::Device priced = costmodel::make_device(settings.platform, settings.power);
    priced.supply = settings.power = of.supply;
    explorer::Explorer explorer(priced, settings.explorer);
    const explorer::NetworkResult result = explorer.explore(of.network);
    ASSERT_TRUE(result.feasible());

    const Solution solution = explorer::make_solution(settings, {}, of.network, result);
    const std::vector<Tensor> weights = random_weights(generator, solution);
    const std::vector<float> samples = random_samples(generator, solution, 1);
    const Model model = make_model(solution, weights, {samples, 1});
    EXPECT_EQ(model.layout.total_bytes, result.nvm_bytes);
    HostDevice device(model);
    const std::vector<std::int16_t> input = quantize_input(model.network, samples);
    const std::vector<std::int16_t> expected = run_network(model.network, input);
    EXPECT_GT(std::set(expected.begin(), expected.end()).size(), 1U);
    ASSERT_EQ(device.run(input), expected);
    const std::int64_t written = 2 * device.counts().values_written;
    const std::int64_t least = least_bytes(solution);
    for (const std::int64_t every : {least, least + 1, 2 * least - 1, std::int64_t{9973}}) {
      ASSERT_EQ(device.run(input, every), expected) << every;
      EXPECT_GT(device.counts().power_cycles, written / every);
    }
    for (const std::int64_t bytes : {written / 3, written - 2}) {
      ASSERT_EQ(device.run_again_after(input, bytes), expected) << bytes;
    }
    ++run;
  }
  EXPECT_EQ(run, 12);
}

INSTANTIATE_TEST_SUITE_P(Schedules, TinasNetworks, testing::Bool(),
                         [](const auto& of) { return of.param ? "Ledger" : "ByLayers"; });

}  // namespace
}  // namespace inas::dump
