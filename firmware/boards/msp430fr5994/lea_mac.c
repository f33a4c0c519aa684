/* The LEA through TI's DSPLib. */
#include <DSPLib.h>

#include <inas_firmware/products.h>

#include "board.h"
#include "inas_board.h"

/* Where the LEA can write it: behind VM, of the bytes that board.json reserves; DSPLib takes the
 * others from their end. */
static _iq31 result __attribute__((section(".vm_reserved"), aligned(4)));

int32_t inas_lea_mac(const int16_t* a, const int16_t* b, uint16_t length) {
  msp_mac_q15_params parameters;
  parameters.length = length;
  if (msp_mac_q15(&parameters, a, b, &result) != MSP_SUCCESS) {
    return inas_multiplier_mac(a, b, length);
  }
  return result;
}
