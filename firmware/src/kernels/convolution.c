#include <inas_firmware/hal.h>

#include "../blocks.h"
#include "../layer.h"

/* Position of a tile in its layer, in tiles. */
typedef struct {
  uint16_t row, column, out, in;
} tile_index;

/* ρ, γ, μ, ν */
typedef struct {
  uint16_t rows, columns, out, in;
} tile_counts;

/* A tile: what it covers of each dimension. */
typedef struct {
  inas_span rows, columns, out, in;
  uint16_t in_columns; /* of its input */
} tile_spans;

static tile_counts counts_of(const inas_layer* layer) {
  const tile_counts counts = {inas_tile_count(layer->out_rows, layer->tile_rows),
                              inas_tile_count(layer->out_columns, layer->tile_columns),
                              inas_tile_count(layer->out_channels, layer->tile_out_channels),
                              inas_tile_count(layer->in_channels, layer->tile_in_channels)};
  return counts;
}

/* The last digit of `*number` in base `base`, which is removed from it. */
static uint16_t last_digit(uint32_t* number, uint16_t base) {
  const uint32_t quotient = *number / base;
  const uint16_t digit = (uint16_t)(*number - quotient * base);
  *number = quotient;
  return digit;
}

/* Tiles of a run, which share the operand that the loop order reuses. The number of all tiles may
 * be beyond 32 bits, those of a run and of runs are not. */
static uint32_t run_length(const inas_layer* layer, const tile_counts* counts) {
  switch (layer->order) {
    case INAS_REUSE_I:
      return counts->out;
    case INAS_REUSE_W:
      return (uint32_t)counts->rows * counts->columns;
    default:
      return counts->in;
  }
}

/* Tile `number` of run `run`. */
static tile_index index_of(const inas_layer* layer, const tile_counts* counts, uint32_t run,
                           uint32_t number) {
  tile_index tile;
  switch (layer->order) {
    case INAS_REUSE_I:
      tile.out = (uint16_t)number;
      tile.in = last_digit(&run, counts->in);
      tile.column = last_digit(&run, counts->columns);
      tile.row = (uint16_t)run;
      break;
    case INAS_REUSE_W:
      tile.column = last_digit(&number, counts->columns);
      tile.row = (uint16_t)number;
      tile.in = last_digit(&run, counts->in);
      tile.out = (uint16_t)run;
      break;
    default:
      tile.in = (uint16_t)number;
      tile.out = last_digit(&run, counts->out);
      tile.column = last_digit(&run, counts->columns);
      tile.row = (uint16_t)run;
      break;
  }
  return tile;
}

static tile_spans spans_of(const inas_layer* layer, const tile_index* tile) {
  tile_spans spans;
  spans.rows = inas_tile_span(tile->row, layer->tile_rows, layer->out_rows);
  spans.columns = inas_tile_span(tile->column, layer->tile_columns, layer->out_columns);
  spans.out = inas_tile_span(tile->out, layer->tile_out_channels, layer->out_channels);
  spans.in = inas_tile_span(tile->in, layer->tile_in_channels, layer->in_channels);
  spans.in_columns = (uint16_t)(spans.columns.size + layer->kernel_columns - 1);
  return spans;
}

static void fetch_input(const inas_layer* layer, const tile_spans* tile, int16_t* vm) {
  const inas_block block = {
      .map = layer->input,
      .map_columns = layer->in_columns,
      .map_channels = layer->in_channels,
      .rows = {tile->rows.begin, (uint16_t)(tile->rows.size + layer->kernel_rows - 1)},
      .columns = {tile->columns.begin, tile->in_columns},
      .channels = tile->in,
      .vm = vm,
      .vm_channels = tile->in.size,
      .coalesced = (layer->flags & INAS_COALESCED) != 0};
  inas_fetch_block(&block);
}

