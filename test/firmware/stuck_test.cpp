#include <algorithm>

#include <gtest/gtest.h>
#include <inas_firmware/runtime.h>

#include "firmware/power_failures.hpp"
#include "firmware/test_model.hpp"

/// Power cycles that finish no batch: counted, reported, and never the end of an inference.
namespace inas::firmware {
namespace {

/// A device in the middle of things, and what the reports should be.
class Device {
 public:
  Device(const TestModel& model, std::uint64_t seed)
      : model_(model), device_(model, true), input_(model.random_input(seed)) {
    model.write_input(device_.nvm, input_);
    EXPECT_EQ(inas_host_start(&device_.board, &model.tables()), INAS_HOST_DONE);
  }

  /// One power-up that ends after so many NVM bytes or calls of the HAL, if it does not end by
  /// itself. A single byte would tear the count, which may then be one off: not here.
  inas_host_outcome boot(std::uint64_t bytes, std::uint64_t calls) {
    EXPECT_NE(bytes, 1U);
    inas_host_reset(&device_.board);
    device_.board.bytes_until_failure = bytes;
    device_.board.calls_until_failure = calls;
    const inas_host_outcome outcome = inas_host_boot(&device_.board, &model_.tables());
    const inas_host_counts& counts = device_.board.counts;

    const bool goes_on = counts.progress_reads > 0 && outcome != INAS_HOST_IDLE && !done_;
    const bool reported = goes_on && fruitless_ >= INAS_FRUITLESS_CYCLES;
    EXPECT_EQ(counts.stuck_cycles, reported ? 1U : 0U) << fruitless_ << " fruitless";
    const bool counted = goes_on && !reported && counts.progress_writes > 0;
    const std::uint64_t commits = counts.progress_writes - (counted ? 1 : 0);
    EXPECT_EQ(device_.board.stuck, reported && commits == 0) << "the report goes with a commit";
    if (commits > 0) {
      fruitless_ = 0;
    } else if (counted) {
      ++fruitless_;
    }
    commits_ += commits;
    reports_ += counts.stuck_cycles;
    done_ = outcome == INAS_HOST_DONE;
    return outcome;
  }

  [[nodiscard]] bool right() const {
    return done_ && device_.board.overwritten_inputs == 0 &&
           model_.read_output(device_.nvm) == model_.expected_output(input_);
  }
  void restart() {
    inas_host_reset(&device_.board);
    ASSERT_EQ(inas_host_start(&device_.board, &model_.tables()), INAS_HOST_DONE);
    fruitless_ = 0;
    done_ = false;
  }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }
  [[nodiscard]] std::uint64_t reports() const { return reports_; }
  [[nodiscard]] bool done() const { return done_; }

