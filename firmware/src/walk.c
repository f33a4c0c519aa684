#include "walk.h"

/* ⌈extent/tile⌉ */
static uint16_t tile_count(uint16_t extent, uint16_t tile) {
  return (uint16_t)((extent - 1u) / tile + 1u);
}

/* The last digit of `*number` in base `base`, which is removed from it. */
static uint16_t last_digit(uint32_t* number, uint16_t base) {
  const uint32_t quotient = inas_quotient(*number, base);
  const uint16_t digit = (uint16_t)(*number - quotient * base);
  *number = quotient;
  return digit;
}

/* Whether each batch, not each tile of input channels, writes the other copy of the outputs. */
static bool batches_are_steps(const inas_layer* layer) {
  return layer->type == INAS_GLOBAL_AVERAGE_POOL ||
         (layer->type == INAS_CONVOLUTION && layer->order == INAS_REUSE_O);
}

void inas_walk_enter(const inas_layer* layer, uint32_t batch, inas_walk* walk) {
  const bool convolution = layer->type == INAS_CONVOLUTION;
  const bool mean = layer->type == INAS_GLOBAL_AVERAGE_POOL;
  walk->order = convolution ? layer->order : INAS_REUSE_W;
  walk->map_rows = mean ? layer->in_rows : layer->out_rows;
  walk->map_columns = mean ? layer->in_columns : layer->out_columns;
  walk->in_channels = convolution ? layer->in_channels : 1;
  const uint16_t rows = tile_count(walk->map_rows, layer->tile_rows);
  const uint16_t columns = tile_count(walk->map_columns, layer->tile_columns);
  const uint16_t out = tile_count(layer->out_channels, layer->tile_out_channels);
  const uint16_t in = convolution ? tile_count(layer->in_channels, layer->tile_in_channels) : 1;

  /* The number of all tiles may be beyond 32 bits, those of a run and of runs are not. */
  uint32_t length = in;
  if (walk->order == INAS_REUSE_I) length = out;
  if (walk->order == INAS_REUSE_W) length = (uint32_t)rows * columns;
  const uint32_t batches = inas_quotient(length, layer->batch); /* of a run */
  uint32_t run = inas_quotient(batch, batches);
  const uint32_t in_run = batch - run * batches;
  uint32_t number = in_run * layer->batch; /* of the tile, in its run */

  uint16_t in_index;
  switch (walk->order) {
    case INAS_REUSE_I:
      walk->out = (uint16_t)(number * layer->tile_out_channels);
      in_index = last_digit(&run, in);
      walk->column = (uint16_t)(last_digit(&run, columns) * layer->tile_columns);
      walk->row = (uint16_t)(run * layer->tile_rows);
      break;
    case INAS_REUSE_W:
      walk->column = (uint16_t)(last_digit(&number, columns) * layer->tile_columns);
      walk->row = (uint16_t)(number * layer->tile_rows);
      in_index = last_digit(&run, in);
      walk->out = (uint16_t)(run * layer->tile_out_channels);
      break;
    default:
      in_index = (uint16_t)number;
      walk->out = (uint16_t)(last_digit(&run, out) * layer->tile_out_channels);
      walk->column = (uint16_t)(last_digit(&run, columns) * layer->tile_columns);
      walk->row = (uint16_t)(run * layer->tile_rows);
      break;
  }
  walk->in = (uint16_t)(in_index * layer->tile_in_channels);
  walk->side = (uint8_t)((batches_are_steps(layer) ? in_run : in_index) & 1u);
}

void inas_walk_tile(const inas_layer* layer, const inas_walk* walk, inas_tile* tile) {
  tile->rows = inas_span_at(walk->row, layer->tile_rows, walk->map_rows);
  tile->columns = inas_span_at(walk->column, layer->tile_columns, walk->map_columns);
  tile->out = inas_span_at(walk->out, layer->tile_out_channels, layer->out_channels);
  tile->in = inas_span_at(walk->in, layer->tile_in_channels, walk->in_channels);
}

static bool next_in(const inas_layer* layer, inas_walk* walk) {
  const bool ended = inas_next_tile(&walk->in, layer->tile_in_channels, walk->in_channels);
  walk->side = ended ? 0 : walk->side ^ 1u;
  return ended;
}

static bool next_out(const inas_layer* layer, inas_walk* walk) {
  return inas_next_tile(&walk->out, layer->tile_out_channels, layer->out_channels);
}

static bool next_position(const inas_layer* layer, inas_walk* walk) {
  return inas_next_tile(&walk->column, layer->tile_columns, walk->map_columns) &&
         inas_next_tile(&walk->row, layer->tile_rows, walk->map_rows);
}

bool inas_walk_advance(const inas_layer* layer, inas_walk* walk) {
  switch (walk->order) {
    case INAS_REUSE_I:
      if (!next_out(layer, walk)) return false;
      if (next_in(layer, walk)) (void)next_position(layer, walk);
      return true;
    case INAS_REUSE_W:
      if (!next_position(layer, walk)) return false;
      if (next_in(layer, walk)) (void)next_out(layer, walk);
      return true;
    default:
      if (!inas_next_tile(&walk->in, layer->tile_in_channels, walk->in_channels)) return false;
      if (next_out(layer, walk)) (void)next_position(layer, walk);
      return true;
  }
}

void inas_walk_end_batch(const inas_layer* layer, inas_walk* walk, bool run_ended) {
  if (batches_are_steps(layer)) walk->side = run_ended ? 0 : walk->side ^ 1u;
}