/* Weights in VM: [out][kernel row][kernel column][in], as their block in NVM if coalesced. */
static void fetch_weights(const inas_layer* layer, const tile_spans* tile, int16_t* vm) {
  const uint16_t taps = (uint16_t)(layer->kernel_rows * layer->kernel_columns);
  const uint32_t before = (uint32_t)tile->out.begin * taps; /* taps of earlier output channels */
  const uint16_t count = (uint16_t)(tile->out.size * taps);
  if ((layer->flags & INAS_COALESCED) != 0) {
    const uint32_t value = before * layer->in_channels + (uint32_t)count * tile->in.begin;
    inas_hal_nvm_read(layer->weights + 2 * value, vm, (uint16_t)(2u * count * tile->in.size));
    return;
  }
  uint32_t address = layer->weights + 2 * (before * layer->in_channels + tile->in.begin);
  for (uint16_t tap = 0; tap < count; ++tap) {
    inas_hal_nvm_read(address, vm, (uint16_t)(2u * tile->in.size));
    address += 2 * (uint32_t)layer->in_channels;
    vm += tile->in.size;
  }
}

/* The block of the output map at `address` whose channels are `channels`. */
static inas_block output_block(const inas_layer* layer, const tile_spans* tile, inas_span channels,
                               uint32_t address, int16_t* vm, uint16_t vm_channels) {
  const inas_block block = {.map = address,
                            .map_columns = layer->out_columns,
                            .map_channels = layer->out_channels,
                            .rows = tile->rows,
                            .columns = tile->columns,
                            .channels = channels,
                            .vm = vm,
                            .vm_channels = vm_channels,
                            .coalesced = (layer->flags & INAS_COALESCED) != 0};
  return block;
}

static int32_t vector_mac(const inas_model* model, const int16_t* a, const int16_t* b,
                          uint16_t length) {
  const uint16_t longest = model->longest_vector;
  int32_t sum = 0;
  if (longest != 0) {
    while (length > longest) {
      sum += inas_hal_mac(a, b, longest);
      a += longest;
      b += longest;
      length = (uint16_t)(length - longest);
    }
  }
  return sum + inas_hal_mac(a, b, length);
}

/* ⌊sum/2^shift + 1/2⌋. Right shifts of negative values are arithmetic on every compiler that this
 * is built with. */
static int32_t rounded_shift(int32_t sum, uint8_t shift) {
  return shift == 0 ? sum : ((sum >> (shift - 1)) + 1) >> 1;
}

/* Adds the tile's products to `output`, [row][column][vm_channels], from 0 if `first`. */
static void compute(const inas_model* model, const inas_layer* layer, const tile_spans* tile,
                    const int16_t* input, const int16_t* weights, int16_t* output,
                    uint16_t vm_channels, bool first, bool last) {
  const uint16_t in = tile->in.size;
  uint16_t vectors = layer->kernel_rows; /* of one output value, from different input rows */
  uint16_t length = (uint16_t)(layer->kernel_columns * in);
  uint16_t pieces = 1; /* of a vector */
  if ((layer->flags & INAS_ROW_VECTORS) == 0) {
    pieces = layer->kernel_columns;
    length = in;
  } else if (layer->in_columns == 1) {
    vectors = 1;
    length = (uint16_t)(layer->kernel_rows * in);
  }
  const uint16_t input_row = (uint16_t)(tile->in_columns * in);
  const bool relu = last && (layer->flags & INAS_RELU) != 0;

  for (uint16_t row = 0; row < tile->rows.size; ++row) {
    for (uint16_t column = 0; column < tile->columns.size; ++column) {
      const int16_t* const corner = input + row * input_row + column * in;
      const int16_t* weight = weights;
      for (uint16_t channel = 0; channel < tile->out.size; ++channel) {
        int32_t sum = 0;
        const int16_t* line = corner;
        for (uint16_t vector = 0; vector < vectors; ++vector) {
          const int16_t* value = line;
          for (uint16_t piece = 0; piece < pieces; ++piece) {
            sum += vector_mac(model, value, weight, length);
            value += length;
            weight += length;
          }
          line += input_row;
        }
        const int32_t before = first ? 0 : output[channel];
        const uint8_t shift = layer->shifts[tile->out.begin + channel];
        const int16_t value = inas_saturate16(before + rounded_shift(sum, shift));
        output[channel] = relu && value < 0 ? 0 : value;
      }
      output += vm_channels;
    }
  }
}

