/* Measures the laws of the runtime's time on the device that it runs on: its transfers, products
 * and layers, each repeated in a block, by the functions that inferences run. One line of CSV for
 * each block goes to the serial port; docs/measuring.md says what stands there. */
#include <inas_firmware/hal.h>
#include <inas_firmware/runtime.h>

#include "../src/blocks.h"
#include "bench.h"
#include "board.h"
#include "model.h"
#include "version.h"

#define INAS_BENCH_FORMAT "1"

/* What is repeated. */
enum { START, LAYERS, READ, WRITE, PRODUCTS };

typedef struct bench {
  uint8_t kind;
  const inas_model* model;
  const inas_block* block;
  const inas_products* products;
} bench;

static const inas_layer transfers = {.type = INAS_CONVOLUTION}; /* one for each pixel */

void inas_hal_report_stuck(bool stuck) { (void)stuck; }

static void once(const bench* of) {
  if (of->kind <= LAYERS) {
    inas_start(of->model);
    if (of->kind == LAYERS) (void)inas_run(of->model);
  } else if (of->kind == READ) {
    inas_fetch_block(&transfers, of->block);
  } else if (of->kind == WRITE) {
    inas_back_up_block(&transfers, of->block);
  } else {
    inas_hal_convolve(of->products);
  }
}

static void put_text(const char* text) {
  while (*text != 0) inas_bench_put(*text++);
}

static void put_number(uint32_t number) {
  char digits[10];
  uint8_t count = 0;
  do {
    const uint32_t rest = number / 10;
    digits[count++] = (char)('0' + (uint8_t)(number - 10 * rest));
    number = rest;
  } while (number > 0);
  while (count > 0) inas_bench_put(digits[--count]);
}

/* `before` and the number. */
static void put(const char* before, uint32_t number) {
  put_text(before);
  put_number(number);
}

static uint16_t lines; /* that were sent below the head */

/* Blocks take about INAS_BENCH_BLOCK_MS, but at least one repetition. The first one tells how many
 * that is. */
static void measure(const bench* of) {
  uint32_t repetitions = 1;
  uint32_t cycles;
  bool again;
  do {
    inas_bench_begin();
    for (uint32_t left = repetitions; left > 0; --left) {
      once(of);
      inas_bench_go_on();
    }
    cycles = inas_bench_end();
    const uint32_t enough = INAS_BENCH_BLOCK_MS * (INAS_BENCH_CLOCK_HZ / 1000);
    again = repetitions == 1 && cycles < enough / 2;
    if (again) {
      repetitions = enough / cycles;
      inas_bench_pause(INAS_BENCH_PAUSE_MS);
    }
  } while (again);
  put(",", repetitions);
  put(",", cycles);
  inas_bench_put('\n');
  ++lines;
  inas_bench_pause(INAS_BENCH_PAUSE_MS);
}

/* Values that are as good as any: maps and inputs from the first area, weights from the second,
 * where they are so small that no sum overflows. */
static void fill_memory(void) {
  uint16_t random = 1;
  for (uint16_t at = 0; at < 2 * INAS_BENCH_MAP_VALUES; at += 32) {
    int16_t some[32];
    for (uint8_t i = 0; i < 32; ++i) {
      random ^= (uint16_t)(random << 7);
      random ^= random >> 9;
      random ^= (uint16_t)(random << 8);
      some[i] = at < INAS_BENCH_MAP_VALUES ? (int16_t)random : (int16_t)((random & 63u) - 32);
    }
    inas_hal_nvm_write(INAS_BENCH_INPUT + 2ul * at, some, sizeof some);
  }
}

