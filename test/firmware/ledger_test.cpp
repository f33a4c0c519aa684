#include <gtest/gtest.h>

#include <inas/core/network.hpp>
#include <inas/execution/power_cycle_walk.hpp>

#include "firmware/power_failures.hpp"
#include "firmware/test_model.hpp"

/// Where power cycles end by the ledger.
namespace inas::firmware {
namespace {

/// A board in an inference of `model`, booted one power cycle at a time.
class Device {
 public:
  explicit Device(const TestModel& model)
      : model_(model), device_(model, true), input_(model.random_input(1)) {
    model.write_input(device_.nvm, input_);
    EXPECT_EQ(inas_host_start(&device_.board, &model.tables()), INAS_HOST_DONE);
  }

  /// Where the next power cycle ends, if no power fails before NVM byte or call `at`.
  Position boot() {
    inas_host_reset(&device_.board);
    return boot_on();
  }
  Position boot_until_byte(std::uint64_t at) {
    inas_host_reset(&device_.board);
    device_.board.bytes_until_failure = at;
    return boot_on();
  }
  Position boot_until_call(std::uint64_t at) {
    inas_host_reset(&device_.board);
    device_.board.calls_until_failure = at;
    return boot_on();
  }

  [[nodiscard]] bool done() const { return outcome_ == INAS_HOST_DONE; }
  [[nodiscard]] inas_host_outcome outcome() const { return outcome_; }
  [[nodiscard]] bool right() const {
    return done() && device_.board.overwritten_inputs == 0 &&
           model_.read_output(device_.nvm) == model_.expected_output(input_);
  }

 private:
  Position boot_on() {
    outcome_ = inas_host_boot(&device_.board, &model_.tables());
    return progress_in(device_.nvm, model_.tables()).value();
  }

