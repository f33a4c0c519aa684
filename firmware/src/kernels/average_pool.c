#include <inas_firmware/hal.h>

#include "../blocks.h"
#include "../counts.h"
#include "../layer.h"
#include "../windows.h"

/* VM: the input tile, sized for a full one, then the S output tiles of a batch. */

/* Σ of rows × columns values, `pixel` apart; `row_gap` from the end of a row of them to the next
 * one. */
static int32_t sum_of(const int16_t* value, uint16_t rows, uint16_t columns, uint16_t pixel,
                      uint16_t row_gap) {
  int32_t sum = 0;
  do {
    uint16_t left = columns;
    do {
      sum += *value;
      value += pixel;
    } while (--left > 0);
    value += row_gap;
  } while (--rows > 0);
  return sum;
}

/* ⌊sum/count + 1/2⌋ of so many 16-bit values, count < 2^15. With 2^15·count added, nothing is
 * negative and the quotient has 16 bits: as many steps find it, half of what a division of 32 bits
 * takes. */
static int16_t rounded_mean(int32_t sum, uint16_t count) {
  uint32_t left = (uint32_t)sum + ((uint32_t)count << 15) + count / 2;
  for (uint8_t bits = 16; bits > 0; --bits) {
    left <<= 1; /* the dividend leaves at the top, the quotient enters below */
    if ((uint16_t)(left >> 16) >= count) {
      left -= (uint32_t)count << 16;
      left |= 1u;
    }
  }
  return (int16_t)((uint16_t)left ^ 0x8000u);
}

/* How many of the `size` rows (columns) of a window, the first of which is row `at` of the block,
 * lie in the map. */
static uint16_t inside(uint16_t at, uint16_t size, const inas_cover* cover) {
  const uint16_t map_end = (uint16_t)(cover->before + cover->inside.size);
  const uint16_t end = (uint16_t)(at + size);
  return (uint16_t)((end < map_end ? end : map_end) - (at > cover->before ? at : cover->before));
}

static void compute(const inas_layer* layer, const inas_tile* tile, const int16_t* input,
                    int16_t* output) {
  const uint16_t rows = layer->kernel_rows;
  const uint16_t columns = layer->kernel_columns;
  const uint16_t pixel = tile->out.size;
  const inas_steps steps = inas_steps_of(layer, tile, pixel);
  const uint16_t row_gap = (uint16_t)(steps.line - columns * pixel);
  const bool relu = (layer->flags & INAS_RELU) != 0;
  const inas_cover cover_rows = inas_cover_rows(layer, tile);
  const inas_cover cover_columns = inas_cover_columns(layer, tile);
  INAS_COUNT(INAS_AVERAGE_POOL, tiles, 1);
  INAS_COUNT(INAS_AVERAGE_POOL, rows, tile->rows.size);
  const uint32_t positions = (uint32_t)tile->rows.size * tile->columns.size;
  INAS_COUNT(INAS_AVERAGE_POOL, positions, positions);
  INAS_COUNT(INAS_AVERAGE_POOL, outputs, positions * pixel);
  INAS_COUNT(INAS_AVERAGE_POOL, lines[0], positions * pixel * rows);
  INAS_COUNT(INAS_AVERAGE_POOL, line_values[0], positions * pixel * rows * columns);
  uint16_t row_at = 0; /* of the window, in the block */
  for (uint16_t row = tile->rows.size; row > 0; --row) {
    const uint16_t rows_inside = inside(row_at, rows, &cover_rows);
    const int16_t* corner = input;
    uint16_t column_at = 0;
    for (uint16_t column = tile->columns.size; column > 0; --column) {
      const uint16_t count = (uint16_t)(rows_inside * inside(column_at, columns, &cover_columns));
      for (uint16_t channel = 0; channel < pixel; ++channel) {
        const int32_t sum = sum_of(corner + channel, rows, columns, pixel, row_gap);
        const int16_t value = rounded_mean(sum, count);
        *output++ = relu && value < 0 ? 0 : value;
      }
      corner += steps.position;
      column_at = (uint16_t)(column_at + layer->stride);
    }
    input += steps.row;
    row_at = (uint16_t)(row_at + layer->stride);
  }
}

void inas_average_pool_batch(const inas_layer* layer, inas_kept* kept) {
  inas_walk* const walk = &kept->walk;
  int16_t* const input = inas_hal_vm();
  const inas_outputs outputs = inas_outputs_of(layer, kept, input + kept->input_values);

  int16_t* output = outputs.vm;
  for (uint16_t left = layer->batch; left > 0; --left) {
    inas_tile tile;
    inas_walk_tile(layer, walk, &tile);
    inas_fetch_windows(layer, kept, &tile, &tile.out, 0, input);
    compute(layer, &tile, input, output);
    output += kept->output_values;
    (void)inas_walk_advance(layer, walk);
  }
  inas_back_up_outputs(layer, kept, &outputs);
}
