#include <inas_firmware/hal.h>

#include "../blocks.h"
#include "../layer.h"

/* VM: first the running means of Tm channels, or, if a batch has several tiles, their sums of 32
 * bits in the same place, which the S·Tm values that the cost model reserves have room for; then
 * the input tile. */

/* A 32-bit value in two halves, because VM is memory of 16-bit values. */
static int32_t load32(const int16_t* halves) {
  return (int32_t)((uint32_t)(uint16_t)halves[0] | (uint32_t)(uint16_t)halves[1] << 16);
}

static void store32(int16_t* halves, int32_t value) {
  halves[0] = (int16_t)(uint16_t)value;
  halves[1] = (int16_t)(uint16_t)((uint32_t)value >> 16);
}

/* ⌊sum/count + 1/2⌋ */
static int16_t rounded_mean(int32_t sum, uint16_t count) {
  const int32_t shifted = sum + count / 2;
  int32_t quotient = shifted / count;
  if (shifted % count < 0) --quotient; /* C rounds towards 0 */
  return inas_saturate16(quotient);
}

/* Σ over the tile's pixels of one channel. */
static int32_t channel_sum(const int16_t* tile, uint16_t pixels, uint16_t channels) {
  int32_t sum = 0;
  for (uint16_t pixel = 0; pixel < pixels; ++pixel) {
    sum += *tile;
    tile += channels;
  }
  return sum;
}

void inas_global_average_pool_batch(const inas_layer* layer, uint32_t batch, inas_kept* kept) {
  const uint16_t rows = inas_tile_count(layer->in_rows, layer->tile_rows);
  const uint16_t columns = inas_tile_count(layer->in_columns, layer->tile_columns);
  const uint16_t S = layer->batch;
  const uint32_t batches = (uint32_t)rows * columns / S; /* of one tile of channels */
  const uint32_t group = batch / batches;
  const uint32_t step = batch % batches;
  const uint16_t pixels = (uint16_t)(layer->in_rows * layer->in_columns);
  const inas_span channels =
      inas_tile_span((uint16_t)group, layer->tile_out_channels, layer->out_channels);
  const uint16_t bytes = (uint16_t)(2u * channels.size);

  int16_t* const means = inas_hal_vm();
  int16_t* const sums = means; /* two values each */
  int16_t* const tile = means + S * layer->tile_out_channels;

  if (step == 0) {
    for (uint16_t m = 0; m < channels.size; ++m) means[m] = 0;
  } else if (!kept->valid || kept->group != group) {
    inas_hal_nvm_read(inas_output_side(layer, step - 1) + 2 * (uint32_t)channels.begin, means,
                      bytes);
  }
  if (S > 1) {
    for (uint16_t m = channels.size; m-- > 0;) store32(sums + 2 * m, (int32_t)means[m] * pixels);
  }

  for (uint16_t s = 0; s < S; ++s) {
    const uint32_t position = step * S + s;
    const inas_block block = {
        .map = layer->input,
        .map_columns = layer->in_columns,
        .map_channels = layer->in_channels,
        .rows = inas_tile_span((uint16_t)(position / columns), layer->tile_rows, layer->in_rows),
        .columns =
            inas_tile_span((uint16_t)(position % columns), layer->tile_columns, layer->in_columns),
        .channels = channels,
        .vm = tile,
        .vm_channels = channels.size,
        .coalesced = (layer->flags & INAS_COALESCED) != 0};
    inas_fetch_block(&block);
    const uint16_t tile_pixels = (uint16_t)(block.rows.size * block.columns.size);
    for (uint16_t m = 0; m < channels.size; ++m) {
      const int32_t sum = channel_sum(tile + m, tile_pixels, channels.size);
      if (S > 1) {
        store32(sums + 2 * m, load32(sums + 2 * m) + sum);
      } else {
        means[m] = rounded_mean((int32_t)means[m] * pixels + sum, pixels);
      }
    }
  }
  if (S > 1) {
    for (uint16_t m = 0; m < channels.size; ++m) {
      means[m] = rounded_mean(load32(sums + 2 * m), pixels);
    }
  }
  if (step == batches - 1 && (layer->flags & INAS_RELU) != 0) {
    for (uint16_t m = 0; m < channels.size; ++m) {
      if (means[m] < 0) means[m] = 0;
    }
  }
  inas_hal_nvm_write(inas_output_side(layer, step) + 2 * (uint32_t)channels.begin, means, bytes);
  kept->valid = true;
  kept->group = group;
}
