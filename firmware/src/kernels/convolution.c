#include <inas_firmware/hal.h>

#include "../blocks.h"
#include "../counts.h"
#include "../layer.h"

/* VM: the input tile, the weights of a tile, the output tile or tiles, each sized for a full tile.
 */

void inas_convolution_enter(const inas_layer* layer, inas_kept* kept) {
  kept->input_map = inas_map_of(layer->in_columns, layer->in_channels);
  kept->output_map = inas_map_of(layer->out_columns, layer->out_channels);
  kept->taps = (uint16_t)(layer->kernel_rows * layer->kernel_columns);
  kept->channel_weights = (uint32_t)kept->taps * layer->in_channels;
  kept->input_values =
      (uint16_t)((layer->tile_rows + layer->kernel_rows - 1) *
                 (layer->tile_columns + layer->kernel_columns - 1) * layer->tile_in_channels);
  kept->weight_values = (uint16_t)(kept->taps * layer->tile_out_channels * layer->tile_in_channels);
  kept->output_values =
      (uint16_t)(layer->tile_rows * layer->tile_columns * layer->tile_out_channels);
  const uint32_t full = (uint32_t)layer->batch * layer->tile_out_channels;
  kept->batch_channels = full < layer->out_channels ? (uint16_t)full : layer->out_channels;
}

static void fetch_input(const inas_layer* layer, const inas_kept* kept, const inas_tile* tile,
                        int16_t* vm) {
  const inas_block block = {
      .address = layer->input,
      .map = &kept->input_map,
      .rows = {tile->rows.begin, (uint16_t)(tile->rows.size + layer->kernel_rows - 1)},
      .columns = {tile->columns.begin, (uint16_t)(tile->columns.size + layer->kernel_columns - 1)},
      .channels = tile->in,
      .vm = vm,
      .vm_channels = tile->in.size};
  inas_fetch_block(layer, &block);
}

/* Weights in VM: [out][kernel row][kernel column][in], as their block in NVM if coalesced. */
static void fetch_weights(const inas_layer* layer, const inas_kept* kept, const inas_tile* tile,
                          int16_t* vm) {
  INAS_COUNT(INAS_CONVOLUTION, weights, 1);
  uint32_t value = tile->out.begin * kept->channel_weights; /* those of earlier output channels */
  const uint16_t count = (uint16_t)(tile->out.size * kept->taps);
  if ((layer->flags & INAS_COALESCED) != 0) {
    value += (uint32_t)count * tile->in.begin;
    inas_hal_nvm_read(layer->weights + 2 * value, vm, (uint16_t)(2u * count * tile->in.size));
    return;
  }
  const uint16_t bytes = (uint16_t)(2u * tile->in.size);
  const uint32_t step = 2 * (uint32_t)layer->in_channels;
  uint32_t address = layer->weights + 2 * (value + tile->in.begin);
  for (uint16_t left = count; left > 0; --left) {
    inas_hal_nvm_read(address, vm, bytes);
    address += step;
    vm += tile->in.size;
  }
}

/* Adds the tile's products to `output`, [row][column][vm_channels], from 0 if they are the first.
 */
static void compute(const inas_model* model, const inas_layer* layer, const inas_tile* tile,
                    const int16_t* input, const int16_t* weights, int16_t* output,
                    uint16_t vm_channels) {
  const uint16_t in = tile->in.size;
  const bool last = tile->in.begin + (uint32_t)in == layer->in_channels;
  const bool first = tile->in.begin == 0;
  const bool one_column = layer->in_columns == 1; /* of input: the rows of a kernel are one line */
  inas_products products;
  products.input = input;
  products.weights = weights;
  products.output = output;
  products.shifts = layer->shifts + tile->out.begin;
  products.bias = first && layer->bias != 0 ? layer->bias + tile->out.begin : 0;
  products.rows = tile->rows.size;
  products.columns = tile->columns.size;
  products.channels = tile->out.size;
  products.lines = one_column ? 1 : layer->kernel_rows;
  products.length = (uint16_t)((one_column ? layer->kernel_rows : layer->kernel_columns) * in);
  products.input_row = (uint16_t)((tile->columns.size + layer->kernel_columns - 1) * in);
  products.input_step = in;
  products.output_step = vm_channels;
  products.vector = (layer->flags & INAS_ROW_VECTORS) != 0 ? products.length : in;
  products.longest = model->longest_vector;
  products.first = first;
  products.relu = last && (layer->flags & INAS_RELU) != 0;
  products.lea = (layer->flags & INAS_LEA) != 0;
  inas_hal_convolve(&products);
}

