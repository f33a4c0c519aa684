#pragma once

#include <cstdint>
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

/// Runs the program until it sleeps.
BenchRun run_bench(const emulator::Elf& program);

}  // namespace inas::firmware
