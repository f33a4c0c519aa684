#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/fr5994.hpp"
#include "firmware/test_model.hpp"

namespace inas::firmware {

/// An inference: its input, and the output that it has on the host, where they lie in NVM.
struct Inference {
  std::vector<std::uint8_t> input;
  std::uint32_t input_address = 0;
  std::vector<std::uint8_t> output;
  std::uint32_t output_address = 0;
};

/// An inference of `model` on a random input.
Inference inference_of(const TestModel& model);

/// The ELF files of the firmware with a model: the programs that load the external FRAM, if there
/// are any, and the firmware itself.
struct Firmware {
  std::vector<emulator::Elf> loaders;
  emulator::Elf program;
};

/// NAME.elf with NAME-loader-1.elf and so on in `folder`.
Firmware read_firmware(const std::filesystem::path& folder, const std::string& name);

/// An emulated FR5994 that was loaded as firmware/README.md says, the input lying in NVM, booted.
class EmulatedDevice {
 public:
  static constexpr std::uint8_t kRunning = 0x01, kFinished = 0x02, kStuck = 0x04,
                                kCycleFinished = 0x08;       ///< on port 3
  static constexpr std::uint8_t kGoOn = 0x20, kNext = 0x40;  ///< of port 5

  EmulatedDevice(const Board& board, const Firmware& firmware, const Inference& inference);

  /// Until the inference is finished; false if power goes before.
  bool finish();
  /// Runs from here with power for so many cycles. False if that did not suffice.
  bool finish_within(std::uint64_t cycles);
  /// The button for the next inference, once it sleeps; the last one's output is lost.
  void start_next();

  [[nodiscard]] std::vector<std::uint8_t> output();
  /// A byte of NVM, on chip or behind that in the serial FRAM.
  [[nodiscard]] std::uint8_t& nvm(std::uint32_t address);

  emulator::Fr5994 part;
  bool was_stuck = false;

 private:
  std::uint32_t on_chip_;  ///< bytes of NVM
  Inference inference_;
};

}  // namespace inas::firmware
