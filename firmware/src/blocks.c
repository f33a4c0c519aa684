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
    if (pieces == map->columns && block->vm_gap == 0) {
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
    vm += block->vm_gap;
  } while (--rows > 0);
}

void inas_fetch_block(const inas_layer* layer, const inas_block* block) {
  move_block(layer, block, false);
}

void inas_back_up_block(const inas_layer* layer, const inas_block* block) {
  move_block(layer, block, true);
}

static int16_t* fill(int16_t* vm, uint16_t values, int16_t with) {
  for (; values > 0; --values) *vm++ = with;
  return vm;
}

/* Rows without gaps are one: then there is nothing to be filled between them. */
void inas_fill_border(const inas_layer* layer, const inas_border* border, uint16_t rows,
                      int16_t with, int16_t* vm) {
  const uint16_t gap = border->gap;
  INAS_COUNT(layer->type, borders, 1);
  INAS_COUNT(layer->type, fills, border->first + (rows - 1u) * (uint32_t)gap + border->last);
  INAS_COUNT(layer->type, fill_runs,
             gap != 0 ? rows + 1u : (border->first != 0 ? 1u : 0u) + (border->last != 0 ? 1u : 0u));
  vm = fill(vm, border->first, with);
  if (gap == 0) {
    vm += (uint16_t)(rows * border->row);
  } else {
    while (--rows > 0) vm = fill(vm + border->row, gap, with);
    vm += border->row;
  }
  (void)fill(vm, border->last, with);
}

void inas_fetch_vectors(uint32_t address, uint32_t step, uint16_t count, uint16_t values,
                        int16_t* vm) {
  const uint16_t bytes = (uint16_t)(2u * values);
  do {
    inas_hal_nvm_read(address, vm, bytes);
    address += step;
    vm += values;
  } while (--count > 0);
}

void inas_cap(const inas_layer* layer, bool finished, int16_t* values, uint16_t count) {
  if (layer->most == INT16_MAX) return;
  const int16_t most = finished ? layer->most : INT16_MAX;
  INAS_COUNT(layer->type, capped, count);
  do {
    if (*values > most) *values = most;
    ++values;
  } while (--count > 0);
}

void inas_back_up_outputs(const inas_layer* layer, const inas_kept* kept,
                          const inas_outputs* outputs) {
  const inas_walk* const walk = &kept->walk;
  uint16_t row = outputs->row;
  uint16_t column = outputs->column;
  int16_t* vm = outputs->vm;
  inas_tile tile;
  for (uint16_t left = outputs->tiles; left > 0; --left) {
    tile.rows = inas_span_at(row, layer->tile_rows, walk->map_rows);
    tile.columns = inas_span_at(column, layer->tile_columns, walk->map_columns);
    const inas_block block =
        inas_output_block(kept, &tile, outputs->channels, outputs->address, vm);
    if (layer->most != INT16_MAX) {
      inas_cap(layer, outputs->finished, vm,
               (uint16_t)(tile.rows.size * tile.columns.size * outputs->channels.size));
    }
    inas_back_up_block(layer, &block);
    vm += kept->output_values;
    if (inas_next_tile(&column, layer->tile_columns, walk->map_columns)) {
      (void)inas_next_tile(&row, layer->tile_rows, walk->map_rows);
    }
  }
}
