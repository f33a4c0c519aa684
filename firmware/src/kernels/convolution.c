#include <inas_firmware/hal.h>

#include "../blocks.h"
#include "../counts.h"
#include "../layer.h"
#include "../windows.h"

/* VM: the input tile, the weights of a tile, the output tile or tiles, each sized for a full tile.
 */

void inas_convolution_enter(const inas_layer* layer, inas_kept* kept) {
  inas_windows_enter(layer, layer->tile_in_channels, kept);
  kept->taps = (uint16_t)(layer->kernel_rows * layer->kernel_columns);
  kept->channel_weights = (uint32_t)kept->taps * layer->in_channels;
  kept->weight_values = (uint16_t)(kept->taps * layer->tile_out_channels * layer->tile_in_channels);
  const uint32_t full = (uint32_t)layer->batch * layer->tile_out_channels;
  kept->batch_channels = full < layer->out_channels ? (uint16_t)full : layer->out_channels;
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
  inas_fetch_vectors(layer->weights + 2 * (value + tile->in.begin),
                     2 * (uint32_t)layer->in_channels, count, tile->in.size, vm);
}

static bool is_last_step(const inas_layer* layer, const inas_tile* tile) {
  return tile->in.begin + (uint32_t)tile->in.size == layer->in_channels;
}

/* Adds the tile's products to `output`, [row][column][vm_channels], from 0 if they are the first.
 */
static void compute(const inas_model* model, const inas_layer* layer, const inas_tile* tile,
                    const int16_t* input, const int16_t* weights, int16_t* output,
                    uint16_t vm_channels) {
  const uint16_t in = tile->in.size;
  const bool first = tile->in.begin == 0;
  /* The rows of a kernel are one line. */
  const bool one_column = layer->in_columns == 1 && layer->kernel_columns == 1;
  const inas_steps steps = inas_steps_of(layer, tile, in);
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
  products.input_line = steps.line;
  products.input_row = steps.row;
  products.input_step = steps.position;
  products.output_step = vm_channels;
  products.vector = (layer->flags & INAS_ROW_VECTORS) != 0 ? products.length : in;
  products.longest = model->longest_vector;
  products.first = first;
  products.relu = is_last_step(layer, tile) && (layer->flags & INAS_RELU) != 0;
  products.lea = (layer->flags & INAS_LEA) != 0;
  inas_hal_convolve(&products);
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
  const uint16_t row = walk->row; /* of the batch's first tile */
  const uint16_t column = walk->column;
  bool shares = kept->valid; /* the operand that the loop order reuses is in VM */
  bool run_ended = false;
  int16_t* output = outputs;

  for (uint16_t left = S; left > 0; --left) {
    if (order != INAS_REUSE_I || !shares) {
      inas_fetch_windows(layer, kept, &tile, &tile.in, 0, input);
    }
    if (order != INAS_REUSE_W || !shares) fetch_weights(layer, kept, &tile, weights);
    if (tile.in.begin > 0 && (order != INAS_REUSE_O || !shares)) {
      inas_block partial_sums =
          inas_output_block(kept, &tile, tile.out, inas_output_side(layer, side + 1u), output);
      partial_sums.vm_channels = channels.size;
      inas_fetch_block(layer, &partial_sums);
    }
    compute(model, layer, &tile, input, weights, output, channels.size);
    if (order == INAS_REUSE_I) output += tile.out.size;
    if (order == INAS_REUSE_W) output += kept->output_values;
    run_ended = inas_walk_advance(layer, walk);
    if (left > 1) inas_walk_tile(layer, walk, &tile);
    shares = true;
  }

  const inas_outputs finished = {.row = row,
                                 .column = column,
                                 .tiles = order == INAS_REUSE_W ? S : 1,
                                 .channels = channels,
                                 .address = inas_output_side(layer, side),
                                 .vm = outputs,
                                 .finished = is_last_step(layer, &tile)};
  inas_back_up_outputs(layer, kept, &finished);
  inas_walk_end_batch(layer, walk, run_ended);
  kept->valid = !run_ended;
}
