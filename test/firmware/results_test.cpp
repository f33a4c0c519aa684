#include <gtest/gtest.h>

#include "firmware/power_failures.hpp"
#include "firmware/test_model.hpp"

namespace inas::firmware {
namespace {

/// Runs two inferences, power cycles ended by the runtime, and compares with the reference.
void expect_right(const TestModel& model) {
  SCOPED_TRACE(description(model));
  TestBoard device(model, true);
  for (const std::uint64_t seed : {11U, 12U}) {
    const std::vector<std::int16_t> input = model.random_input(seed);
    model.write_input(device.nvm, input);
    ASSERT_EQ(inas_host_start(&device.board, &model.tables()), INAS_HOST_DONE);
    ASSERT_EQ(inas_host_finish(&device.board, &model.tables(), 0), INAS_HOST_DONE);
    ASSERT_EQ(model.read_output(device.nvm), model.expected_output(input));
  }
  ASSERT_EQ(device.board.overwritten_inputs, 0U) << "a batch could not run again";
}

TEST(Results, RandomLayersAndDesigns) {
  Generator generator(1);
  for (int i = 0; i < 4000; ++i) {
    const TestModel model({random_layer(generator, i % 2 == 0 ? 5 : 9)}, generator());
    expect_right(model);
    if (HasFatalFailure()) return;
  }
}

TEST(Results, VectorsAreSplit) {
  Generator generator(2);
  for (int i = 0; i < 500; ++i) {
    const TestModel model({random_layer(generator, 8)}, generator(),
                          random_from(generator, 1, 7) * 2);
    expect_right(model);
    if (HasFatalFailure()) return;
  }
}

/// Layers read what those before them wrote, some of it long before.
TEST(Results, Networks) {
  Generator generator(3);
  for (int i = 0; i < 500; ++i) {
    std::vector<TestLayer> network =
        random_graph(generator, random_from(generator, 4, 8), 2 + generator() % 6);
    const std::int64_t budget = i % 3 == 0 ? 0 : random_ledger(generator, network);
    const TestModel model(network, generator(), 0,
                          i % 2 == 0 ? Placement::apart : Placement::shared, budget);
    expect_right(model);
    if (HasFatalFailure()) return;
  }
}

TEST(Results, NothingToDoBeforeTheFirstStart) {
  Generator generator(4);
  const TestModel model({random_layer(generator, 5)}, 1);
  TestBoard device(model);
  const std::vector<std::uint8_t> before = device.nvm;
  EXPECT_EQ(inas_host_boot(&device.board, &model.tables()), INAS_HOST_IDLE);
  EXPECT_EQ(device.nvm, before);
}

TEST(Results, AFinishedInferenceIsNotRunAgain) {
  Generator generator(5);
  const TestModel model({random_layer(generator, 5)}, 1);
  TestBoard device(model);
  ASSERT_EQ(inas_host_start(&device.board, &model.tables()), INAS_HOST_DONE);
  ASSERT_EQ(inas_host_finish(&device.board, &model.tables(), 0), INAS_HOST_DONE);
  const std::vector<std::uint8_t> finished = device.nvm;
  inas_host_reset(&device.board);
  EXPECT_EQ(inas_host_boot(&device.board, &model.tables()), INAS_HOST_DONE);
  EXPECT_EQ(device.nvm, finished);
  EXPECT_EQ(device.board.counts.reads + device.board.counts.macs, 0U);
}

/// 300 inferences: the sequence number wraps more than once.
TEST(Results, SequenceNumbersWrap) {
  const Layer layer = make_fully_connected("FC", {3, 1, 1}, 2);
  const TestModel model({{layer, parse_design("1_1_1_1_reuse_O_S1")}}, 7);
  TestBoard device(model);
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::vector<std::int16_t> input = model.random_input(seed);
    model.write_input(device.nvm, input);
    ASSERT_EQ(inas_host_start(&device.board, &model.tables()), INAS_HOST_DONE);
    ASSERT_EQ(inas_host_finish(&device.board, &model.tables(), 0), INAS_HOST_DONE);
    ASSERT_EQ(model.read_output(device.nvm), model.expected_output(input));
  }
}

}  // namespace
}  // namespace inas::firmware