static void put_head(void) {
  put_text("# inas-bench " INAS_BENCH_FORMAT "\n# firmware " INAS_BENCH_VERSION
           "\n# board " INAS_BENCH_BOARD "\n# clock_hz ");
  put_number(INAS_BENCH_CLOCK_HZ);
#ifdef INAS_BENCH_SERIAL
  put_text("\n# memory serial");
#else
  put_text("\n# memory on-chip");
#endif
  put_text("\n# lea " INAS_BENCH_LEA "\n# optimization " INAS_BENCH_OPTIMIZATION
           "\nbenchmark,shape,design,repetitions,cycles\n");
}

static void measure_layers(void) {
  const inas_layer* layer = inas_bench_layers;
  for (const uint8_t* copies = inas_bench_copies; *copies != 0; ++copies) {
    const inas_model model = {.layers = layer,
                              .layer_count = *copies,
                              .vm_bytes = INAS_MODEL_VM_BYTES,
                              /* Kept, and never short: the layers take no units. */
                              .ledger_budget = 65535,
                              .nvm_bytes = INAS_MODEL_NVM_BYTES,
                              .progress = INAS_BENCH_NVM,
                              .output = INAS_BENCH_OUTPUT};
    bench of = {LAYERS, &model, 0, 0};
    if (layer == inas_bench_layers) {
      of.kind = START;
      put_text("start,,");
      measure(&of);
      of.kind = LAYERS;
    }
    static const char* const kTypes[] = {"CONV", "GAVGPOOL", "MAXPOOL"};
    static const char* const kOrders[] = {"I", "W", "O"};
    put_text(*copies == 1 ? "layer," : "two_layers,");
    put_text(kTypes[layer->type]);
    put("_", layer->in_channels);
    put("x", layer->in_rows);
    put("x", layer->in_columns);
    put("_", layer->out_channels);
    put("_", layer->kernel_rows);
    put("x", layer->kernel_columns);
    put("_", layer->stride);
    if (layer->bias != 0) put_text("_bias");
    put(",", layer->tile_rows);
    put("_", layer->tile_columns);
    put("_", layer->tile_out_channels);
    put("_", layer->tile_in_channels);
    put_text("_reuse_");
    put_text(kOrders[layer->order]);
    put("_S", layer->batch);
    if ((layer->flags & INAS_ROW_VECTORS) != 0) put_text("_row");
    if ((layer->flags & INAS_COALESCED) != 0) put_text("_coalesced");
    if (layer->batches_per_cycle != 1) put("_K", layer->batches_per_cycle);
    if (layer->type == INAS_CONVOLUTION && (layer->flags & INAS_LEA) == 0) put_text("_cpu");
    measure(&of);
    layer += *copies;
  }
}

/* Rows × pixels × values: of a map with more of each, so that every pixel is a transfer. */
static void measure_transfers(bool back_up, uint16_t rows, uint16_t pixels, uint16_t values) {
  const inas_map map = {(uint16_t)(pixels + 1), (uint16_t)(values + 2),
                        2 * ((uint32_t)(pixels + 1) * (uint16_t)(values + 2))};
  const inas_block block = {.address = back_up ? INAS_BENCH_OUTPUT : INAS_BENCH_INPUT,
                            .map = &map,
                            .rows = {0, rows},
                            .columns = {0, pixels},
                            .channels = {0, values},
                            .vm = inas_hal_vm(),
                            .vm_channels = values};
  const bench of = {back_up ? WRITE : READ, 0, &block, 0};
  put_text(back_up ? "write," : "read,");
  put_number(rows);
  put("x", pixels);
  put("x", values);
  inas_bench_put(',');
  measure(&of);
}

static void measure_all_transfers(void) {
  static const uint8_t kLengths[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128};
  static const uint8_t kBlocks[][3] = {{4, 2, 1},  {4, 2, 16}, {4, 2, 64},  {2, 1, 8},
                                       {8, 1, 16}, {1, 1, 1},  {1, 1, 128}, {3, 3, 5}};
  for (uint8_t back_up = 0; back_up < 2; ++back_up) {
    for (uint8_t i = 0; i < sizeof kLengths; ++i) {
      measure_transfers(back_up != 0, 1, 8, kLengths[i]);
    }
    for (uint8_t i = 0; i < sizeof kBlocks / sizeof *kBlocks; ++i) {
      measure_transfers(back_up != 0, kBlocks[i][0], kBlocks[i][1], kBlocks[i][2]);
    }
  }
}

