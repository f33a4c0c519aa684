/* Tiles by the unit that their design names, the LEA through TI's DSPLib. Both units are exact: 2·Σ
 * a·b in 32 bits, and the model's weights leave the sum no room to overflow. */
#include <DSPLib.h>

#include <inas_firmware/products.h>

#include "board.h"
#include "inas_board.h"

/* Where the LEA can write it: behind VM, of the bytes that board.json reserves; DSPLib takes the
 * others from their end. */
static _iq31 result __attribute__((section(".vm_reserved"), aligned(4)));

int32_t inas_cpu_mac(const int16_t* a, const int16_t* b, uint16_t length) {
  return inas_multiplier_mac(a, b, length);
}

int32_t inas_lea_mac(const int16_t* a, const int16_t* b, uint16_t length) {
  msp_mac_q15_params parameters;
  parameters.length = length;
  if (msp_mac_q15(&parameters, a, b, &result) != MSP_SUCCESS) {
    return inas_multiplier_mac(a, b, length);
  }
  return result;
}

void inas_hal_convolve(const inas_products* products) {
  if (products->lea) {
    inas_convolve_by_vectors(products);
  } else {
    inas_multiplier_convolve(products);
  }
}
