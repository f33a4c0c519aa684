#include "blocks.h"

#include <inas_firmware/hal.h>

#include "counts.h"

static void move_block(const inas_layer* layer, const inas_block* block, bool back_up) {
  const inas_map* const map = block->map;
  uint16_t rows = block->rows.size;
  uint16_t pieces = block->columns.size; /* transfers of a row */
  uint16_t values = block->channels.size;
  uint16_t step = block->vm_channels; /* from one transfer to the next in VM */
  if ((layer->flags & INAS_COALESCED) != 0 && values == map->channels) {
    /* All channels: pixels lie side by side in VM as well. */
    values = (uint16_t)(values * pieces);
    if (pieces == map->columns) {
      values = (uint16_t)(values * rows);
      rows = 1;
    }
    pieces = 1;
    step = values;
  }
  INAS_COUNT(layer->type, blocks, 1);
  INAS_COUNT(layer->type, block_rows, rows);
  const uint16_t bytes = (uint16_t)(2u * values);
  const uint32_t pixel_bytes = 2 * (uint32_t)map->channels;
  uint32_t row = block->address + block->rows.begin * map->row_bytes +
                 2 * ((uint32_t)block->columns.begin * map->channels + block->channels.begin);
  int16_t* vm = block->vm;
  do {
    uint32_t address = row;
    uint16_t left = pieces;
    do {
      if (back_up) {
        inas_hal_nvm_write(address, vm, bytes);
      } else {
        inas_hal_nvm_read(address, vm, bytes);
      }
      address += pixel_bytes;
      vm += step;
    } while (--left > 0);
    row += map->row_bytes;
  } while (--rows > 0);
}

void inas_fetch_block(const inas_layer* layer, const inas_block* block) {
  move_block(layer, block, false);
}

void inas_back_up_block(const inas_layer* layer, const inas_block* block) {
  move_block(layer, block, true);
}
