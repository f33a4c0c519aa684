#include "blocks.h"

#include <inas_firmware/hal.h>

static void move_block(const inas_block* block, bool back_up) {
  uint16_t rows = block->rows.size;
  uint16_t pieces = block->columns.size; /* transfers of a row */
  uint16_t values = block->channels.size;
  uint16_t stride = block->vm_channels; /* from one transfer to the next in VM */
  if (block->coalesced && block->channels.size == block->map_channels) {
    /* All channels: pixels lie side by side in VM as well. */
    values = (uint16_t)(values * pieces);
    pieces = 1;
    if (block->columns.size == block->map_columns) {
      values = (uint16_t)(values * rows);
      rows = 1;
    }
    stride = values;
  }
  const uint16_t bytes = (uint16_t)(2u * values);
  int16_t* vm = block->vm;
  for (uint16_t row = 0; row < rows; ++row) {
    const uint32_t pixel =
        (uint32_t)(block->rows.begin + row) * block->map_columns + block->columns.begin;
    uint32_t address = block->map + 2 * (pixel * block->map_channels + block->channels.begin);
    for (uint16_t piece = 0; piece < pieces; ++piece) {
      if (back_up) {
        inas_hal_nvm_write(address, vm, bytes);
      } else {
        inas_hal_nvm_read(address, vm, bytes);
      }
      address += 2 * (uint32_t)block->map_channels;
      vm += stride;
    }
  }
}

void inas_fetch_block(const inas_block* block) { move_block(block, false); }

void inas_back_up_block(const inas_block* block) { move_block(block, true); }
