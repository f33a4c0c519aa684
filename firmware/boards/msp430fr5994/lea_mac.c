/* The MAC by the LEA, through TI's DSPLib. The LEA takes vectors of even length at multiples of 4
 * bytes; everything else, and vectors so short that its call takes longer (shortest_vector of
 * board.json), is the multiplier's. Both are exact: 2·Σ a·b in 32 bits, and the model's
 * weights leave the sum no room to overflow. */
#include <DSPLib.h>

#include <inas_firmware/hal.h>

#include "board.h"
#include "inas_board.h"

/* Where the LEA can write it: behind VM, of the bytes that board.json reserves; DSPLib takes the
 * others from their end. */
static _iq31 result __attribute__((section(".vm_reserved"), aligned(4)));

int32_t inas_hal_mac(const int16_t* a, const int16_t* b, uint16_t length) {
  const uint16_t even = length & 0xFFFEu;
  if (even < INAS_SHORTEST_VECTOR || (((uintptr_t)a | (uintptr_t)b) & 3u) != 0) {
    return inas_multiplier_mac(a, b, length);
  }
  msp_mac_q15_params parameters;
  parameters.length = even;
  if (msp_mac_q15(&parameters, a, b, &result) != MSP_SUCCESS) {
    return inas_multiplier_mac(a, b, length);
  }
  int32_t sum = result;
  if (even != length) sum += inas_multiplier_mac(a + even, b + even, 1);
  return sum;
}
