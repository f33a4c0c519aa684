/* Tiles by the unit that their design names. Both units are exact: 2·Σ a·b in 32 bits, and the
 * model's weights leave the sum no room to overflow. */
#include <inas_firmware/products.h>

#include "board.h"

int32_t inas_cpu_mac(const int16_t* a, const int16_t* b, uint16_t length) {
  return inas_multiplier_mac(a, b, length);
}

void inas_hal_convolve(const inas_products* products) {
  if (products->lea) {
    inas_convolve_by_vectors(products);
  } else {
    inas_multiplier_convolve(products);
  }
}
