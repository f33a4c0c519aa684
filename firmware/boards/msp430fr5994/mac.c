/* The MAC of boards without the LEA. */
#include <inas_firmware/hal.h>

#include "board.h"

int32_t inas_hal_mac(const int16_t* a, const int16_t* b, uint16_t length) {
  return inas_multiplier_mac(a, b, length);
}
