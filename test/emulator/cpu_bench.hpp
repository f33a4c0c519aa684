#pragma once

#include <vector>

#include "emulator/cpu.hpp"

namespace inas::emulator {

inline constexpr std::uint32_t kCode = 0x1C00, kData = 0x2000, kStack = 0x2800;

/// A CPU with code and data in RAM, where nothing waits.
struct Bench {
  explicit Bench(const std::vector<std::uint16_t>& code) {
    for (std::size_t i = 0; i < code.size(); ++i) {
      bus.write(kCode + 2 * static_cast<std::uint32_t>(i), code[i], Width::word);
    }
    cpu.r[0] = kCode;
    cpu.r[1] = kStack;
  }

  /// The cycles of the next instruction.
  std::uint64_t step() {
    const std::uint64_t before = bus.clock.cycles;
    cpu.step();
    return bus.clock.cycles - before;
  }

  Bus bus{load_board("msp430fr5994")};
  Cpu cpu{bus};
};

}  // namespace inas::emulator
