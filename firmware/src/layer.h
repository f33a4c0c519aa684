/// One preservation batch of a layer: fetch, compute, back up. What is moved, and in how many
/// transfers, is what the cost model counts (docs/cost-model.md, sections 3 and 8).
#ifndef INAS_FIRMWARE_LAYER_H
#define INAS_FIRMWARE_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include <inas_firmware/model.h>

#include "seeded_faults.h"

/// Which operand the last batch of this power cycle left in VM: the input tile for reuse_I, the
/// weights for reuse_W, the output tile for reuse_O and global average pooling; none for max
/// pooling.
typedef struct inas_kept {
  bool valid;
  uint32_t group;  ///< number of the run of tiles that share the operand
} inas_kept;

/// A range of rows, columns or channels.
typedef struct inas_span {
  uint16_t begin;
  uint16_t size;
} inas_span;

/// ⌈extent/tile⌉
static inline uint16_t inas_tile_count(uint16_t extent, uint16_t tile) {
  return (uint16_t)((extent - 1u) / tile + 1u);
}

/// What tile `index` covers; at the border, what is left.
static inline inas_span inas_tile_span(uint16_t index, uint16_t tile, uint16_t extent) {
  const uint16_t begin = (uint16_t)(index * tile);
  const uint16_t left = (uint16_t)(extent - begin);
  const inas_span span = {begin, left < tile ? left : tile};
  return span;
}

/// The nearest 16-bit value.
static inline int16_t inas_saturate16(int32_t value) {
  if (value > INT16_MAX) return INT16_MAX;
  if (value < INT16_MIN) return INT16_MIN;
  return (int16_t)value;
}

/// NVM address of the copy of the output map that step `step` writes and the next one reads. Two
/// copies in turn, so that a batch can run again: what it reads is not what it writes.
static inline uint32_t inas_output_side(const inas_layer* layer, uint32_t step) {
#if INAS_SEEDED_FAULT == INAS_FAULT_PARTIAL_SUMS_IN_PLACE
  return layer->output[step & 0u];
#else
  return layer->output[step & 1u];
#endif
}

/// The kernels, one file a type in kernels/. Each runs batch `batch` of `layer` and leaves its
/// outputs in NVM. Writes no byte that running it again would read. `kept` is updated.
void inas_convolution_batch(const inas_model* model, const inas_layer* layer, uint32_t batch,
                            inas_kept* kept);
void inas_global_average_pool_batch(const inas_layer* layer, uint32_t batch, inas_kept* kept);
void inas_max_pool_batch(const inas_layer* layer, uint32_t batch);

#endif