/* Output values at rows × columns positions, `channels` each, of so many lines. */
static void measure_products(bool lea, uint16_t rows, uint16_t columns, uint16_t channels,
                             uint16_t lines_of_output, uint16_t length) {
  enum { kStep = 2, kInput = 1024, kOutputs = 128 };
  static const uint8_t kShifts[16] = {12, 12, 12, 12, 12, 12, 12, 12,
                                      12, 12, 12, 12, 12, 12, 12, 12};
  int16_t* const vm = inas_hal_vm();
  const uint16_t rest = INAS_MODEL_VM_BYTES / 2 - kInput - kOutputs;
  inas_hal_nvm_read(INAS_BENCH_WEIGHTS, vm, 2 * kInput);
  inas_hal_nvm_read(INAS_BENCH_INPUT, vm + kInput, (uint16_t)(2 * rest));
  const inas_products products = {.input = vm + kInput,
                                  .weights = vm,
                                  .output = vm + kInput + rest,
                                  .shifts = kShifts,
                                  .rows = rows,
                                  .columns = columns,
                                  .channels = channels,
                                  .lines = lines_of_output,
                                  .length = length,
                                  .input_line = (uint16_t)((columns - 1) * kStep + length),
                                  .input_row = (uint16_t)((columns - 1) * kStep + length),
                                  .input_step = kStep,
                                  .output_step = channels,
                                  .vector = length,
                                  .first = true,
                                  .lea = lea};
  const bench of = {PRODUCTS, 0, 0, &products};
  put("products,", rows);
  put("x", columns);
  put("x", channels);
  put("_", lines_of_output);
  put("x", length);
  put_text(lea ? ",lea" : ",cpu");
  measure(&of);
}

static void measure_all_products(bool lea) {
  static const uint16_t kLengths[] = {1,  2,  3,  4,  5,  6,  8,   10,  12, 16,
                                      20, 24, 32, 48, 64, 96, 128, 192, 256};
  static const uint8_t kTiles[][5] = {
      {2, 3, 4, 2, 8},  {4, 4, 4, 3, 6},  {3, 5, 8, 1, 4}, {1, 8, 1, 1, 16}, {8, 1, 1, 1, 16},
      {6, 6, 1, 1, 2},  {1, 1, 16, 1, 8}, {1, 1, 1, 8, 8}, {1, 1, 1, 16, 4}, {5, 2, 3, 2, 10},
      {2, 8, 4, 3, 12}, {8, 2, 4, 1, 14}, {4, 4, 8, 1, 2}, {2, 2, 2, 4, 20}, {1, 3, 2, 2, 64},
      {7, 1, 2, 5, 6},  {1, 1, 1, 1, 32}, {3, 3, 1, 1, 1}};
  for (uint8_t i = 0; i < sizeof kLengths / sizeof *kLengths; ++i) {
    measure_products(lea, 1, 1, 2, 2, kLengths[i]);
  }
  for (uint8_t i = 0; i < sizeof kTiles / sizeof *kTiles; ++i) {
    const uint8_t* const tile = kTiles[i];
    measure_products(lea, tile[0], tile[1], tile[2], tile[3], tile[4]);
  }
}

int main(void) {
  inas_board_init();
  inas_bench_init();
  fill_memory();
  for (;;) {
    lines = 0;
    put_head();
    measure_all_transfers();
    measure_all_products(false);
#ifdef INAS_UNIT_LEA
    measure_all_products(true);
#endif
    measure_layers();
    put("# end ", lines);
    inas_bench_put('\n');
    inas_bench_begin(); /* the port is at rest */
    (void)inas_bench_end();
    inas_board_wait_for_request();
  }
}
