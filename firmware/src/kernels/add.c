#include <inas_firmware/hal.h>

#include "../blocks.h"
#include "../layer.h"
#include "../windows.h"

/* VM: a tile of each input map, then the S output tiles of a batch, each sized for a full tile. */

/* What a map is multiplied by: 2^(kUnit − shift). */
enum { kUnit = 13, kMostShift = 15 };

static void fetch_input(const inas_layer* layer, const inas_kept* kept, const inas_tile* tile,
                        uint32_t address, int16_t* vm) {
  const inas_block block = inas_output_block(kept, tile, tile->out, address, vm); /* same shape */
  inas_fetch_block(layer, &block);
}

/* The factor of a map with right shift `shift`. What a shift by more than kUnit drops is dropped
 * from its `count` values before. */
static int16_t factor_of(uint8_t shift, int16_t* values, uint16_t count) {
  if (shift <= kUnit) return (int16_t)(1 << (kUnit - shift));
  uint8_t dropped = (uint8_t)(shift - kUnit);
  if (dropped > kMostShift) dropped = kMostShift; /* no more than the sign is left */
  do {
    *values = (int16_t)(*values >> dropped);
    ++values;
  } while (--count > 0);
  return 1;
}

/* Both maps as the two lines of a convolution of one position and one channel. */
static void compute(const inas_layer* layer, const inas_kept* kept, const inas_tile* tile,
                    int16_t* input, int16_t* output) {
  const uint16_t row = (uint16_t)(tile->columns.size * tile->out.size);
  const uint16_t count = (uint16_t)(tile->rows.size * row);
  int16_t* const second = input + kept->input_values;
  int16_t factors[2];
  factors[0] = factor_of(layer->shifts[0], input, count);
  factors[1] = factor_of(layer->shifts[1], second, count);
  inas_products products;
  products.input = input;
  products.weights = factors;
  products.output = output;
  products.shifts = layer->shifts + 2;
  products.bias = 0;
  products.rows = tile->rows.size;
  products.columns = row;
  products.channels = 1;
  products.lines = 2;
  products.length = 1;
  products.input_line = kept->input_values;
  products.input_row = row;
  products.input_step = 1;
  products.output_step = 1;
  products.vector = 1;
  products.longest = 0;
  products.first = true;
  products.relu = (layer->flags & INAS_RELU) != 0;
  products.lea = false;
  inas_hal_convolve(&products);
}

void inas_add_batch(const inas_layer* layer, inas_kept* kept) {
  inas_walk* const walk = &kept->walk;
  int16_t* const input = inas_hal_vm();
  const inas_outputs outputs = inas_outputs_of(layer, kept, input + 2u * kept->input_values);

  int16_t* output = outputs.vm;
  for (uint16_t left = layer->batch; left > 0; --left) {
    inas_tile tile;
    inas_walk_tile(layer, walk, &tile);
    fetch_input(layer, kept, &tile, layer->input, input);
    fetch_input(layer, kept, &tile, layer->second_input, input + kept->input_values);
    compute(layer, kept, &tile, input, output);
    output += kept->output_values;
    (void)inas_walk_advance(layer, walk);
  }
  inas_back_up_outputs(layer, kept, &outputs);
}
