/// What a board of this family gives to the main program that all of them share.
#ifndef INAS_MSP430_BOARD_H
#define INAS_MSP430_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include <inas_firmware/hal.h>

/// What the outside is told.
typedef enum inas_signal {
  INAS_SIGNAL_RUNNING,        ///< an inference goes on
  INAS_SIGNAL_FINISHED,       ///< its output lies in NVM
  INAS_SIGNAL_STUCK,          ///< it goes on, but many power cycles in a row finished no batch
  INAS_SIGNAL_CYCLE_FINISHED  ///< progress is safe, power may go
} inas_signal;

/// Clocks, pins, memories; called at every boot, before anything else.
void inas_board_init(void);

void inas_board_signal(inas_signal signal);

/// Waits until the next inference is asked for, which may be never.
void inas_board_wait_for_request(void);

/// inas_hal_convolve by the hardware multiplier, whatever `lea` says.
void inas_multiplier_convolve(const inas_products* products);

/// As inas_cpu_mac of products.h, by the hardware multiplier.
int32_t inas_multiplier_mac(const int16_t* a, const int16_t* b, uint16_t length);

#endif
