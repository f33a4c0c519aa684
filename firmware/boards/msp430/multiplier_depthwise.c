/* Tiles of depthwise convolutions by the hardware multiplier, in which the products of an output
 * value add up. */
#include <inas_firmware/products.h>

#include "multiplier.h"

#define REGISTER(address) (*(volatile uint16_t*)(address))

/* Adds lines × length products to what the multiplier has, and takes the sum from it: half of what
 * model.h calls so. A function of its own, in which nothing else is multiplied. */
static __attribute__((noinline)) int32_t sum_of(const inas_products* products, const int16_t* line,
                                                const int16_t* weight, uint16_t line_gap) {
  const uint16_t pixel = products->channels;
  const uint16_t length = products->length;
  uint16_t lines = products->lines;
  do {
    uint16_t left = length;
    do {
      REGISTER(MACS) = (uint16_t)*line;
      REGISTER(OP2) = (uint16_t)*weight;
      line += pixel;
      weight += pixel;
    } while (--left > 0);
    line += line_gap;
  } while (--lines > 0);
  const uint16_t low = REGISTER(RESLO);
  return (int32_t)(low | (uint32_t)REGISTER(RESHI) << 16);
}

static void begin_with(int32_t sum) {
  REGISTER(RESLO) = (uint16_t)(uint32_t)sum;
  REGISTER(RESHI) = (uint16_t)((uint32_t)sum >> 16);
}

void inas_hal_depthwise(const inas_products* products) {
  const int16_t* row_input = products->input;
  int16_t* output = products->output;
  const uint16_t line_gap =
      (uint16_t)(products->input_line - products->length * products->channels);
  for (uint16_t row = products->rows; row > 0; --row) {
    const int16_t* corner = row_input;
    for (uint16_t column = products->columns; column > 0; --column) {
      for (uint16_t channel = 0; channel < products->channels; ++channel) {
        begin_with(products->bias != 0 ? products->bias[channel] : 0);
        const int32_t sum =
            sum_of(products, corner + channel, products->weights + channel, line_gap);
        const int16_t value = inas_add_scaled(2 * sum, 0, products->shifts[channel]);
        output[channel] = products->relu && value < 0 ? 0 : value;
      }
      corner += products->input_step;
      output += products->output_step;
    }
    row_input += products->input_row;
  }
}
