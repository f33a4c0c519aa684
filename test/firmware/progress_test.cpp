#include <gtest/gtest.h>
#include <inas_firmware/hal.h>

#include "firmware/test_model.hpp"

/// The progress records in NVM, through boots of the runtime: what a torn or damaged one does.
namespace inas::firmware {
namespace {

/// Two layers: 40 batches each, so that a commit changes the layer, or carries into the next byte.
std::vector<TestLayer> two_layers() {
  const Layer first = make_convolution("CONV_0", {1, 20, 1}, 2, 1, 1);
  const Layer second = make_convolution("CONV_1", first.ofm, 2, 1, 1);
  const Design design = parse_design("1_1_1_2_reuse_O_S1");
  Design of_first = design;
  of_first.tile.in_channels = 1;
  return {{first, of_first}, {second, design}};
}

TEST(Progress, NewMemoryHoldsNoInference) {
  const TestModel model(two_layers(), 1);
  for (const int fill : {0x00, 0xFF}) {
    TestBoard device(model);
    std::fill_n(device.nvm.begin() + model.tables().progress, INAS_PROGRESS_BYTES,
                static_cast<std::uint8_t>(fill));
    EXPECT_EQ(inas_host_boot(&device.board, &model.tables()), INAS_HOST_IDLE) << fill;
  }
}

/// At each commit of an inference: every prefix of its record over the older one is the old state
/// or the new one, whatever the two records are.
TEST(Progress, EveryTornCommitIsRecognised) {
  const TestModel model(two_layers(), 1);
  TestBoard device(model);
  const std::vector<std::int16_t> input = model.random_input(3);
  const std::vector<std::int16_t> expected = model.expected_output(input);
  model.write_input(device.nvm, input);
  // The sequence number wraps in these four inferences of 80 commits.
  for (int inference = 0; inference < 4; ++inference) {
    ASSERT_EQ(inas_host_start(&device.board, &model.tables()), INAS_HOST_DONE);
    for (inas_host_outcome outcome = INAS_HOST_CYCLE_ENDED; outcome != INAS_HOST_DONE;) {
      const std::vector<std::uint8_t> before = device.nvm;
      outcome = inas_host_boot(&device.board, &model.tables());
      ASSERT_TRUE(outcome == INAS_HOST_DONE || outcome == INAS_HOST_CYCLE_ENDED);
      const std::vector<std::uint8_t> after = device.nvm;
      for (std::size_t torn = 0; torn < INAS_PROGRESS_BYTES; ++torn) {
        // Records and count as if power had failed after `torn` bytes of what was written to them.
        std::copy(after.begin(), after.end(), device.nvm.begin());
        const auto progress = static_cast<std::ptrdiff_t>(model.tables().progress);
        for (std::size_t byte = 0, written = 0; byte < INAS_PROGRESS_BYTES - 2; ++byte) {
          const auto at = static_cast<std::size_t>(progress) + byte;
          const bool in_new_record = !std::equal(before.begin() + progress + (byte / 8) * 8,
                                                 before.begin() + progress + (byte / 8) * 8 + 8,
                                                 after.begin() + progress + (byte / 8) * 8);
          if (in_new_record && written++ >= torn) device.nvm[at] = before[at];
        }
        const inas_host_outcome end = inas_host_finish(&device.board, &model.tables(), 0);
        ASSERT_EQ(end, INAS_HOST_DONE) << torn;
        ASSERT_EQ(model.read_output(device.nvm), expected) << torn;
      }
      device.nvm = after;
      device.board.nvm = device.nvm.data();
    }
  }
}

/// A flipped bit in the newest record: the inference goes back to the one before.
TEST(Progress, ADamagedRecordIsNotUsed) {
  const TestModel model(two_layers(), 1);
  const std::vector<std::int16_t> input = model.random_input(3);
  for (std::size_t bit = 0; bit < 128; ++bit) {
    TestBoard device(model);
    model.write_input(device.nvm, input);
    ASSERT_EQ(inas_host_start(&device.board, &model.tables()), INAS_HOST_DONE);
    for (int boot = 0; boot < 57; ++boot) {
      ASSERT_EQ(inas_host_boot(&device.board, &model.tables()), INAS_HOST_CYCLE_ENDED);
    }
    device.nvm[model.tables().progress + bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ASSERT_EQ(inas_host_finish(&device.board, &model.tables(), 0), INAS_HOST_DONE) << bit;
    ASSERT_EQ(model.read_output(device.nvm), model.expected_output(input)) << bit;
  }
}

}  // namespace
}  // namespace inas::firmware