  const TestModel& model_;
  TestBoard device_;
  std::vector<std::int16_t> input_;
  inas_host_outcome outcome_ = INAS_HOST_POWER_FAILED;
};

/// Where the power cycles of an undisturbed inference end.
std::vector<Position> ends_of(const TestModel& model) {
  Device device(model);
  std::vector<Position> ends;
  while (!device.done()) {
    ends.push_back(device.boot());
    if (device.outcome() != INAS_HOST_CYCLE_ENDED && !device.done()) {
      ADD_FAILURE() << "outcome " << device.outcome();
      break;
    }
  }
  EXPECT_TRUE(device.right());
  return ends;
}

/// Eight batches that share their input tile.
TestLayer eight_batches(const char* name, LedgerUnits units, const char* K = "_K0") {
  const Layer layer = make_fully_connected(name, {8, 1, 1}, 8);
  return {layer, parse_design(std::string("1_1_1_8_reuse_I_S1") + K), units};
}

std::vector<Position> ends_of(const std::vector<TestLayer>& layers, std::int64_t budget) {
  return ends_of(TestModel(layers, 1, 0, Placement::apart, budget));
}

std::vector<Position> in_layer(std::initializer_list<std::int64_t> batches) {
  std::vector<Position> ends;
  for (const std::int64_t batch : batches) ends.push_back({0, batch});
  ends.push_back({1, 0});
  return ends;
}

TEST(Ledger, ABatchThatNeedsAllThatIsLeftRuns) {
  const TestLayer layer = eight_batches("FC", {10, 20, 5});
  EXPECT_EQ(ends_of({layer}, 10 + 20 + 3 * 5), in_layer({4}));
  EXPECT_EQ(ends_of({layer}, 10 + 20 + 7 * 5), in_layer({}));
}

TEST(Ledger, ABatchThatNeedsOneMoreEndsThePowerCycle) {
  const TestLayer layer = eight_batches("FC", {10, 20, 5});
  EXPECT_EQ(ends_of({layer}, 10 + 20 + 3 * 5 - 1), in_layer({3, 6}));
  EXPECT_EQ(ends_of({layer}, 10 + 20 + 7 * 5 - 1), in_layer({7}));
}

TEST(Ledger, AFirstBatchDearerThanTheBudgetRunsAndEndsThePowerCycle) {
  const auto every = in_layer({1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(ends_of({eight_batches("FC", {10, 20, 5})}, 29), every);
  EXPECT_EQ(ends_of({eight_batches("FC", {0, 20, 1})}, 19), every);
  EXPECT_EQ(ends_of({eight_batches("FC", {20, 0, 1})}, 19), every);
  // It leaves nothing, which is enough for batches that need nothing.
  EXPECT_EQ(ends_of({eight_batches("FC", {10, 20, 0})}, 29), in_layer({}));
}

TEST(Ledger, UnitsDoNotOverflow) {
  const auto every = in_layer({1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(ends_of({eight_batches("FC", {65535, 65535, 1})}, 65535), every);
  EXPECT_EQ(ends_of({eight_batches("FC", {65535, 2, 1})}, 65535), every);
  EXPECT_EQ(ends_of({eight_batches("FC", {1, 65535, 1})}, 65535), every);
  EXPECT_EQ(ends_of({eight_batches("FC", {65528, 0, 1})}, 65535), in_layer({}));
}

TEST(Ledger, WithoutABudgetUnitsEndNothing) {
  const LedgerUnits units{65535, 65535, 65535};
  EXPECT_EQ(ends_of({eight_batches("FC", units)}, 0), in_layer({}));
  EXPECT_EQ(ends_of({eight_batches("FC", units, "_K4")}, 0), in_layer({4}));
}

TEST(Ledger, KIsABoundBesides) {
  const LedgerUnits units{0, 2, 1};
  EXPECT_EQ(ends_of({eight_batches("FC", units, "_K4")}, 100), in_layer({4}));
  EXPECT_EQ(ends_of({eight_batches("FC", units, "_K4")}, 4), in_layer({3, 4, 7}));
  EXPECT_EQ(ends_of({eight_batches("FC", units, "_K8")}, 4), in_layer({3, 6}));
}

/// Two output channels with four batches each, which share weights; a power cycle that goes on in
/// the middle of them fetches these.
TEST(Ledger, TheOperandIsFetchedWhereARunBeginsOrAPowerCycleGoesOn) {
  const Layer layer = make_convolution("CONV", {1, 4, 1}, 2, 1, 1);
  const TestLayer of{layer, parse_design("1_1_1_1_reuse_W_S1_K0"), {0, 10, 1}};
  EXPECT_EQ(ends_of({of}, 13), in_layer({4}));
  EXPECT_EQ(ends_of({of}, 23), in_layer({5}));
  EXPECT_EQ(ends_of({of}, 11), in_layer({2, 4, 6}));
}

TEST(Ledger, PoolingAndAdditionKeepNothing) {
  const std::string input(kNetworkInputName);
  for (const Layer& layer : {make_max_pooling("POOL", {1, 8, 1}, 1, 1, 1),
                             make_average_pooling("POOL", {1, 8, 1}, 1, 1, 1),
                             make_add("ADD", {1, 8, 1}, input, input)}) {
    const TestLayer of{layer, parse_design("1_1_1_1_reuse_W_S1_K0"), {0, 10, 0}};
    EXPECT_EQ(ends_of({of}, 20), in_layer({2, 4, 6})) << to_string(layer.type);
  }
}

TEST(Ledger, DepthwiseConvolutionKeepsItsWeights) {
  const Layer layer = make_depthwise_convolution("DWCONV", {2, 4, 1}, 1, 1);
  const TestLayer of{layer, parse_design("1_1_1_1_reuse_W_S1_K0"), {0, 10, 1}};
  EXPECT_EQ(ends_of({of}, 13), in_layer({4}));
  EXPECT_EQ(ends_of({of}, 11), in_layer({2, 4, 6}));
}

TEST(Ledger, APowerCycleRunsOnOverTheEndsOfLayers) {
  const std::vector<TestLayer> layers{eight_batches("A", {1, 3, 2}), eight_batches("B", {2, 4, 1}),
                                      eight_batches("C", {3, 5, 1})};
  const std::int64_t all = (1 + 3 + 7 * 2) + (2 + 4 + 7 * 1) + (3 + 5 + 7 * 1);
  EXPECT_EQ(ends_of(layers, all), (std::vector<Position>{{3, 0}}));
  EXPECT_EQ(ends_of(layers, all - 1), (std::vector<Position>{{2, 7}, {3, 0}}));
  // It ends before a layer whose entry is too dear, and enters it in the next one.
  EXPECT_EQ(ends_of(layers, 1 + 3 + 7 * 2), (std::vector<Position>{{1, 0}, {2, 0}, {3, 0}}));
  EXPECT_EQ(ends_of(layers, 1 + 3 + 7 * 2 + 2 + 4 - 1),
            (std::vector<Position>{{1, 0}, {2, 3}, {3, 0}}));
  EXPECT_EQ(ends_of(layers, 1 + 3 + 7 * 2 + 2 + 4),
            (std::vector<Position>{{1, 1}, {2, 5}, {3, 0}}));
}

/// Bounded and unbounded layers: a power cycle ends after K batches, not at the end of others.
TEST(Ledger, ALayerWithABoundEndsItsPowerCyclesAmongOthers) {
  const std::vector<TestLayer> layers{eight_batches("A", {1, 1, 1}),
                                      eight_batches("B", {1, 1, 1}, "_K4"),
                                      eight_batches("C", {1, 1, 1})};
  EXPECT_EQ(ends_of(layers, 1000), (std::vector<Position>{{1, 4}, {2, 0}, {3, 0}}));
}

TEST(Ledger, BeginsAnewAfterAPowerFailure) {
  const TestModel model({eight_batches("FC", {10, 20, 5})}, 1, 0, Placement::apart,
                        10 + 20 + 3 * 5);
  const Position third{0, 2};
  // In its calls: the progress is read, the cycle counted, then batches.
  for (std::uint64_t call = 0;; ++call) {
    Device device(model);
    const Position before = device.boot_until_call(call);
    ASSERT_LE(before, (Position{0, 4}));
    const Position after = device.boot();
    ASSERT_EQ(after, before.batch < 4 ? (Position{0, before.batch + 4}) : (Position{1, 0}));
    while (!device.done()) (void)device.boot();
    ASSERT_TRUE(device.right());
    if (before == third) break;
  }
  // Bytes: the count of the cycle, two batches of an output and a record each, a part of the third.
  Device device(model);
  EXPECT_EQ(device.boot_until_byte(2 + 2 * (2 + 8) + 5), third);
  EXPECT_EQ(device.outcome(), INAS_HOST_POWER_FAILED);
  EXPECT_EQ(device.boot(), (Position{0, 6}));
  EXPECT_EQ(device.boot(), (Position{1, 0}));
  EXPECT_TRUE(device.right());
}

/// A power failure right before the end of a power cycle is no other than that end.
TEST(Ledger, APowerFailureBeforeTheEndOfAPowerCycleIsItsEnd) {
  const TestModel model({eight_batches("FC", {10, 20, 5})}, 1, 0, Placement::apart, 40);
  Device device(model);
  EXPECT_EQ(device.boot_until_byte(2 + 3 * (2 + 8)), (Position{0, 3}));
  EXPECT_EQ(device.outcome(), INAS_HOST_CYCLE_ENDED);
  EXPECT_EQ(device.boot(), (Position{0, 6}));
}

/// Where the cost model's walk says that power cycles end.
std::vector<Position> walked_ends(const TestModel& model) {
  std::vector<execution::WalkedLayer> layers;
  for (const TestLayer& of : model.layers()) {
    layers.push_back(execution::walked_layer(of.layer, of.design, of.units));
  }
  Position at;
  std::vector<Position> ends;
  const auto run = [&](const execution::CycleSegment& segment) {
    const auto layer = static_cast<std::int64_t>(segment.layer);
    EXPECT_EQ(at, (Position{layer, segment.begin}));
    const bool whole = segment.end == layers[segment.layer].batches;
    at = whole ? Position{layer + 1, 0} : Position{layer, segment.end};
  };
  execution::for_each_power_cycle({model.tables().ledger_budget, 1}, layers, run,
                                  [&] { ends.push_back(at); });
  return ends;
}

/// Batches of random layers and networks, whatever their units: the result is the reference's
/// (`ends_of`), and every power cycle ends where model.h says and the cost model's walk has it.
TEST(Ledger, PowerCyclesOfRandomModelsEndWhereTheTablesSay) {
  Generator generator(1);
  std::int64_t ends_within = 0;  // a layer
  std::int64_t ran_on = 0;       // over the end of a layer
  for (int i = 0; i < 5000; ++i) {
    std::vector<TestLayer> layers;
    const std::int64_t count = random_from(generator, 1, 4);
    layers.push_back(random_layer(generator, 6));
    while (static_cast<std::int64_t>(layers.size()) < count) {
      TestLayer next = random_layer(generator, 6);
      next.layer =
          make_fully_connected("FC", layers.back().layer.ofm, random_from(generator, 1, 5));
      next.design = random_design(generator, next.layer);
      layers.push_back(next);
    }
    const std::int64_t budget = random_ledger(generator, layers);
    const TestModel model(layers, generator(), 0, Placement::shared, budget);
    SCOPED_TRACE(description(model));
    const std::vector<Position> ends = ends_of(model);
    ASSERT_EQ(ends, walked_ends(model));
    Position at;
    for (const Position& end : ends) {
      ASSERT_EQ(end, end_of_power_cycle(model, at));
      ends_within += end.batch > 0 ? 1 : 0;
      ran_on += end.layer > at.layer + (end.batch > 0 ? 0 : 1) ? 1 : 0;
      at = end;
    }
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(ends_within, 3000);
  EXPECT_GT(ran_on, 1000);
}

}  // namespace
}  // namespace inas::firmware
