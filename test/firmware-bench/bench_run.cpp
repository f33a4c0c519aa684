#include "bench_run.hpp"

#include <inas/core/board.hpp>

#include "emulator/fr5994.hpp"

namespace inas::firmware {

BenchRun run_bench(const emulator::Elf& program, std::size_t most_lines) {
  struct Enough {};
  constexpr std::uint8_t kMeasuring = 0x10;  // of port 1
  emulator::Fr5994 part(load_board("msp430fr5994"), program);
  BenchRun run;
  std::size_t lines = 0;
  part.uart().on_byte = [&](std::uint8_t byte) {
    run.csv += static_cast<char>(byte);
    if (byte == '\n' && ++lines == most_lines) throw Enough{};
  };
  bool high = false;
  part.on_port1 = [&](std::uint8_t pins) {
    const bool now = (pins & kMeasuring) != 0;
    if (now && !high) run.blocks.push_back({part.bus().clock.cycles, 0});
    if (high && !now) run.blocks.back().end = part.bus().clock.cycles;
    high = now;
  };
  part.boot({0xA5});
  try {
    while (part.run() != emulator::Fr5994::Stopped::asleep) {
    }
  } catch (const Enough&) {
  }
  run.baud = part.uart().baud();
  return run;
}

}  // namespace inas::firmware
