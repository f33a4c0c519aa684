#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <inas/core/files.hpp>

#include "emulator/fr5994.hpp"
#include "model.h"
#include "models.hpp"

/// The FR5994's own ELF files, the very ones that are flashed, on the emulator.
namespace inas::firmware {
namespace {

using emulator::Fr5994;
using Stopped = Fr5994::Stopped;

constexpr std::uint32_t kNvm = 0x10000;                  ///< where the board puts NVM address 0
constexpr std::uint8_t kFinished = 0x02, kStuck = 0x04;  ///< on port 3
constexpr std::uint8_t kNext = 0x40;                     ///< of port 5

/// A model with an input, and the output that it has on the host.
struct Expected {
  std::string name;
  std::vector<std::uint8_t> input;
  std::uint32_t input_address = 0;
  std::vector<std::uint8_t> output;
  std::uint32_t output_address = 0;
};

std::vector<Expected> models() {
  std::vector<Expected> all;
  for (const SimulatedModel& of : simulated_models()) {
    const std::vector<std::int16_t> input = of.model->random_input(1);
    all.push_back({of.name, bytes_of(input), of.model->tables().layers[0].input,
                   bytes_of(of.model->expected_output(input)), of.model->tables().output});
  }
  return all;
}

/// A part on which the model's program is flashed and its input lies in NVM, booted.
class Device {
 public:
  Device(const std::string& optimization, const Expected& model)
      : part(load_board("msp430fr5994"),
             emulator::read_elf(std::filesystem::path(INAS_SIMULATED_PROGRAMS) / optimization /
                                ("fr5994-" + model.name + ".elf"))),
        model_(model) {
    for (std::size_t i = 0; i < model.input.size(); ++i) {
      nvm(model.input_address, i) = model.input[i];
    }
    part.boot({0xA5});
  }

  /// Until the inference is finished; false if power goes before.
  bool finish() {
    for (;;) {
      const Stopped stopped = part.run();
      if (stopped == Stopped::power_gone) return false;
      if (part.port3() == kStuck) was_stuck = true;
      if (part.port3() == kFinished) return true;
      if (stopped == Stopped::asleep) {
        ADD_FAILURE() << "asleep before the end";
        return true;
      }
    }
  }

  /// Runs from a boot with power for so many cycles. False if that did not suffice.
  bool finish_within(std::uint64_t cycles) {
    part.bus().clock.power_until = part.bus().clock.cycles + cycles;
    const bool finished = finish();
    part.bus().clock.power_until = UINT64_MAX;
    return finished;
  }

  /// The button for the next inference, once it sleeps.
  void start_next() {
    while (part.run() != Stopped::asleep) {
    }
    part.set_port5(kNext, false);
    part.set_port5(kNext, true);
  }

  [[nodiscard]] std::vector<std::uint8_t> output() {
    std::vector<std::uint8_t> bytes(model_.output.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = nvm(model_.output_address, i);
    return bytes;
  }

  Fr5994 part;
  bool was_stuck = false;

 private:
  std::uint8_t& nvm(std::uint32_t address, std::size_t offset) {
    return part.bus().byte(kNvm + address + static_cast<std::uint32_t>(offset));
  }

  const Expected& model_;
};

class EmulatedFirmware : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Optimization, EmulatedFirmware, testing::Values("Os", "O1"),
                         [](const auto& instance) { return instance.param; });

TEST_P(EmulatedFirmware, EqualsTheHost) {
  for (const Expected& model : models()) {
    SCOPED_TRACE(model.name);
    Device device(GetParam(), model);
    ASSERT_TRUE(device.finish());
    EXPECT_EQ(device.output(), model.output);
    EXPECT_FALSE(device.was_stuck);
  }
}

TEST_P(EmulatedFirmware, OfTheExampleEqualsTheHost) {
  const std::filesystem::path folder = INAS_EXAMPLE_MODEL;
  const std::string input = read_file(folder / "input.bin");
  const std::string output = read_file(folder / "output.bin");
  const Expected example{"example",
                         {input.begin(), input.end()},
                         inas_model_tables.layers[0].input,
                         {output.begin(), output.end()},
                         inas_model_tables.output};
  Device device(GetParam(), example);
  ASSERT_TRUE(device.finish());
  EXPECT_EQ(device.output(), example.output);
}

/// Power fails within transfers, also those that commit progress, and anywhere else; during the
/// first inference and after a restart of it.
TEST_P(EmulatedFirmware, PowerFailuresChangeNothing) {
  constexpr int kCuts = 60;
  for (const Expected& model : models()) {
    SCOPED_TRACE(model.name);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks;
    std::uint64_t end = 0;
    {
      Device device(GetParam(), model);
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
      Device device(GetParam(), model);
      if (i % 2 == 0) {
        ASSERT_TRUE(device.finish());
        device.start_next();
      }
      // A second inference may be done a little earlier: it does not boot.
      if (!device.finish_within(at)) {
        device.part.boot({static_cast<std::uint8_t>(generator())});
        ASSERT_TRUE(device.finish());
      }
      ASSERT_EQ(device.output(), model.output) << "power failure after " << at << " cycles";
    }
  }
}

/// A supply that chatters: hundreds of power-ups too short for a batch, then power for a while.
TEST_P(EmulatedFirmware, BouncingPowerChangesNothing) {
  for (const Expected& model : models()) {
    SCOPED_TRACE(model.name);
    Device device(GetParam(), model);
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
    EXPECT_EQ(device.output(), model.output);
  }
}

}  // namespace
}  // namespace inas::firmware
