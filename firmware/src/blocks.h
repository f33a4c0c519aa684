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
} inas_block;

/// One transfer per pixel. In layers with INAS_COALESCED: one per row if the block has all channels
/// of the map, one in all if it has all columns too.
void inas_fetch_block(const inas_layer* layer, const inas_block* block);
void inas_back_up_block(const inas_layer* layer, const inas_block* block);

#endif
