#include <inas_firmware/hal.h>

#include "../blocks.h"
#include "../layer.h"

/* VM: the input tile, sized for a full one, then the S output tiles of a batch. */

/* A tile: what it covers of the output map. */
typedef struct {
  inas_span rows, columns, channels;
} tile_spans;

/* Input values that `windows` windows cover in one direction. */
static uint16_t covered(uint16_t windows, uint16_t stride, uint16_t kernel) {
  return (uint16_t)((windows - 1u) * stride + kernel);
}

static void fetch_input(const inas_layer* layer, const tile_spans* tile, int16_t* vm) {
  const uint16_t stride = layer->stride;
  const inas_block block = {.map = layer->input,
                            .map_columns = layer->in_columns,
                            .map_channels = layer->in_channels,
                            .rows = {(uint16_t)(tile->rows.begin * stride),
                                     covered(tile->rows.size, stride, layer->kernel_rows)},
                            .columns = {(uint16_t)(tile->columns.begin * stride),
                                        covered(tile->columns.size, stride, layer->kernel_columns)},
                            .channels = tile->channels,
                            .vm = vm,
                            .vm_channels = tile->channels.size,
                            .coalesced = (layer->flags & INAS_COALESCED) != 0};
  inas_fetch_block(&block);
}

static void back_up_output(const inas_layer* layer, const tile_spans* tile, int16_t* vm) {
  const inas_block block = {.map = layer->output[0],
                            .map_columns = layer->out_columns,
                            .map_channels = layer->out_channels,
                            .rows = tile->rows,
                            .columns = tile->columns,
                            .channels = tile->channels,
                            .vm = vm,
                            .vm_channels = tile->channels.size,
                            .coalesced = (layer->flags & INAS_COALESCED) != 0};
  inas_back_up_block(&block);
}

/* The largest of kernel_rows × kernel_columns values, `pixel` apart, rows of them `row` apart. */
static int16_t largest(const inas_layer* layer, const int16_t* corner, uint16_t pixel,
                       uint16_t row) {
  int16_t result = INT16_MIN;
  for (uint16_t i = 0; i < layer->kernel_rows; ++i) {
    const int16_t* value = corner;
    for (uint16_t j = 0; j < layer->kernel_columns; ++j) {
      if (*value > result) result = *value;
      value += pixel;
    }
    corner += row;
  }
  return result;
}

static void compute(const inas_layer* layer, const tile_spans* tile, const int16_t* input,
                    int16_t* output) {
  const uint16_t pixel = tile->channels.size;
  const uint16_t row_values =
      (uint16_t)(covered(tile->columns.size, layer->stride, layer->kernel_columns) * pixel);
  const uint16_t line = (uint16_t)(layer->stride * row_values); /* to the next row of windows */
  const uint16_t step = (uint16_t)(layer->stride * pixel);
  const bool relu = (layer->flags & INAS_RELU) != 0;
  for (uint16_t row = 0; row < tile->rows.size; ++row) {
    for (uint16_t column = 0; column < tile->columns.size; ++column) {
      const int16_t* const corner = input + row * line + column * step;
      for (uint16_t channel = 0; channel < pixel; ++channel) {
        const int16_t value = largest(layer, corner + channel, pixel, row_values);
        *output++ = relu && value < 0 ? 0 : value;
      }
    }
  }
}

/* Tile `position` of those with `channels`, `columns` of them in a row. */
static tile_spans tile_at(const inas_layer* layer, uint32_t position, uint16_t columns,
                          inas_span channels) {
  const uint16_t row = (uint16_t)(position / columns);
  const uint16_t column = (uint16_t)(position - (uint32_t)row * columns);
  tile_spans tile;
  tile.rows = inas_tile_span(row, layer->tile_rows, layer->out_rows);
  tile.columns = inas_tile_span(column, layer->tile_columns, layer->out_columns);
  tile.channels = channels;
  return tile;
}

void inas_max_pool_batch(const inas_layer* layer, uint32_t batch) {
  const uint16_t rows = inas_tile_count(layer->out_rows, layer->tile_rows);
  const uint16_t columns = inas_tile_count(layer->out_columns, layer->tile_columns);
  const uint16_t S = layer->batch;
  const uint32_t batches = (uint32_t)rows * columns / S; /* of one tile of channels */
  const uint32_t group = batch / batches;
  const uint32_t first = (batch - group * batches) * S; /* tile of them */

  const uint16_t input_values =
      (uint16_t)(covered(layer->tile_rows, layer->stride, layer->kernel_rows) *
                 covered(layer->tile_columns, layer->stride, layer->kernel_columns) *
                 layer->tile_out_channels);
  const uint16_t output_values =
      (uint16_t)(layer->tile_rows * layer->tile_columns * layer->tile_out_channels);
  int16_t* const input = inas_hal_vm();
  int16_t* const outputs = input + input_values;

  const inas_span channels =
      inas_tile_span((uint16_t)group, layer->tile_out_channels, layer->out_channels);

  for (uint16_t s = 0; s < S; ++s) {
    const tile_spans tile = tile_at(layer, first + s, columns, channels);
    fetch_input(layer, &tile, input);
    compute(layer, &tile, input, outputs + s * output_values);
  }
  for (uint16_t s = 0; s < S; ++s) {
    const tile_spans tile = tile_at(layer, first + s, columns, channels);
    back_up_output(layer, &tile, outputs + s * output_values);
  }
}
