/// One preservation batch of a layer: fetch, compute, back up. What is moved, and in how many
/// transfers, is what the cost model counts (docs/cost-model.md, sections 3 and 8).
#ifndef INAS_FIRMWARE_LAYER_H
#define INAS_FIRMWARE_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include <inas_firmware/model.h>

#include "seeded_faults.h"
#include "walk.h"

/// A channels-last map in NVM.
typedef struct inas_map {
  uint16_t columns, channels;
  uint32_t row_bytes;
} inas_map;

/// What a power cycle has in VM and RAM of the layer that it runs: all that depends on the layer
/// alone is computed once, when the layer is begun or resumed (inas_enter_layer).
typedef struct inas_kept {
  /// The layer is entered: what follows is its.
  bool entered;
  /// The last batch left in VM the operand that the next one shares with it: the input tile for
  /// reuse_I, the weights for reuse_W and depthwise convolution, the output tile for reuse_O and
  /// global average pooling; none for the other types.
  bool valid;
  uint32_t batches_left;  ///< of the power cycle, if the layer has a bound: K > 0
  inas_walk walk;
  inas_map input_map, output_map;
  uint16_t input_values;   ///< of a full tile
  uint16_t output_values;  ///< of a full tile
  /// Convolution and depthwise convolution: taps of a kernel, weights of a full tile; convolution:
  /// weights of an output channel, output channels of a whole batch of INAS_REUSE_I.
  uint16_t taps;
  uint16_t weight_values;
  uint32_t channel_weights;
  uint16_t batch_channels;
} inas_kept;

/// The nearest 16-bit value.
static inline int16_t inas_saturate16(int32_t value) {
  if (value > INT16_MAX) return INT16_MAX;
  if (value < INT16_MIN) return INT16_MIN;
  return (int16_t)value;
}

static inline inas_map inas_map_of(uint16_t columns, uint16_t channels) {
  const inas_map map = {columns, channels, 2 * ((uint32_t)columns * channels)};
  return map;
}

/// NVM address of the copy of the output map that step `step` writes and the next one reads. Two
/// copies in turn, so that a batch can run again: what it reads is not what it writes.
static inline uint32_t inas_output_side(const inas_layer* layer, uint16_t step) {
#if INAS_SEEDED_FAULT == INAS_FAULT_PARTIAL_SUMS_IN_PLACE
  return layer->output[step & 0u];
#else
  return layer->output[step & 1u];
#endif
}

/// The kernels, one file a type in kernels/. The first function sets what `kept` has of the type's
/// own, for those that have anything but windows (windows.h); the second runs the next batch of the
/// walk and leaves its outputs in NVM. It writes no byte that running it again would read.
void inas_convolution_enter(const inas_layer* layer, inas_kept* kept);
void inas_convolution_batch(const inas_model* model, const inas_layer* layer, inas_kept* kept);
void inas_depthwise_enter(const inas_layer* layer, inas_kept* kept);
void inas_depthwise_batch(const inas_layer* layer, inas_kept* kept);
void inas_global_average_pool_enter(const inas_layer* layer, inas_kept* kept);
void inas_global_average_pool_batch(const inas_layer* layer, inas_kept* kept);
void inas_max_pool_batch(const inas_layer* layer, inas_kept* kept);
void inas_average_pool_batch(const inas_layer* layer, inas_kept* kept);
void inas_add_batch(const inas_layer* layer, inas_kept* kept);

#endif
