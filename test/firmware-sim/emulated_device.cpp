#include "emulated_device.hpp"

#include <fmt/format.h>

#include <inas/core/error.hpp>

#include "models.hpp"

namespace inas::firmware {
namespace {

constexpr std::uint32_t kNvm = 0x10000;  ///< where the board puts NVM address 0

}  // namespace

Inference inference_of(const TestModel& model) {
  const std::vector<std::int16_t> input = model.random_input(1);
  return {bytes_of(input), model.tables().layers[0].input, bytes_of(model.expected_output(input)),
          model.tables().output};
}

Firmware read_firmware(const std::filesystem::path& folder, const std::string& name) {
  Firmware firmware;
  for (int number = 1;; ++number) {
    const auto loader = folder / fmt::format("{}-loader-{}.elf", name, number);
    if (!std::filesystem::exists(loader)) break;
    firmware.loaders.push_back(emulator::read_elf(loader));
  }
  firmware.program = emulator::read_elf(folder / (name + ".elf"));
  return firmware;
}

EmulatedDevice::EmulatedDevice(const Board& board, const Firmware& firmware,
                               const Inference& inference)
    : part(board, firmware.loaders.empty() ? firmware.program : firmware.loaders.front()),
      on_chip_(static_cast<std::uint32_t>(board.memory("high_fram")->bytes)),
      inference_(inference) {
  for (const emulator::Elf& loader : firmware.loaders) {
    part.flash(loader);
    part.boot({0x5A});
    if (!finish() || was_stuck) throw Error("a loader did not finish");
  }
  part.flash(firmware.program);
  for (std::size_t i = 0; i < inference.input.size(); ++i) {
    nvm(inference.input_address + static_cast<std::uint32_t>(i)) = inference.input[i];
  }
  part.boot({0xA5});
}

bool EmulatedDevice::finish() {
  for (;;) {
    const emulator::Fr5994::Stopped stopped = part.run();
    if (stopped == emulator::Fr5994::Stopped::power_gone) return false;
    if (part.port3() == kStuck) was_stuck = true;
    if (part.port3() == kFinished) return true;
    if (stopped == emulator::Fr5994::Stopped::asleep) throw Error("asleep before the end");
  }
}

bool EmulatedDevice::finish_within(std::uint64_t cycles) {
  part.bus().clock.power_until = part.bus().clock.cycles + cycles;
  const bool finished = finish();
  part.bus().clock.power_until = UINT64_MAX;
  return finished;
}

void EmulatedDevice::start_next() {
  while (part.run() != emulator::Fr5994::Stopped::asleep) {
  }
  for (std::size_t i = 0; i < inference_.output.size(); ++i) {
    nvm(inference_.output_address + static_cast<std::uint32_t>(i)) ^= 0xFF;
  }
  part.set_port5(kNext, false);
  while (part.port3() != kRunning) {
    if (part.run() == emulator::Fr5994::Stopped::asleep) throw Error("the button starts nothing");
  }
  part.set_port5(kNext, true);
}

std::vector<std::uint8_t> EmulatedDevice::output() {
  std::vector<std::uint8_t> bytes(inference_.output.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = nvm(inference_.output_address + static_cast<std::uint32_t>(i));
  }
  return bytes;
}

std::uint8_t& EmulatedDevice::nvm(std::uint32_t address) {
  if (address < on_chip_) return part.bus().byte(kNvm + address);
  return part.serial_fram().bytes().at(address - on_chip_);
}

}  // namespace inas::firmware
