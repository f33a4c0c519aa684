#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "emulator/elf.hpp"

namespace inas::firmware {

/// A block of repetitions, while the pin was high: cycles of the CPU's clock.
struct BenchBlock {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// What the micro-benchmarks of firmware/bench do on the emulated FR5994.
struct BenchRun {
  std::string csv;  ///< what they sent
  double baud = 0;
  std::vector<BenchBlock> blocks;
};

/// Runs the program until it sleeps, or has sent so many lines.
BenchRun run_bench(const emulator::Elf& program,
                   std::size_t most_lines = std::numeric_limits<std::size_t>::max());

}  // namespace inas::firmware
