/* The tables of layers.def, and of lea_layers.def where the firmware has the LEA. They are
 * constants, as those of a dumped model. */
#include "model.h"

/* Shifts by 9 to 16 take all the same time. */
#define SHIFTS_8 12, 12, 12, 12, 12, 12, 12, 12
static const uint8_t shifts[] = {SHIFTS_8, SHIFTS_8, SHIFTS_8};
#define BIAS_8 1000, -2000, 3000, -4000, 5000, -6000, 7000, -8000
static const int32_t bias[] = {BIAS_8, BIAS_8, BIAS_8};

#define TILES(extent, tile) (((extent) + (tile)-1) / (tile))
#define OUT(in, kernel, stride) (((in) - (kernel)) / (stride) + 1)
#define INAS_BENCH_OUTPUTS \
  { INAS_BENCH_OUTPUT, INAS_BENCH_OUTPUT + 2 * INAS_BENCH_MAP_VALUES }
#define REST(all_tiles, s, k)                                                             \
  .batch = (s), .batches = (uint32_t)(all_tiles) / (s), .batches_per_cycle = (k),         \
  .input = INAS_BENCH_INPUT, .output = INAS_BENCH_OUTPUTS, .weights = INAS_BENCH_WEIGHTS, \
  .shifts = shifts
#define TILE(tr, tc, tm, tn) \
  .tile_rows = (tr), .tile_columns = (tc), .tile_out_channels = (tm), .tile_in_channels = (tn)

/* `bias_`: bias, or 0. */
#define CONVOLUTION(order_, flags_, bias_, c, h, w, m, kh, kw, tr, tc, tm, tn, s, k) \
  {.type = INAS_CONVOLUTION,                                                         \
   .order = INAS_REUSE_##order_,                                                     \
   .flags = (flags_),                                                                \
   .in_rows = (h),                                                                   \
   .in_columns = (w),                                                                \
   .in_channels = (c),                                                               \
   .out_rows = OUT(h, kh, 1),                                                        \
   .out_columns = OUT(w, kw, 1),                                                     \
   .out_channels = (m),                                                              \
   .kernel_rows = (kh),                                                              \
   .kernel_columns = (kw),                                                           \
   .stride = 1,                                                                      \
   .most = INT16_MAX,                                                                \
   .bias = (bias_),                                                                  \
   TILE(tr, tc, tm, tn),                                                             \
   REST(TILES(OUT(h, kh, 1), tr) * TILES(OUT(w, kw, 1), tc) * TILES(m, tm) * TILES(c, tn), s, k)},
#define AVERAGE_POOL(flags_, c, h, w, tr, tc, tm, s, k) \
  {.type = INAS_GLOBAL_AVERAGE_POOL,                    \
   .order = INAS_REUSE_O,                               \
   .flags = (flags_),                                   \
   .in_rows = (h),                                      \
   .in_columns = (w),                                   \
   .in_channels = (c),                                  \
   .out_rows = 1,                                       \
   .out_columns = 1,                                    \
   .out_channels = (c),                                 \
   .kernel_rows = (h),                                  \
   .kernel_columns = (w),                               \
   .stride = 1,                                         \
   .most = INT16_MAX,                                   \
   TILE(tr, tc, tm, 1),                                 \
   REST(TILES(h, tr) * TILES(w, tc) * TILES(c, tm), s, k)},
#define MAX_POOL(flags_, c, h, w, kh, kw, stride_, tr, tc, tm, s, k) \
  {.type = INAS_MAX_POOL,                                            \
   .order = INAS_REUSE_W,                                            \
   .flags = (flags_),                                                \
   .in_rows = (h),                                                   \
   .in_columns = (w),                                                \
   .in_channels = (c),                                               \
   .out_rows = OUT(h, kh, stride_),                                  \
   .out_columns = OUT(w, kw, stride_),                               \
   .out_channels = (c),                                              \
   .kernel_rows = (kh),                                              \
   .kernel_columns = (kw),                                           \
   .stride = (stride_),                                              \
   .most = INT16_MAX,                                                \
   TILE(tr, tc, tm, 1),                                              \
   REST(TILES(OUT(h, kh, stride_), tr) * TILES(OUT(w, kw, stride_), tc) * TILES(c, tm), s, k)},

#define ONCE(layer) layer
#define TWICE(layer) layer layer
const inas_layer inas_bench_layers[] = {
#include "layers.def"
#ifdef INAS_UNIT_LEA
#include "lea_layers.def"
#endif
};
#undef ONCE
#undef TWICE

#define ONCE(layer) 1,
#define TWICE(layer) 2,
const uint8_t inas_bench_copies[] = {
#include "layers.def"
#ifdef INAS_UNIT_LEA
#include "lea_layers.def"
#endif
    0};
