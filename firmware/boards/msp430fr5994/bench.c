/* The FR5994 as the micro-benchmarks need it. Time: timer B0 counts SMCLK, which is the CPU's
 * clock, and timer A1 its 64th part, which says how often the former overflowed. Nothing interrupts
 * what is measured. */
#include <bench.h>

#include "pins.h"
#include "registers.h"

static uint16_t overflows; /* of timer A1, seen by inas_bench_go_on */

void inas_bench_init(void) {
  INAS_BYTE(P1REN) &= (uint8_t)~PIN_MEASURING;
  INAS_BYTE(P1OUT) &= (uint8_t)~PIN_MEASURING;
  INAS_BYTE(P1DIR) |= PIN_MEASURING;

  INAS_WORD(UCA0CTLW0) = UCSWRST | UCSSEL__SMCLK;
  INAS_WORD(UCA0BRW) = UCA0BRW_115200;
  INAS_WORD(UCA0MCTLW) = UCA0MCTLW_115200 | UCOS16;
  INAS_BYTE(P2REN) &= (uint8_t)~PINS_SERIAL_PORT;
  INAS_BYTE(P2SEL0) &= (uint8_t)~PINS_SERIAL_PORT;
  INAS_BYTE(P2SEL1) |= PINS_SERIAL_PORT;
  INAS_WORD(UCA0CTLW0) = UCSSEL__SMCLK;

  INAS_WORD(TA1EX0) = TXIDEX__8;
  INAS_WORD(TB0EX0) = 0;
}

void inas_bench_put(char character) {
  while ((INAS_WORD(UCA0IFG) & UCTXIFG) == 0) {
  }
  INAS_WORD(UCA0TXBUF) = (uint8_t)character;
}

void inas_bench_begin(void) {
  while ((INAS_WORD(UCA0STATW) & UCBUSY) != 0) {
  }
  overflows = 0;
  INAS_WORD(TA1CTL) = TXSSEL__SMCLK | TXID__8 | MC__CONTINUOUS | TXCLR;
  INAS_BYTE(P1OUT) |= PIN_MEASURING;
  INAS_WORD(TB0CTL) = TXSSEL__SMCLK | MC__CONTINUOUS | TXCLR;
}

void inas_bench_go_on(void) {
  if ((INAS_WORD(TA1CTL) & TXIFG) == 0) return;
  INAS_WORD(TA1CTL) &= (uint16_t)~TXIFG;
  ++overflows;
}

uint32_t inas_bench_end(void) {
  INAS_WORD(TB0CTL) &= (uint16_t)~MC__CONTINUOUS;
  INAS_BYTE(P1OUT) &= (uint8_t)~PIN_MEASURING;
  INAS_WORD(TA1CTL) &= (uint16_t)~MC__CONTINUOUS;
  inas_bench_go_on();
  const uint32_t about = ((uint32_t)overflows << 16 | INAS_WORD(TA1R)) * 64;
  /* Both are within 200 cycles or so of each other, of which timer B0 has the lower 16 bits. */
  return about + (uint32_t)(int32_t)(int16_t)(uint16_t)(INAS_WORD(TB0R) - (uint16_t)about);
}

void inas_bench_pause(uint16_t milliseconds) {
  for (; milliseconds > 0; --milliseconds) {
    INAS_WORD(TB0CTL) = TXSSEL__SMCLK | MC__CONTINUOUS | TXCLR;
    while (INAS_WORD(TB0R) < INAS_BENCH_CLOCK_HZ / 1000) {
    }
  }
}
