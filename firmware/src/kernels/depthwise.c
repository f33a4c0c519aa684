#include <inas_firmware/hal.h>

#include "../blocks.h"
#include "../counts.h"
#include "../layer.h"
#include "../windows.h"

/* VM: the weights of a tile, the input tile, the S output tiles of a batch, each sized for a full
 * tile. */

void inas_depthwise_enter(const inas_layer* layer, inas_kept* kept) {
  inas_windows_enter(layer, layer->tile_out_channels, kept);
  kept->taps = (uint16_t)(layer->kernel_rows * layer->kernel_columns);
  kept->weight_values = (uint16_t)(kept->taps * layer->tile_out_channels);
}

/* Weights in VM: [kernel row][kernel column][channel], as their block in NVM if coalesced. */
static void fetch_weights(const inas_layer* layer, const inas_kept* kept, inas_span channels,
                          int16_t* vm) {
  INAS_COUNT(INAS_DEPTHWISE, weights, 1);
  const uint16_t taps = kept->taps;
  if ((layer->flags & INAS_COALESCED) != 0) {
    inas_hal_nvm_read(layer->weights + 2 * ((uint32_t)taps * channels.begin), vm,
                      (uint16_t)(2u * taps * channels.size));
    return;
  }
  inas_fetch_vectors(layer->weights + 2 * (uint32_t)channels.begin,
                     2 * (uint32_t)layer->out_channels, taps, channels.size, vm);
}

static void compute(const inas_layer* layer, const inas_tile* tile, const int16_t* input,
                    const int16_t* weights, int16_t* output) {
  const inas_steps steps = inas_steps_of(layer, tile, tile->out.size);
  inas_products products;
  products.input = input;
  products.weights = weights;
  products.output = output;
  products.shifts = layer->shifts + tile->out.begin;
  products.bias = layer->bias != 0 ? layer->bias + tile->out.begin : 0;
  products.rows = tile->rows.size;
  products.columns = tile->columns.size;
  products.channels = tile->out.size;
  products.lines = layer->kernel_rows;
  products.length = layer->kernel_columns;
  products.input_line = steps.line;
  products.input_row = steps.row;
  products.input_step = steps.position;
  products.output_step = tile->out.size;
  products.vector = 1;
  products.longest = 0;
  products.first = true;
  products.relu = (layer->flags & INAS_RELU) != 0;
  products.lea = false;
  inas_hal_depthwise(&products);
}

void inas_depthwise_batch(const inas_layer* layer, inas_kept* kept) {
  inas_walk* const walk = &kept->walk;
  int16_t* const weights = inas_hal_vm();
  int16_t* const input = weights + kept->weight_values;
  const inas_outputs outputs = inas_outputs_of(layer, kept, input + kept->input_values);

  bool run_ended = false;
  int16_t* output = outputs.vm;
  if (!kept->valid) fetch_weights(layer, kept, outputs.channels, weights);
  for (uint16_t left = layer->batch; left > 0; --left) {
    inas_tile tile;
    inas_walk_tile(layer, walk, &tile);
    inas_fetch_windows(layer, kept, &tile, &tile.out, 0, input);
    compute(layer, &tile, input, weights, output);
    output += kept->output_values;
    run_ended = inas_walk_advance(layer, walk);
  }
  inas_back_up_outputs(layer, kept, &outputs);
  kept->valid = !run_ended;
}
