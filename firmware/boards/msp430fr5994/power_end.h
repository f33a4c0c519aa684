/// What the device does at the end of a power cycle, when progress is safe: one of these functions,
/// which the build option INAS_POWER_END names. Each returns when the device may go on without a
/// boot; where something cuts the supply, none does.
#ifndef INAS_MSP430FR5994_POWER_END_H
#define INAS_MSP430FR5994_POWER_END_H

#include <stdint.h>

/// Goes on at once.
void inas_power_end_never(void);

/// Sleeps for INAS_POWER_END_MS, by the internal low-frequency oscillator, thus within a half.
void inas_power_end_timer(void);

/// Sleeps until the supply has INAS_POWER_END_MV, looking every 10 ms with the ADC.
void inas_power_end_supply(void);

/// Sleeps until pin P5.5 is low.
void inas_power_end_pin(void);

/// Sleeps until the input of port 5 is low.
void inas_board_sleep_until_low(uint8_t pin);

#endif
