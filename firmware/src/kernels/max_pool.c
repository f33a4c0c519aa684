#include <inas_firmware/hal.h>

#include "../blocks.h"
#include "../counts.h"
#include "../layer.h"

/* VM: the input tile, sized for a full one, then the S output tiles of a batch. */

/* Input values that `windows` windows cover in one direction. */
static uint16_t covered(uint16_t windows, uint16_t stride, uint16_t kernel) {
  return (uint16_t)((windows - 1u) * stride + kernel);
}

void inas_max_pool_enter(const inas_layer* layer, inas_kept* kept) {
  kept->input_map = inas_map_of(layer->in_columns, layer->in_channels);
  kept->output_map = inas_map_of(layer->out_columns, layer->out_channels);
  kept->input_values =
      (uint16_t)(covered(layer->tile_rows, layer->stride, layer->kernel_rows) *
                 covered(layer->tile_columns, layer->stride, layer->kernel_columns) *
                 layer->tile_out_channels);
  kept->output_values =
      (uint16_t)(layer->tile_rows * layer->tile_columns * layer->tile_out_channels);
}

static void fetch_input(const inas_layer* layer, const inas_kept* kept, const inas_tile* tile,
                        int16_t* vm) {
  const uint16_t stride = layer->stride;
  const inas_block block = {.address = layer->input,
                            .map = &kept->input_map,
                            .rows = {(uint16_t)(tile->rows.begin * stride),
                                     covered(tile->rows.size, stride, layer->kernel_rows)},
                            .columns = {(uint16_t)(tile->columns.begin * stride),
                                        covered(tile->columns.size, stride, layer->kernel_columns)},
                            .channels = tile->out,
                            .vm = vm,
                            .vm_channels = tile->out.size};
  inas_fetch_block(layer, &block);
}

static void back_up_output(const inas_layer* layer, const inas_kept* kept, const inas_tile* tile,
                           int16_t* vm) {
  const inas_block block = {.address = layer->output[0],
                            .map = &kept->output_map,
                            .rows = tile->rows,
                            .columns = tile->columns,
                            .channels = tile->out,
                            .vm = vm,
                            .vm_channels = tile->out.size};
  inas_back_up_block(layer, &block);
}

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
  const uint16_t row_values =
      (uint16_t)(covered(tile->columns.size, layer->stride, columns) * pixel);
  const uint16_t row_gap = (uint16_t)(row_values - columns * pixel);
  const uint16_t line = (uint16_t)(layer->stride * row_values); /* to the next row of windows */
  const uint16_t step = (uint16_t)(layer->stride * pixel);
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
      corner += step;
    }
    input += line;
  }
}

void inas_max_pool_batch(const inas_layer* layer, inas_kept* kept) {
  inas_walk* const walk = &kept->walk;
  int16_t* const input = inas_hal_vm();
  int16_t* output = input + kept->input_values;
  uint16_t row = walk->row; /* of the batch's first tile */
  uint16_t column = walk->column;

  inas_tile tile;
  for (uint16_t left = layer->batch; left > 0; --left) {
    inas_walk_tile(layer, walk, &tile);
    fetch_input(layer, kept, &tile, input);
    compute(layer, &tile, input, output);
    output += kept->output_values;
    (void)inas_walk_advance(layer, walk);
  }
  output = input + kept->input_values;
  for (uint16_t left = layer->batch; left > 0; --left) {
    tile.rows = inas_span_at(row, layer->tile_rows, walk->map_rows);
    tile.columns = inas_span_at(column, layer->tile_columns, walk->map_columns);
    back_up_output(layer, kept, &tile, output);
    output += kept->output_values;
    if (inas_next_tile(&column, layer->tile_columns, walk->map_columns)) {
      (void)inas_next_tile(&row, layer->tile_rows, walk->map_rows);
    }
  }
}
