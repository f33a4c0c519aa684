#include "bench_run.hpp"

#include <inas/core/board.hpp>

#include "emulator/fr5994.hpp"

namespace inas::firmware {

BenchRun run_bench(const emulator::Elf& program) {
  constexpr std::uint8_t kMeasuring = 0x10;  // of port 1
  emulator::Fr5994 part(load_board("msp430fr5994"), program);
  BenchRun run;
  part.uart().on_byte = [&](std::uint8_t byte) { run.csv += static_cast<char>(byte); };
  bool high = false;
  part.on_port1 = [&](std::uint8_t pins) {
    const bool now = (pins & kMeasuring) != 0;
    if (now && !high) run.blocks.push_back({part.bus().clock.cycles, 0});
    if (high && !now) run.blocks.back().end = part.bus().clock.cycles;
    high = now;
  };
  part.boot({0xA5});
  while (part.run() != emulator::Fr5994::Stopped::asleep) {
  }
  run.baud = part.uart().baud();
  return run;
}

}  // namespace inas::firmware
