#include <fmt/format.h>

#include "bench_run.hpp"

/// Runs the micro-benchmarks on the emulator: what they send goes to standard output.
int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(
        stderr,
        "usage: inas-emulate-bench ELF\n"
        "Runs the micro-benchmarks of firmware/bench on the emulated FR5994 and prints the CSV "
        "that they send.\n");
    return 2;
  }
  try {
    fmt::print("{}", inas::firmware::run_bench(inas::emulator::read_elf(argv[1])).csv);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "inas-emulate-bench: {}\n", error.what());
    return 2;
  }
}
