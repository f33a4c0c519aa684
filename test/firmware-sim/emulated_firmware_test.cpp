#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <inas/core/files.hpp>

#include "emulated_device.hpp"
#include "model.h"
#include "models.hpp"

/// The FR5994's own ELF files, the very ones that are flashed, on the emulator.
namespace inas::firmware {
namespace {

using Stopped = emulator::Fr5994::Stopped;

/// A model's firmware and an inference.
struct Case {
  const TestModel* model = nullptr;  ///< none: the example
  std::string name;
  Firmware firmware;
  Inference inference;
};

std::filesystem::path folder_of(const std::string& optimization) {
  return std::filesystem::path(INAS_SIMULATED_PROGRAMS) / optimization;
}

std::vector<Case> cases(const std::string& optimization) {
  static const std::vector<SimulatedModel> models = simulated_models();
  std::vector<Case> all;
  for (const SimulatedModel& of : models) {
    all.push_back({of.model.get(), of.name,
                   read_firmware(folder_of(optimization), "fr5994-" + of.name),
                   inference_of(*of.model)});
  }
  return all;
}

/// A case's part with the built-in board's memories.
struct Device : EmulatedDevice {
  explicit Device(const Case& of)
      : EmulatedDevice(load_board("msp430fr5994"), of.firmware, of.inference) {}
};

/// Watches where the power cycles of a device end, by K and by the ledger.
class Watch {
 public:
  Watch(const Case& of, Device& device) : model_(*of.model), device_(device) {
    const std::uint32_t end = of.firmware.program.symbol("inas_hal_end_power_cycle");
    device.part.on_step = [this, end](std::uint32_t at, std::uint64_t, std::uint64_t) {
      if (at == end) end_of_cycle();
    };
  }
  ~Watch() { device_.part.on_step = nullptr; }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// To be called where power failed.
  void power_failed() { begin_ = progress(); }
  [[nodiscard]] int ends() const { return ends_; }
  /// Of these, those in another place than model.h says.
  [[nodiscard]] int wrong() const { return wrong_; }

 private:
  void end_of_cycle() {
    const std::optional<Position> found = progress();
    ++ends_;
    if (found != end_of_power_cycle(model_, begin_.value_or(Position{}))) ++wrong_;
    begin_ = found;
  }
  std::optional<Position> progress() {
    std::vector<std::uint8_t> nvm(model_.tables().progress + INAS_PROGRESS_BYTES);
    for (std::uint32_t i = model_.tables().progress; i < nvm.size(); ++i) nvm[i] = device_.nvm(i);
    return progress_in(nvm, model_.tables());
  }

  const TestModel& model_;
  Device& device_;
  std::optional<Position> begin_;
  int ends_ = 0;
  int wrong_ = 0;
};

class EmulatedFirmware : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Optimization, EmulatedFirmware, testing::Values("Os", "O1"),
                         [](const auto& instance) { return instance.param; });

TEST_P(EmulatedFirmware, EqualsTheHost) {
  for (const Case& of : cases(GetParam())) {
    SCOPED_TRACE(of.name);
    Device device(of);
    const Watch watch(of, device);
    ASSERT_TRUE(device.finish());
    EXPECT_EQ(device.output(), of.inference.output);
    EXPECT_FALSE(device.was_stuck);
    TestBoard host(*of.model);
    of.model->write_input(host.nvm, of.model->random_input(1));
    ASSERT_EQ(inas_host_start(&host.board, &of.model->tables()), INAS_HOST_DONE);
    ASSERT_EQ(inas_host_finish(&host.board, &of.model->tables(), 0), INAS_HOST_DONE);
    EXPECT_EQ(watch.ends(), static_cast<int>(host.board.counts.ended_cycles));
    EXPECT_EQ(watch.wrong(), 0);
  }
}

TEST_P(EmulatedFirmware, OfTheExampleEqualsTheHost) {
  const std::filesystem::path folder = INAS_EXAMPLE_MODEL;
  const std::string input = read_file(folder / "input.bin");
  const std::string output = read_file(folder / "output.bin");
  const Case example{nullptr,
                     "example",
                     read_firmware(folder_of(GetParam()), "fr5994-example"),
                     {{input.begin(), input.end()},
                      inas_model_tables.layers[0].input,
                      {output.begin(), output.end()},
                      inas_model_tables.output}};
  Device device(example);
  ASSERT_TRUE(device.finish());
  EXPECT_EQ(device.output(), example.inference.output);
}

/// Power fails within transfers, also those that commit progress, and anywhere else; during the
/// first inference and after a restart of it. Power cycles end by a ledger that begins anew.
TEST_P(EmulatedFirmware, PowerFailuresChangeNothing) {
  constexpr int kCuts = 60;
  for (const Case& of : cases(GetParam())) {
    SCOPED_TRACE(of.name);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks;
    std::uint64_t end = 0;
    {
      Device device(of);
      device.part.dma().on_block = [&](std::uint64_t from, std::uint64_t to) {
        blocks.emplace_back(from, to);
      };
      ASSERT_TRUE(device.finish());
      end = device.part.bus().clock.cycles;
    }
    Generator generator(3);
    for (int i = 0; i < kCuts; ++i) {
      std::uint64_t at = 1 + generator() % end;
      if (i % 4 != 0) {
        const auto [from, to] = blocks[generator() % blocks.size()];
        at = from + generator() % (to - from + 1);
      }
      Device device(of);
      if (i % 2 == 0) {
        ASSERT_TRUE(device.finish());
        device.start_next();
      }
      Watch watch(of, device);
      // A second inference may be done a little earlier: it does not boot.
      if (!device.finish_within(at)) {
        watch.power_failed();
        device.part.boot({static_cast<std::uint8_t>(generator())});
        ASSERT_TRUE(device.finish());
      }
      ASSERT_EQ(device.output(), of.inference.output) << "power failure after " << at << " cycles";
      ASSERT_EQ(watch.wrong(), 0) << "power failure after " << at << " cycles";
    }
  }
}

/// A supply that chatters: hundreds of power-ups too short for a batch, then power for a while.
TEST_P(EmulatedFirmware, BouncingPowerChangesNothing) {
  for (const Case& of : cases(GetParam())) {
    SCOPED_TRACE(of.name);
    Device device(of);
    Generator generator(5);
    std::uint64_t longest = 1;
    for (int bounce = 0; bounce < 400; ++bounce) {
      if (device.finish_within(1 + generator() % 6400)) break;  // up to 0.4 ms
      device.part.boot({0x00, 0xFF});
    }
    // From here on each time a little longer, until it suffices.
    while (!device.finish_within(longest)) {
      longest += longest / 8 + 1;
      device.part.boot({static_cast<std::uint8_t>(generator()), 0x5A});
    }
    EXPECT_EQ(device.output(), of.inference.output);
  }
}

}  // namespace
}  // namespace inas::firmware