/* The block of a tile's rows and columns in the output map at `address`. */
static inas_block output_block(const inas_kept* kept, const inas_tile* tile, inas_span channels,
                               uint32_t address, int16_t* vm, uint16_t vm_channels) {
  const inas_block block = {.address = address,
                            .map = &kept->output_map,
                            .rows = tile->rows,
                            .columns = tile->columns,
                            .channels = channels,
                            .vm = vm,
                            .vm_channels = vm_channels};
  return block;
}

void inas_convolution_batch(const inas_model* model, const inas_layer* layer, inas_kept* kept) {
  inas_walk* const walk = &kept->walk;
  const uint16_t S = layer->batch;
  const uint8_t order = layer->order;
  const uint8_t side = walk->side;
  int16_t* const weights = inas_hal_vm();
  int16_t* const input = weights + kept->weight_values;
  int16_t* const outputs = input + kept->input_values;

  inas_tile tile;
  inas_walk_tile(layer, walk, &tile);
  /* The output channels of the whole batch, which lie side by side in VM for reuse_I. */
  inas_span channels = tile.out;
  if (order == INAS_REUSE_I) {
    channels = inas_span_at(walk->out, kept->batch_channels, layer->out_channels);
  }
  uint16_t row = walk->row; /* of the batch's first tile */
  uint16_t column = walk->column;
  bool shares = kept->valid; /* the operand that the loop order reuses is in VM */
  bool run_ended = false;
  int16_t* output = outputs;

  for (uint16_t left = S; left > 0; --left) {
    if (order != INAS_REUSE_I || !shares) fetch_input(layer, kept, &tile, input);
    if (order != INAS_REUSE_W || !shares) fetch_weights(layer, kept, &tile, weights);
    if (tile.in.begin > 0 && (order != INAS_REUSE_O || !shares)) {
      const inas_block partial_sums = output_block(
          kept, &tile, tile.out, inas_output_side(layer, side + 1u), output, channels.size);
      inas_fetch_block(layer, &partial_sums);
    }
    compute(model, layer, &tile, input, weights, output, channels.size);
    if (order == INAS_REUSE_I) output += tile.out.size;
    if (order == INAS_REUSE_W) output += kept->output_values;
    run_ended = inas_walk_advance(layer, walk);
    if (left > 1) inas_walk_tile(layer, walk, &tile);
    shares = true;
  }

  const uint32_t address = inas_output_side(layer, side);
  output = outputs;
  uint16_t left = order == INAS_REUSE_W ? S : 1; /* blocks */
  do {
    tile.rows = inas_span_at(row, layer->tile_rows, walk->map_rows);
    tile.columns = inas_span_at(column, layer->tile_columns, walk->map_columns);
    const inas_block block = output_block(kept, &tile, channels, address, output, channels.size);
    inas_back_up_block(layer, &block);
    output += kept->output_values;
    if (inas_next_tile(&column, layer->tile_columns, walk->map_columns)) {
      (void)inas_next_tile(&row, layer->tile_rows, walk->map_rows);
    }
  } while (--left > 0);
  inas_walk_end_batch(layer, walk, run_ended);
  kept->valid = !run_ended;
}
