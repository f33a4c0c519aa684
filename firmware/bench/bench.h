/// What a board gives to the micro-benchmarks besides board.h: its file bench.c. It also defines
/// INAS_BENCH_CLOCK_HZ (the build, from board.json's clock_hz).
#ifndef INAS_BENCH_H
#define INAS_BENCH_H

#include <stdint.h>

/// Called once, after inas_board_init.
void inas_bench_init(void);

/// Sends a character by the serial port, 115200 baud, 8 data bits, no parity, 1 stop bit.
void inas_bench_put(char character);

/// Waits until the serial port is at rest. Then a block is measured: a pin is high, and the CPU's
/// cycles are counted.
void inas_bench_begin(void);

/// To be called while a block is measured, at least every 4 million cycles.
void inas_bench_go_on(void);

/// The block ends. Returns its cycles.
uint32_t inas_bench_end(void);

void inas_bench_pause(uint16_t milliseconds);

#endif