 private:
  const TestModel& model_;
  TestBoard device_;
  std::vector<std::int16_t> input_;
  std::uint64_t fruitless_ = 0;
  std::uint64_t commits_ = 0;
  std::uint64_t reports_ = 0;
  bool done_ = false;
};

constexpr std::uint64_t kNever = INAS_HOST_NEVER;

/// Bursts of up to 300 power-ups of a few bytes or calls, between power-ups of any length.
TEST(Stuck, BouncingPowerNeverEndsAnInference) {
  Generator generator(31);
  std::uint64_t reports = 0;
  for (int i = 0; i < 200; ++i) {
    std::vector<TestLayer> layers{random_layer(generator, 4)};
    const std::int64_t budget = i % 2 == 0 ? random_ledger(generator, layers) : 0;
    const TestModel model(layers, generator(), 0, Placement::apart, budget);
    SCOPED_TRACE(description(model));
    Device device(model, generator());
    while (!device.done()) {
      for (std::int64_t left = random_from(generator, 0, 300); left > 0; --left) {
        if (generator() % 2 == 0) {
          device.boot(generator() % 8 == 0 ? 0 : 2 + generator() % 6, kNever);
        } else {
          device.boot(kNever, generator() % 5);
        }
      }
      // Long enough for the next batch, or for all of them.
      const std::uint64_t before = device.commits();
      for (std::uint64_t calls = 5 + generator() % 200;
           device.commits() == before && !device.done(); calls *= 2) {
        device.boot(kNever, calls);
      }
      ASSERT_FALSE(HasFailure());
    }
    EXPECT_TRUE(device.right());
    reports += device.reports();
  }
  EXPECT_GT(reports, 1000U);
}

/// Too little for any batch, for thousands of power cycles: reported from a bounded number on, in
/// every one of them, and nothing is lost.
TEST(Stuck, ADesignThatCannotFinishABatchIsReportedAndCorruptsNothing) {
  const Layer layer = make_convolution("CONV", {2, 5, 5}, 4, 2, 2);
  const TestModel model({{layer, parse_design("2_2_4_1_reuse_I_S1")}}, 3);
  Device device(model, 4);
  for (int cycle = 0; cycle < 3; ++cycle) device.boot(kNever, kNever);
  const std::uint64_t commits = device.commits();
  ASSERT_GT(commits, 0U);
  for (int cycle = 0; cycle < 5000; ++cycle) {
    device.boot(32 + 7, kNever);  // the outputs, and not all of the record
    ASSERT_EQ(device.reports(),
              static_cast<std::uint64_t>(std::max(0, cycle + 1 - INAS_FRUITLESS_CYCLES)));
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_EQ(device.commits(), commits);
  while (!device.done()) device.boot(kNever, kNever);
  EXPECT_TRUE(device.right());
}

/// The first batch of a power cycle runs whatever it takes: no ledger makes an inference stuck.
TEST(Stuck, ALedgerThatIsTooSmallForABatchIsNot) {
  const Layer layer = make_fully_connected("FC", {4, 1, 1}, 60);
  const TestModel model({{layer, parse_design("1_1_1_4_reuse_I_S1_K0"), {65535, 65535, 65535}}}, 3,
                        0, Placement::apart, 1);
  Device device(model, 4);
  for (std::uint64_t cycle = 1; cycle <= 60; ++cycle) {
    device.boot(kNever, kNever);
    ASSERT_EQ(device.commits(), cycle);
  }
  EXPECT_TRUE(device.right());
  EXPECT_EQ(device.reports(), 0U);
}

/// A report takes no transfer, and saturated the count is not written again.
TEST(Stuck, AReportedPowerCycleWritesNoCount) {
  const Layer layer = make_fully_connected("FC", {4, 1, 1}, 2);
  const TestModel model({{layer, parse_design("1_1_2_4_reuse_I_S1")}}, 3);
  TestBoard device(model);
  ASSERT_EQ(inas_host_start(&device.board, &model.tables()), INAS_HOST_DONE);
  for (int cycle = 0; cycle < 1000; ++cycle) {
    inas_host_reset(&device.board);
    device.board.calls_until_failure = 2;
    ASSERT_EQ(inas_host_boot(&device.board, &model.tables()), INAS_HOST_POWER_FAILED);
    const bool reported = cycle >= INAS_FRUITLESS_CYCLES;
    ASSERT_EQ(device.board.stuck, reported);
    ASSERT_EQ(device.board.counts.progress_reads, 1U);
    ASSERT_EQ(device.board.counts.progress_writes, reported ? 0U : 1U);
  }
}

/// The board that finishes inferences for others gives up only after a reported power cycle.
TEST(Stuck, TheHostBoardSaysSo) {
  const Layer layer = make_fully_connected("FC", {4, 1, 1}, 2);
  const TestModel model({{layer, parse_design("1_1_2_4_reuse_I_S1")}}, 3);
  const std::uint64_t output = 4;
  const std::uint64_t record = 8;
  for (const std::uint64_t every : {output + record - 1, output + record}) {
    TestBoard device(model);
    ASSERT_EQ(inas_host_start(&device.board, &model.tables()), INAS_HOST_DONE);
    inas_host_reset(&device.board);
    EXPECT_EQ(inas_host_finish(&device.board, &model.tables(), every),
              every < output + record ? INAS_HOST_STUCK : INAS_HOST_DONE);
    EXPECT_EQ(device.board.counts.boots, INAS_FRUITLESS_CYCLES + 1U);
    EXPECT_EQ(device.board.counts.stuck_cycles, 1U);
  }
}

TEST(Stuck, ARestartedInferenceIsNot) {
  const Layer layer = make_convolution("CONV", {2, 5, 5}, 4, 2, 2);
  const TestModel model({{layer, parse_design("2_2_4_1_reuse_I_S1")}}, 3);
  Device device(model, 4);
  device.boot(kNever, kNever);
  for (int cycle = 0; cycle < 100; ++cycle) device.boot(2, kNever);
  EXPECT_GT(device.reports(), 0U);
  device.restart();
  while (!device.done()) device.boot(kNever, kNever);
  EXPECT_TRUE(device.right());
}

}  // namespace
}  // namespace inas::firmware
