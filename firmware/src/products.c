#include <inas_firmware/products.h>

#include "layer.h"

/* A vector of the LEA, as far as it can: `longest` is even, so that its parts begin where it can
 * take them. */
static int32_t lea_vector(const int16_t* a, const int16_t* b, uint16_t length, uint16_t longest) {
  uint16_t left = length & 0xFFFEu;
  if (left == 0 || (((uintptr_t)a | (uintptr_t)b) & 3u) != 0) return inas_cpu_mac(a, b, length);
  int32_t sum = 0;
  while (longest != 0 && left > longest) {
    sum += inas_lea_mac(a, b, longest);
    a += longest;
    b += longest;
    left = (uint16_t)(left - longest);
  }
  sum += inas_lea_mac(a, b, left);
  if ((length & 1u) != 0) sum += inas_cpu_mac(a + left, b + left, 1);
  return sum;
}

/* A line of the LEA. */
static int32_t lea_line(const inas_products* products, const int16_t* a, const int16_t* b) {
  const uint16_t vector = products->vector;
  int32_t sum = 0;
  for (uint16_t left = products->length; left > 0; left = (uint16_t)(left - vector)) {
    sum += lea_vector(a, b, vector, products->longest);
    a += vector;
    b += vector;
  }
  return sum;
}

/* Right shifts of negative values are arithmetic on every compiler that this is built with. */
__attribute__((weak)) int16_t inas_add_scaled(int32_t sum, int16_t before, uint8_t shift) {
  return inas_saturate16(before + (shift == 0 ? sum : ((sum >> (shift - 1)) + 1) >> 1));
}

void inas_convolve_by_vectors(const inas_products* products) {
  const uint16_t length = products->length;
  const int16_t* row_input = products->input;
  int16_t* output = products->output;
  for (uint16_t row = 0; row < products->rows; ++row) {
    const int16_t* corner = row_input;
    for (uint16_t column = 0; column < products->columns; ++column) {
      const int16_t* weight = products->weights;
      for (uint16_t channel = 0; channel < products->channels; ++channel) {
        const int16_t* line = corner;
        int32_t sum = products->bias != 0 ? 2 * products->bias[channel] : 0;
        for (uint16_t i = 0; i < products->lines; ++i) {
          sum +=
              products->lea ? lea_line(products, line, weight) : inas_cpu_mac(line, weight, length);
          line += products->input_line;
          weight += length;
        }
        const int16_t before = products->first ? 0 : output[channel];
        const int16_t value = inas_add_scaled(sum, before, products->shifts[channel]);
        output[channel] = products->relu && value < 0 ? 0 : value;
      }
      corner += products->input_step;
      output += products->output_step;
    }
    row_input += products->input_row;
  }
}

void inas_depthwise_by_values(const inas_products* products) {
  const uint16_t pixel = products->channels;
  const int16_t* row_input = products->input;
  int16_t* output = products->output;
  for (uint16_t row = 0; row < products->rows; ++row) {
    const int16_t* corner = row_input;
    for (uint16_t column = 0; column < products->columns; ++column) {
      for (uint16_t channel = 0; channel < pixel; ++channel) {
        const int16_t* weight = products->weights + channel;
        const int16_t* line = corner + channel;
        int32_t sum = products->bias != 0 ? products->bias[channel] : 0;
        for (uint16_t i = 0; i < products->lines; ++i) {
          const int16_t* value = line;
          for (uint16_t left = products->length; left > 0; --left) {
            sum += (int32_t)*value * *weight;
            value += pixel;
            weight += pixel;
          }
          line += products->input_line;
        }
        const int16_t value = inas_add_scaled(2 * sum, 0, products->shifts[channel]);
        output[channel] = products->relu && value < 0 ? 0 : value;
      }
      corner += products->input_step;
      output += products->output_step;
    }
    row_input += products->input_row;
  }
}
