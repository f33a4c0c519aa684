/* Tiles on a part whose LEA is not used. */
#include <inas_firmware/hal.h>

#include "board.h"

void inas_hal_convolve(const inas_products* products) { inas_multiplier_convolve(products); }
