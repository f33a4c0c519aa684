#include <inas_firmware/hal.h>

#include "../blocks.h"
#include "../counts.h"
#include "../layer.h"

/* VM: first the running means of Tm channels, or, if a batch has several tiles, their sums of 32
 * bits in the same place, which the S·Tm values that the cost model reserves have room for; then
 * the input tile. */

void inas_global_average_pool_enter(const inas_layer* layer, inas_kept* kept) {
  kept->input_map = inas_map_of(layer->in_columns, layer->in_channels);
  kept->output_values = (uint16_t)(layer->batch * layer->tile_out_channels);
}

/* A 32-bit value in two halves, because VM is memory of 16-bit values. */
static int32_t load32(const int16_t* halves) {
  return (int32_t)((uint32_t)(uint16_t)halves[0] | (uint32_t)(uint16_t)halves[1] << 16);
}

static void store32(int16_t* halves, int32_t value) {
  halves[0] = (int16_t)(uint16_t)value;
  halves[1] = (int16_t)(uint16_t)((uint32_t)value >> 16);
}

/* ⌊sum/count + 1/2⌋, by one division: for x < 0, ⌊x/count⌋ = −1 − ⌊(−1 − x)/count⌋. */
static int16_t rounded_mean(int32_t sum, uint16_t count) {
  const int32_t shifted = sum + count / 2;
  if (shifted < 0) return inas_saturate16(-1 - (int32_t)((uint32_t)(-1 - shifted) / count));
  return inas_saturate16((int32_t)((uint32_t)shifted / count));
}

/* Σ over the tile's pixels of one channel. */
static int32_t channel_sum(const int16_t* tile, uint16_t pixels, uint16_t channels) {
  int32_t sum = 0;
  do {
    sum += *tile;
    tile += channels;
  } while (--pixels > 0);
  return sum;
}

void inas_global_average_pool_batch(const inas_layer* layer, inas_kept* kept) {
  inas_walk* const walk = &kept->walk;
  const uint16_t S = layer->batch;
  const uint8_t side = walk->side;
  const uint16_t pixels = (uint16_t)(layer->in_rows * layer->in_columns);
  int16_t* const means = inas_hal_vm();
  int16_t* const sums = means; /* two values each */
  int16_t* const values = means + kept->output_values;

  inas_tile tile;
  inas_walk_tile(layer, walk, &tile);
  const inas_span channels = tile.out;
  const uint16_t bytes = (uint16_t)(2u * channels.size);
  const uint32_t at = 2 * (uint32_t)channels.begin;
  if (walk->row == 0 && walk->column == 0) {
    for (uint16_t m = 0; m < channels.size; ++m) means[m] = 0;
  } else if (!kept->valid) {
    inas_hal_nvm_read(inas_output_side(layer, side + 1u) + at, means, bytes);
  }
  if (S > 1) {
    for (uint16_t m = channels.size; m-- > 0;) store32(sums + 2 * m, (int32_t)means[m] * pixels);
  }

  bool run_ended = false;
  for (uint16_t left = S; left > 0; --left) {
    const inas_block block = {.address = layer->input,
                              .map = &kept->input_map,
                              .rows = tile.rows,
                              .columns = tile.columns,
                              .channels = channels,
                              .vm = values,
                              .vm_channels = channels.size};
    inas_fetch_block(layer, &block);
    const uint16_t tile_pixels = (uint16_t)(tile.rows.size * tile.columns.size);
    INAS_COUNT(INAS_GLOBAL_AVERAGE_POOL, tiles, 1);
    INAS_COUNT(INAS_GLOBAL_AVERAGE_POOL, outputs, channels.size);
    INAS_COUNT(INAS_GLOBAL_AVERAGE_POOL, line_values[0], (uint32_t)tile_pixels * channels.size);
    for (uint16_t m = 0; m < channels.size; ++m) {
      const int32_t sum = channel_sum(values + m, tile_pixels, channels.size);
      if (S > 1) {
        store32(sums + 2 * m, load32(sums + 2 * m) + sum);
      } else {
        means[m] = rounded_mean((int32_t)means[m] * pixels + sum, pixels);
      }
    }
    run_ended = inas_walk_advance(layer, walk);
    if (left > 1) inas_walk_tile(layer, walk, &tile);
  }
  if (S > 1) {
    for (uint16_t m = 0; m < channels.size; ++m) {
      means[m] = rounded_mean(load32(sums + 2 * m), pixels);
    }
  }
  INAS_COUNT(INAS_GLOBAL_AVERAGE_POOL, batch_outputs, channels.size);
  if (run_ended && (layer->flags & INAS_RELU) != 0) {
    for (uint16_t m = 0; m < channels.size; ++m) {
      if (means[m] < 0) means[m] = 0;
    }
  }
  inas_cap(layer, run_ended, means, channels.size);
  inas_hal_nvm_write(inas_output_side(layer, side) + at, means, bytes);
  inas_walk_end_batch(layer, walk, run_ended);
  kept->valid = !run_ended;
}