void inas_convolution_batch(const inas_model* model, const inas_layer* layer, uint32_t batch,
                            inas_kept* kept) {
  const tile_counts counts = counts_of(layer);
  const uint16_t S = layer->batch;
  const uint8_t order = layer->order;
  const uint32_t batches = run_length(layer, &counts) / S; /* of a run */
  const uint32_t group = batch / batches;
  const uint32_t first_tile = (batch - group * batches) * S;
  const bool keeps = kept->valid && kept->group == group;

  /* Tile buffers in VM, sized for a full tile. */
  const uint16_t input_values =
      (uint16_t)((layer->tile_rows + layer->kernel_rows - 1) *
                 (layer->tile_columns + layer->kernel_columns - 1) * layer->tile_in_channels);
  const uint16_t weight_values = (uint16_t)(layer->kernel_rows * layer->kernel_columns *
                                            layer->tile_out_channels * layer->tile_in_channels);
  const uint16_t output_values =
      (uint16_t)(layer->tile_rows * layer->tile_columns * layer->tile_out_channels);
  int16_t* const input = inas_hal_vm();
  int16_t* const weights = input + input_values;
  int16_t* const outputs = weights + weight_values;

  const tile_index first = index_of(layer, &counts, group, first_tile);
  const tile_spans first_spans = spans_of(layer, &first);
  /* The output channels of the whole batch, which lie side by side in VM for reuse_I. */
  inas_span channels = first_spans.out;
  if (order == INAS_REUSE_I) {
    const uint16_t left = (uint16_t)(layer->out_channels - channels.begin);
    const uint32_t full = (uint32_t)S * layer->tile_out_channels;
    channels.size = full < left ? (uint16_t)full : left;
  }
  /* reuse_O writes a copy of the output map per batch, the others per input-channel step. */
  const uint32_t step = order == INAS_REUSE_O ? first.in / S : first.in;

  for (uint16_t s = 0; s < S; ++s) {
    const tile_index index = index_of(layer, &counts, group, first_tile + s);
    const tile_spans tile = spans_of(layer, &index);
    const bool shares = s > 0 || keeps; /* the operand that the loop order reuses is in VM */
    if (order != INAS_REUSE_I || !shares) fetch_input(layer, &tile, input);
    if (order != INAS_REUSE_W || !shares) fetch_weights(layer, &tile, weights);

    int16_t* output = outputs;
    if (order == INAS_REUSE_I) output += tile.out.begin - channels.begin;
    if (order == INAS_REUSE_W) output += s * output_values;
    if (index.in > 0 && (order != INAS_REUSE_O || !shares)) {
      const inas_block partial_sums = output_block(
          layer, &tile, tile.out, inas_output_side(layer, step - 1), output, channels.size);
      inas_fetch_block(&partial_sums);
    }
    compute(model, layer, &tile, input, weights, output, channels.size, index.in == 0,
            index.in == counts.in - 1);
  }

  const uint32_t side = inas_output_side(layer, step);
  if (order == INAS_REUSE_W) {
    for (uint16_t s = 0; s < S; ++s) {
      const tile_index index = index_of(layer, &counts, group, first_tile + s);
      const tile_spans tile = spans_of(layer, &index);
      const inas_block block =
          output_block(layer, &tile, channels, side, outputs + s * output_values, channels.size);
      inas_back_up_block(&block);
    }
  } else {
    const inas_block block =
        output_block(layer, &first_spans, channels, side, outputs, channels.size);
    inas_back_up_block(&block);
  }
  kept->valid = true;
  kept->group = group;
}
