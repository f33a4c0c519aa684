#include <inas_firmware/hal.h>

#include "../blocks.h"
#include "../counts.h"
#include "../layer.h"
#include "../windows.h"

/* VM: the input tile, sized for a full one, then the S output tiles of a batch. */

/* The largest of rows × columns values, `pixel` apart; `row_gap` from the end of a row of them to
 * the next one. */
static int16_t largest(const int16_t* value, uint16_t rows, uint16_t columns, uint16_t pixel,
                       uint16_t row_gap) {
  int16_t result = INT16_MIN;
  do {
    uint16_t left = columns;
    do {
      if (*value > result) result = *value;
      value += pixel;
    } while (--left > 0);
    value += row_gap;
  } while (--rows > 0);
  return result;
}

static void compute(const inas_layer* layer, const inas_tile* tile, const int16_t* input,
                    int16_t* output) {
  const uint16_t rows = layer->kernel_rows;
  const uint16_t columns = layer->kernel_columns;
  const uint16_t pixel = tile->out.size;
  const inas_steps steps = inas_steps_of(layer, tile, pixel);
  const uint16_t row_gap = (uint16_t)(steps.line - columns * pixel);
  const bool relu = (layer->flags & INAS_RELU) != 0;
  INAS_COUNT(INAS_MAX_POOL, tiles, 1);
  INAS_COUNT(INAS_MAX_POOL, rows, tile->rows.size);
  const uint32_t positions = (uint32_t)tile->rows.size * tile->columns.size;
  INAS_COUNT(INAS_MAX_POOL, positions, positions);
  INAS_COUNT(INAS_MAX_POOL, outputs, positions * pixel);
  INAS_COUNT(INAS_MAX_POOL, lines[0], positions * pixel * rows);
  INAS_COUNT(INAS_MAX_POOL, line_values[0], positions * pixel * rows * columns);
  for (uint16_t row = tile->rows.size; row > 0; --row) {
    const int16_t* corner = input;
    for (uint16_t column = tile->columns.size; column > 0; --column) {
      for (uint16_t channel = 0; channel < pixel; ++channel) {
        const int16_t value = largest(corner + channel, rows, columns, pixel, row_gap);
        *output++ = relu && value < 0 ? 0 : value;
      }
      corner += steps.position;
    }
    input += steps.row;
  }
}

void inas_max_pool_batch(const inas_layer* layer, inas_kept* kept) {
  inas_walk* const walk = &kept->walk;
  int16_t* const input = inas_hal_vm();
  const inas_outputs outputs = inas_outputs_of(layer, kept, input + kept->input_values);

  int16_t* output = outputs.vm;
  for (uint16_t left = layer->batch; left > 0; --left) {
    inas_tile tile;
    inas_walk_tile(layer, walk, &tile);
    inas_fetch_windows(layer, kept, &tile, &tile.out, INT16_MIN, input);
    compute(layer, &tile, input, output);
    output += kept->output_values;
    (void)inas_walk_advance(layer, walk);
  }
  inas_back_up_outputs(layer, kept, &outputs);
}
