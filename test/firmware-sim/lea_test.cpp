#include <gtest/gtest.h>

#include "emulated_device.hpp"
#include "models.hpp"

/// The firmware that drives the LEA by its registers, on the emulator's model of it.
namespace inas::firmware {
namespace {

TEST(Lea, ByItsRegistersEqualsTheHostAlsoWithPowerFailures) {
  constexpr int kCuts = 60;
  const std::unique_ptr<TestModel> model = lea_model();
  const Inference inference = inference_of(*model);
  const Firmware firmware =
      read_firmware(std::filesystem::path(INAS_SIMULATED_PROGRAMS) / "Os", "fr5994-lea");
  TestBoard host(*model);
  ASSERT_EQ(inas_host_start(&host.board, &model->tables()), INAS_HOST_DONE);
  ASSERT_EQ(inas_host_finish(&host.board, &model->tables(), 0), INAS_HOST_DONE);
  const inas_work_counts& vectors = host.board.counts.work[INAS_CONVOLUTION_BY_LEA];
  ASSERT_GT(vectors.lines[INAS_UNIT_LEA], 100U);
  ASSERT_GT(vectors.lines[INAS_UNIT_CPU], 100U);

  EmulatedDevice device(load_board("msp430fr5994"), firmware, inference);
  ASSERT_TRUE(device.finish());
  EXPECT_EQ(device.output(), inference.output);
  EXPECT_EQ(device.part.lea().commands, vectors.lines[INAS_UNIT_LEA]);

  const std::uint64_t cycles = device.part.bus().clock.cycles;
  Generator generator(1);
  for (int i = 0; i < kCuts; ++i) {
    device.start_next();
    if (!device.finish_within(1 + generator() % cycles)) {
      device.part.boot({static_cast<std::uint8_t>(generator())});
      ASSERT_TRUE(device.finish());
    }
    ASSERT_EQ(device.output(), inference.output) << "cut " << i;
  }
}

}  // namespace
}  // namespace inas::firmware
