/// What layers that read windows have in common: the block of the input map that a tile reads, of
/// which VM holds what lies outside of the map as well.
#ifndef INAS_FIRMWARE_WINDOWS_H
#define INAS_FIRMWARE_WINDOWS_H

#include "layer.h"

/// What the windows of a tile cover in one direction: rows or columns.
typedef struct inas_cover {
  uint16_t size;
  uint16_t before;   ///< of these, before the map
  inas_span inside;  ///< of the map
} inas_cover;

/// In the input block of a tile in VM: values from one row of it, one window, one row of windows to
/// the next.
typedef struct inas_steps {
  uint16_t line, position, row;
} inas_steps;

/// Rows (columns) that so many windows cover.
static inline uint16_t inas_covered(uint16_t windows, uint16_t stride, uint16_t kernel) {
  return (uint16_t)((uint16_t)(windows - 1u) * stride + kernel);
}

/// Of a tile with so many input channels.
static inline inas_steps inas_steps_of(const inas_layer* layer, const inas_tile* tile,
                                       uint16_t channels) {
  const uint16_t stride = layer->stride;
  inas_steps steps;
  steps.line =
      (uint16_t)(inas_covered(tile->columns.size, stride, layer->kernel_columns) * channels);
  steps.position = (uint16_t)(channels * stride);
  steps.row = (uint16_t)(steps.line * stride);
  return steps;
}

/// Sets the maps of `kept` and its values of a full tile, which has so many input channels.
void inas_windows_enter(const inas_layer* layer, uint16_t tile_channels, inas_kept* kept);

inas_cover inas_cover_rows(const inas_layer* layer, const inas_tile* tile);
inas_cover inas_cover_columns(const inas_layer* layer, const inas_tile* tile);

/// Brings the input block of a tile into VM: [row][column][channels.size], `outside` where it
/// reaches beyond the map.
void inas_fetch_windows(const inas_layer* layer, const inas_kept* kept, const inas_tile* tile,
                        const inas_span* channels, int16_t outside, int16_t* vm);

#endif
