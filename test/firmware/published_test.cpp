#include <algorithm>

#include <gtest/gtest.h>

#include "firmware/test_model.hpp"
#include "published_solutions.hpp"

/// The 36 networks published with the paper, each layer in its published design, with random
/// weights.
namespace inas::firmware {
namespace {

std::vector<TestLayer> layers_of(const apps::PublishedSolution& solution) {
  std::vector<TestLayer> layers;
  for (std::size_t i = 0; i < solution.designs.size(); ++i) {
    layers.push_back({solution.network.layers[i], solution.designs[i]});
    if (solution.supply.kind == PowerKind::continuous) layers.back().design.batches_per_cycle = 0;
  }
  return layers;
}

/// What a batch writes to the maps.
std::uint64_t batch_bytes(const TestLayer& of) {
  const Tile& tile = of.design.tile;
  if (of.layer.type == LayerType::global_average_pool) {
    return static_cast<std::uint64_t>(2 * tile.out_channels);
  }
  return static_cast<std::uint64_t>(2 * tile.rows * tile.columns * tile.out_channels *
                                    (of.design.order == LoopOrder::reuse_O ? 1 : of.design.batch));
}

TEST(PublishedSolutions, RunThroughPowerFailures) {
  const std::vector<apps::PublishedSolution> solutions =
      apps::read_published_solutions(INAS_REFERENCE_DIR);
  ASSERT_EQ(solutions.size(), 36U);
  for (const apps::PublishedSolution& solution : solutions) {
    SCOPED_TRACE(solution.name);
    const TestModel model(layers_of(solution), 1);
    const std::vector<std::int16_t> input = model.random_input(2);
    const std::vector<std::int16_t> expected = model.expected_output(input);
    std::uint64_t batches = 0;
    std::uint64_t largest = 0;
    for (const TestLayer& of : model.layers()) {
      batches += static_cast<std::uint64_t>(counts_of(of).batches);
      largest = std::max(largest, batch_bytes(of));
    }
    TestBoard device(model, true);
    const auto run = [&](std::uint64_t failure_every) {
      model.write_input(device.nvm, input);
      inas_host_reset(&device.board);
      EXPECT_EQ(inas_host_start(&device.board, &model.tables()), INAS_HOST_DONE);
      return inas_host_finish(&device.board, &model.tables(), failure_every);
    };
    ASSERT_EQ(run(0), INAS_HOST_DONE);
    ASSERT_EQ(model.read_output(device.nvm), expected);
    ASSERT_EQ(device.board.overwritten_inputs, 0U);
    const bool continuous = solution.supply.kind == PowerKind::continuous;
    ASSERT_EQ(device.board.counts.boots, 1 + (continuous ? 1 : batches));

    // The least that a power cycle must write: the count of the cycle, the largest batch, its
    // record.
    const std::uint64_t least = 2 + largest + 8;
    for (const std::uint64_t every : {least, least + 1, 2 * least - 1, std::uint64_t{9973}}) {
      if (every < least) continue;
      ASSERT_EQ(run(every), INAS_HOST_DONE) << every;
      ASSERT_EQ(model.read_output(device.nvm), expected) << every;
    }
    // A power cycle that is reported as stuck does not write the count again.
    ASSERT_EQ(run(least - 3), INAS_HOST_STUCK);
  }
}

}  // namespace
}  // namespace inas::firmware
