/// Moves blocks of feature maps between NVM and VM.
#ifndef INAS_FIRMWARE_BLOCKS_H
#define INAS_FIRMWARE_BLOCKS_H

#include "layer.h"

/// A block of a channels-last map in NVM, and its place in VM.
typedef struct inas_block {
  uint32_t address;     ///< NVM address of the map
  const inas_map* map;  ///< the whole map
  inas_span rows, columns, channels;
  int16_t* vm;           ///< [row][column][vm_channels]
  uint16_t vm_channels;  ///< values from one pixel to the next in VM; at least channels.size
  uint16_t vm_gap;       ///< values in VM from the end of a row to the next row
} inas_block;

/// One transfer per pixel. In layers with INAS_COALESCED: one per row if the block has all channels
/// of the map, one in all if it has all columns too and no gap.
void inas_fetch_block(const inas_layer* layer, const inas_block* block);
void inas_back_up_block(const inas_layer* layer, const inas_block* block);

/// What surrounds the rows of a block in VM, in values.
typedef struct inas_border {
  uint16_t first;  ///< before the first row
  uint16_t row;    ///< of a row of the block
  uint16_t gap;    ///< between two rows
  uint16_t last;   ///< behind the last row
} inas_border;

/// Fills the border of a block of `rows` rows; `vm` is where the border begins.
void inas_fill_border(const inas_layer* layer, const inas_border* border, uint16_t rows,
                      int16_t with, int16_t* vm);

/// Fetches `count` vectors of `values` values that lie `step` bytes apart in NVM, each by a
/// transfer. In VM they lie side by side.
void inas_fetch_vectors(uint32_t address, uint32_t step, uint16_t count, uint16_t values,
                        int16_t* vm);

/// The block of a tile's rows and columns in the copy of the output map at `address`.
static inline inas_block inas_output_block(const inas_kept* kept, const inas_tile* tile,
                                           inas_span channels, uint32_t address, int16_t* vm) {
  const inas_block block = {.address = address,
                            .map = &kept->output_map,
                            .rows = tile->rows,
                            .columns = tile->columns,
                            .channels = channels,
                            .vm = vm,
                            .vm_channels = channels.size};
  return block;
}

/// The outputs of a batch in VM: those of `tiles` tiles at consecutive positions, each in the place
/// of a full one.
typedef struct inas_outputs {
  uint16_t row, column;  ///< where the first tile begins
  uint16_t tiles;
  inas_span channels;
  uint32_t address;  ///< of the copy of the output map that they go to
  int16_t* vm;
  bool finished;  ///< the last step has been added
} inas_outputs;

/// Those of the next batch of a layer that writes each output once, whose batches are tiles at
/// consecutive positions.
static inline inas_outputs inas_outputs_of(const inas_layer* layer, const inas_kept* kept,
                                           int16_t* vm) {
  const inas_walk* const walk = &kept->walk;
  const inas_outputs outputs = {
      .row = walk->row,
      .column = walk->column,
      .tiles = layer->batch,
      .channels = inas_span_at(walk->out, layer->tile_out_channels, layer->out_channels),
      .address = layer->output[0],
      .vm = vm,
      .finished = true};
  return outputs;
}

/// Backs outputs up; finished ones are not above the layer's `most`. Those of earlier steps are
/// compared as well, so that a batch takes the same at every step: that is how it is priced.
void inas_back_up_outputs(const inas_layer* layer, const inas_kept* kept,
                          const inas_outputs* outputs);

/// In layers that have a `most`: finished outputs above it become it; others stay what they are.
void inas_cap(const inas_layer* layer, bool finished, int16_t* values, uint16_t count);

#endif
