#include "power_end.h"

#include "pins.h"
#include "registers.h"

/* From instructions.S: until the timer's interrupt, with its clock on. */
void inas_doze(void);

void inas_power_end_never(void) {}

void inas_power_end_pin(void) { inas_board_sleep_until_low(PIN_GO_ON); }

/* The low-frequency oscillator has about 9.4 kHz. */
static void doze_ms(uint32_t milliseconds) {
  enum { kMostTicks = 30000 };
  uint32_t ticks = milliseconds * 94 / 10;
  while (ticks > 0) {
    const uint16_t some = ticks < kMostTicks ? (uint16_t)ticks : kMostTicks;
    INAS_WORD(TA0CCR0) = some;
    INAS_WORD(TA0CCTL0) = CCIE;
    INAS_WORD(TA0CTL) = TASSEL__ACLK | MC__UP | TACLR;
    inas_doze();
    INAS_WORD(TA0CTL) = 0;
    ticks -= some;
  }
}

void inas_power_end_timer(void) { doze_ms(INAS_POWER_END_MS); }

/* Half the supply in 4096ths of the internal reference of 2 V. Below 2.2 V the reference sinks with
 * the supply, and the result stays near 2,100, less than any voltage to wait for. */
static uint16_t half_supply(void) {
  INAS_WORD(REFCTL0) = REFVSEL_1 | REFON;
  while ((INAS_WORD(REFCTL0) & REFGENRDY) == 0) {
  }
  INAS_WORD(ADC12CTL0) = ADC12SHT0_9 | ADC12ON;
  INAS_WORD(ADC12CTL1) = ADC12SHP;
  INAS_WORD(ADC12CTL2) = ADC12RES__12BIT;
  INAS_WORD(ADC12CTL3) = ADC12BATMAP;
  INAS_WORD(ADC12MCTL0) = ADC12VRSEL_1 | ADC12INCH_31;
  INAS_WORD(ADC12IFGR0) = 0;
  INAS_WORD(ADC12CTL0) |= ADC12ENC | ADC12SC;
  while ((INAS_WORD(ADC12IFGR0) & ADC12IFG0) == 0) {
  }
  const uint16_t result = INAS_WORD(ADC12MEM0);
  INAS_WORD(ADC12CTL0) &= (uint16_t)~ADC12ENC;
  INAS_WORD(ADC12CTL0) = 0;
  INAS_WORD(REFCTL0) = 0;
  return result;
}

void inas_power_end_supply(void) {
  enum { kTwiceReferenceMv = 4000 };
  const uint16_t enough =
      (uint16_t)((INAS_POWER_END_MV * 4096ul + kTwiceReferenceMv - 1) / kTwiceReferenceMv);
  while (half_supply() < enough) doze_ms(10);
}
