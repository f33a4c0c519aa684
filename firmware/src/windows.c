#include "windows.h"

#include "blocks.h"
#include "counts.h"

void inas_windows_enter(const inas_layer* layer, uint16_t tile_channels, inas_kept* kept) {
  const uint16_t stride = layer->stride;
  kept->input_map = inas_map_of(layer->in_columns, layer->in_channels);
  kept->output_map = inas_map_of(layer->out_columns, layer->out_channels);
  kept->input_values =
      (uint16_t)(inas_covered(layer->tile_rows, stride, layer->kernel_rows) *
                 inas_covered(layer->tile_columns, stride, layer->kernel_columns) * tile_channels);
  kept->output_values =
      (uint16_t)(layer->tile_rows * layer->tile_columns * layer->tile_out_channels);
}

/* In 16 bits, although a tile may begin behind row 65,535 of the padded map: without the padding it
 * does not. */
static inas_cover cover(inas_span windows, uint16_t stride, uint16_t kernel, uint8_t pad,
                        uint16_t extent) {
  inas_cover result;
  result.size = inas_covered(windows.size, stride, kernel);
  result.before = 0;
  const uint16_t begin = (uint16_t)(windows.begin * stride);
  result.inside.begin = (uint16_t)(begin - pad);
  /* A product of more than 16 bits is no small one. */
  const bool in_front = windows.begin == 0 || (windows.begin < pad && stride < pad);
  if (in_front && begin < pad) {
    result.before = (uint16_t)(pad - begin);
    result.inside.begin = 0;
  }
  result.inside.size = (uint16_t)(result.size - result.before);
  const uint16_t left = (uint16_t)(extent - result.inside.begin);
  if (result.inside.size > left) result.inside.size = left;
  return result;
}

inas_cover inas_cover_rows(const inas_layer* layer, const inas_tile* tile) {
  return cover(tile->rows, layer->stride, layer->kernel_rows, layer->pad_top, layer->in_rows);
}

inas_cover inas_cover_columns(const inas_layer* layer, const inas_tile* tile) {
  return cover(tile->columns, layer->stride, layer->kernel_columns, layer->pad_left,
               layer->in_columns);
}

void inas_fetch_windows(const inas_layer* layer, const inas_kept* kept, const inas_tile* tile,
                        const inas_span* channels, int16_t outside, int16_t* vm) {
  const inas_cover rows = inas_cover_rows(layer, tile);
  const inas_cover columns = inas_cover_columns(layer, tile);
  inas_block block = {.address = layer->input,
                      .map = &kept->input_map,
                      .rows = rows.inside,
                      .columns = columns.inside,
                      .channels = *channels,
                      .vm = vm,
                      .vm_channels = channels->size};
  const uint16_t outside_rows = (uint16_t)(rows.size - rows.inside.size);
  const uint16_t outside_columns = (uint16_t)(columns.size - columns.inside.size);
  if ((outside_rows | outside_columns) != 0) {
    const uint16_t line = (uint16_t)(columns.size * channels->size);
    const uint16_t left = (uint16_t)(columns.before * channels->size);
    inas_border border;
    border.gap = (uint16_t)(outside_columns * channels->size);
    border.first = (uint16_t)(rows.before * line + left);
    border.last = (uint16_t)((outside_rows - rows.before) * line + border.gap - left);
    border.row = (uint16_t)(line - border.gap);
    inas_fill_border(layer, &border, rows.inside.size, outside, vm);
    block.vm = vm + border.first;
    block.vm_gap = border.gap;
  }
  INAS_COUNT(layer->type, windows, 1);
  inas_fetch_block(layer, &block);
}
