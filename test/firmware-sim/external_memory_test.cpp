#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "emulated_device.hpp"
#include "models.hpp"

/// The FR5994's own ELF files on the emulator with what the other tests leave out: an external
/// FRAM, and each end of a power cycle.
namespace inas::firmware {
namespace {

using Stopped = emulator::Fr5994::Stopped;

const std::filesystem::path& programs() {
  static const std::filesystem::path kFolder =
      std::filesystem::path(INAS_SIMULATED_PROGRAMS) / "Os";
  return kFolder;
}

std::unique_ptr<TestModel> simulated_model(const std::string& name) {
  for (SimulatedModel& of : simulated_models()) {
    if (of.name == name) return std::move(of.model);
  }
  return nullptr;
}

/// A model half of whose image lies in the external FRAM, with its maps and its progress.
struct Border {
  Border()
      : board(load_board((programs() / "little-fram.json").string())),
        firmware(read_firmware(programs(), "fr5994-border")),
        inference(inference_of(*simulated_model("taps"))) {}

  [[nodiscard]] EmulatedDevice device() const { return {board, firmware, inference}; }

  Board board;
  Firmware firmware;
  Inference inference;
};

TEST(ExternalFram, AModelOfBothMemoriesEqualsTheHost) {
  const std::unique_ptr<TestModel> model = large_model();
  const Inference inference = inference_of(*model);
  const Firmware firmware = read_firmware(programs(), "fr5994-external");
  ASSERT_EQ(firmware.loaders.size(), 2U);
  EmulatedDevice device(load_board("msp430fr5994"), firmware, inference);
  const std::uint64_t begin = device.part.bus().clock.cycles;
  ASSERT_TRUE(device.finish());
  EXPECT_EQ(device.output(), inference.output);
  EXPECT_FALSE(device.was_stuck);
  // What lies beyond the part's FRAM comes at 8 MHz, 16 cycles a byte.
  const std::int64_t external = model->tables().nvm_bytes - 212'992;
  EXPECT_GT(device.part.bus().clock.cycles - begin, static_cast<std::uint64_t>(16 * external));
}

TEST(ExternalFram, ABorderWithinAModelChangesNothing) {
  const Border border;
  EmulatedDevice device = border.device();
  ASSERT_TRUE(device.finish());
  EXPECT_EQ(device.output(), border.inference.output);
}

/// In the programs that load it, too: those begin again.
TEST(ExternalFram, PowerFailuresChangeNothing) {
  constexpr int kCuts = 150;
  const Border border;
  std::uint64_t cycles = 0;
  {
    EmulatedDevice device = border.device();
    const std::uint64_t begin = device.part.bus().clock.cycles;
    ASSERT_TRUE(device.finish());
    cycles = device.part.bus().clock.cycles - begin;
  }
  Generator generator(3);
  for (int i = 0; i < kCuts; ++i) {
    EmulatedDevice device = border.device();
    const std::uint64_t at = 1 + generator() % cycles;
    for (std::uint64_t power = at; !device.finish_within(power);
         power = i % 2 == 0 ? cycles + 1 : power + power / 8 + 1) {
      device.part.boot({static_cast<std::uint8_t>(generator())});
    }
    ASSERT_EQ(device.output(), border.inference.output) << "power failure after " << at;
  }
}

TEST(ExternalFram, TheFirmwareWaitsForOneThatAnswers) {
  const Border border;
  EmulatedDevice device = border.device();
  device.part.serial_fram().there = false;
  while (device.part.port3() != EmulatedDevice::kStuck) {
    ASSERT_EQ(device.part.run(), Stopped::signal);
  }
  device.part.serial_fram().there = true;
  ASSERT_TRUE(device.finish());
  EXPECT_EQ(device.output(), border.inference.output);
}

/// The model's first two layers have 5 and 4 ends of power cycles and more.
struct PowerEnd {
  explicit PowerEnd(const std::string& name)
      : inference(inference_of(*simulated_model("vectors"))),
        device(load_board("msp430fr5994"), read_firmware(programs(), "fr5994-" + name), inference) {
  }

  Inference inference;
  EmulatedDevice device;
};

TEST(PowerEnd, TheTimerSleepsForASecond) {
  PowerEnd run("timer");
  ASSERT_TRUE(run.device.finish());
  EXPECT_EQ(run.device.output(), run.inference.output);
  const std::uint64_t seconds = (run.device.part.dozed_cycles() + 8'000'000) / 16'000'000;
  EXPECT_GT(seconds, 4U);
  EXPECT_NEAR(static_cast<double>(run.device.part.dozed_cycles()),
              static_cast<double>(16'000'000 * seconds), 2000.0 * static_cast<double>(seconds));
}

TEST(PowerEnd, TheSupplyIsWaitedFor) {
  PowerEnd run("supply");
  int looks = 0;
  run.device.part.adc().supply_mv = [&] { return ++looks % 4 == 0 ? 2995 : 2985; };
  ASSERT_TRUE(run.device.finish());
  EXPECT_EQ(run.device.output(), run.inference.output);
  EXPECT_GT(looks, 16);
  // 10 ms after each look that did not suffice, three of four.
  EXPECT_EQ(run.device.part.dozed_cycles(),
            static_cast<std::uint64_t>(looks / 4 * 3) * (94 * std::uint64_t{16'000'000} / 9400));
}

TEST(PowerEnd, ThePinIsWaitedFor) {
  PowerEnd run("pin");
  int ends = 0;
  emulator::Fr5994& part = run.device.part;
  while (part.port3() != EmulatedDevice::kFinished) {
    if (part.run() != Stopped::asleep) continue;
    ASSERT_EQ(part.port3(), EmulatedDevice::kCycleFinished);
    ++ends;
    part.set_port5(EmulatedDevice::kGoOn, false);
    ASSERT_EQ(part.run(), Stopped::signal);
    part.set_port5(EmulatedDevice::kGoOn, true);
  }
  EXPECT_EQ(run.device.output(), run.inference.output);
  EXPECT_GT(ends, 4);
}

}  // namespace
}  // namespace inas::firmware
