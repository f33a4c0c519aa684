/// The loop nest of a layer, walked tile by tile without divisions.
#ifndef INAS_FIRMWARE_WALK_H
#define INAS_FIRMWARE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include <inas_firmware/model.h>

/// A range of rows, columns or channels.
typedef struct inas_span {
  uint16_t begin;
  uint16_t size;
} inas_span;

/// A tile: what it covers of each dimension. Rows and columns are those of the map that tiles
/// split. Other types than convolutions have one input channel for each output channel; `in` is
/// {0, 1} there.
typedef struct inas_tile {
  inas_span rows, columns, out, in;
} inas_tile;

/// Where the loop nest stands. A run is the tiles of the innermost loop, or loops, that share the
/// operand that the loop order reuses; the tiles of a batch belong to one run.
typedef struct inas_walk {
  uint8_t order;  ///< others than convolutions go as INAS_REUSE_W does
  uint8_t side;   ///< step of the next tile's outputs, modulo 2
  uint16_t map_rows, map_columns, in_channels;  ///< what tiles split, besides out_channels
  uint16_t row, column, out, in;                ///< where the next tile begins
} inas_walk;

/// number/base, in less than half the time where 16 bits hold both, as they do but for layers of
/// more than 65,535 batches.
static inline uint32_t inas_quotient(uint32_t number, uint32_t base) {
  if (number <= UINT16_MAX && base <= UINT16_MAX) return (uint16_t)number / (uint16_t)base;
  return number / base;
}

/// Puts the walk before the first tile of batch `batch`. Divides, as nothing does that runs for
/// each tile.
void inas_walk_enter(const inas_layer* layer, uint32_t batch, inas_walk* walk);

/// The next tile.
void inas_walk_tile(const inas_layer* layer, const inas_walk* walk, inas_tile* tile);

/// Goes on to the tile after the next one. Returns whether that begins another run.
bool inas_walk_advance(const inas_layer* layer, inas_walk* walk);

/// To be called after the last tile of a batch: goes on to the next side where each batch is a
/// step.
void inas_walk_end_batch(const inas_layer* layer, inas_walk* walk, bool run_ended);

/// What a tile covers that begins at `begin`; at the border, what is left.
static inline inas_span inas_span_at(uint16_t begin, uint16_t tile, uint16_t extent) {
  const uint16_t left = (uint16_t)(extent - begin);
  const inas_span span = {begin, left < tile ? left : tile};
  return span;
}

/// Goes on by a tile, at the end back to 0. Returns whether it was the end.
static inline bool inas_next_tile(uint16_t* begin, uint16_t tile, uint16_t extent) {
  if ((uint16_t)(extent - *begin) > tile) {
    *begin = (uint16_t)(*begin + tile);
    return false;
  }
  *begin = 0;
  return true;
}

#endif
