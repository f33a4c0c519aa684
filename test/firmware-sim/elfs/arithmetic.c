/* Computes with what clang makes of C's operators for this target, the functions of arithmetic.S
 * included. The test writes the cases and reads the results. */
#include <DSPLib.h>
#include <stddef.h>

#include <inas_firmware/products.h>

#include "arithmetic_cases.h"
#include "board.h"

void* memcpy(void* to, const void* from, size_t bytes);
void* memset(void* to, int value, size_t bytes);

static volatile arithmetic_memory memory __attribute__((section(".nvm_rest")));

void inas_finished(void);
__attribute__((noinline)) void inas_finished(void) { __asm__ volatile(""); }

static void compute(volatile const arithmetic_case* c, volatile arithmetic_result* r) {
  const uint32_t a = c->a;
  const uint32_t b = c->b;
  const uint16_t shift = c->shift;
  r->product = a * b;
  r->quotient = a / b;
  r->remainder = a % b;
  r->left = a << shift;
  r->right = a >> shift;
  r->signed_quotient = (int32_t)a / (int32_t)b;
  r->signed_remainder = (int32_t)a % (int32_t)b;
  r->signed_right = (int32_t)a >> shift;
  const uint16_t a16 = (uint16_t)a;
  const uint16_t b16 = (uint16_t)b;
  r->product16 = (uint16_t)(a16 * b16);
  r->quotient16 = a16 / b16;
  r->remainder16 = a16 % b16;
  r->signed_quotient16 = (int16_t)a16 / (int16_t)b16;
  r->signed_remainder16 = (int16_t)a16 % (int16_t)b16;
  r->left16 = (uint16_t)(a16 << (shift & 15));
  r->right16 = a16 >> (shift & 15);
  r->signed_right16 = (int16_t)a16 >> (shift & 15);
  r->added_scaled = inas_add_scaled(2 * ((int32_t)a >> 2), (int16_t)b16, (uint8_t)shift);
  r->rubbish = 0;
}

static void compute_tiles(void) {
  uint8_t shifts[ARITHMETIC_CHANNELS];
  for (uint8_t i = 0; i < ARITHMETIC_CHANNELS; ++i) shifts[i] = i;
  for (uint16_t n = 0; n < ARITHMETIC_LENGTHS; ++n) {
    for (uint16_t begin = 0; begin < ARITHMETIC_BEGINS; ++begin) {
      for (uint16_t relu = 0; relu < 2; ++relu) {
        volatile int16_t* const outputs = memory.tiles[n][begin][relu];
        for (uint16_t i = 0; i < 4 * ARITHMETIC_OUTPUT_STEP; ++i) outputs[i] = memory.before[i];
        const inas_products products = {
            .input = (const int16_t*)memory.tile_input,
            .weights = (const int16_t*)memory.tile_weights,
            .output = (int16_t*)outputs,
            .shifts = shifts,
            .bias = begin == ARITHMETIC_BIASED ? (const int32_t*)memory.biases : 0,
            .rows = 2,
            .columns = 2,
            .channels = ARITHMETIC_CHANNELS,
            .lines = ARITHMETIC_LINES,
            .length = arithmetic_lengths[n],
            .input_line = ARITHMETIC_INPUT_LINE,
            .input_row = ARITHMETIC_INPUT_ROW,
            .input_step = 3,
            .output_step = ARITHMETIC_OUTPUT_STEP,
            .first = begin != ARITHMETIC_LATER,
            .relu = relu != 0};
        inas_multiplier_convolve(&products);
      }
    }
  }
}

/* One position, one channel, one line, of one vector. */
static void compute_lea_macs(void) {
  static int16_t a[ARITHMETIC_LEA_VECTOR + 1] __attribute__((section(".vm"), aligned(4)));
  static int16_t b[ARITHMETIC_LEA_VECTOR + 1] __attribute__((section(".vm"), aligned(4)));
  for (uint16_t i = 0; i < ARITHMETIC_LEA_VECTOR + 1; ++i) {
    a[i] = memory.a[i];
    b[i] = memory.b[i];
  }
  for (uint16_t i = 0; i < 2; ++i) {
    for (uint16_t j = 0; j < 2; ++j) {
      for (uint16_t n = 0; n < ARITHMETIC_LEA_VECTOR; ++n) {
        msp_lea_ifg = 0;
        int16_t output;
        const uint8_t shift = 8;
        const inas_products products = {.input = a + i,
                                        .weights = b + j,
                                        .output = &output,
                                        .shifts = &shift,
                                        .rows = 1,
                                        .columns = 1,
                                        .channels = 1,
                                        .lines = 1,
                                        .length = (uint16_t)(n + 1),
                                        .vector = (uint16_t)(n + 1),
                                        .first = true,
                                        .lea = true};
        inas_hal_convolve(&products);
        memory.lea_outputs[i][j][n] = output;
        memory.lea_used[i][j][n] = msp_lea_ifg;
      }
    }
  }
}

static volatile uint16_t initialized = 0x1234;
static volatile uint16_t cleared;

int main(void) {
  memory.initialized = initialized;
  memory.cleared = cleared;
  for (uint16_t i = 0; i < ARITHMETIC_CASES; ++i) compute(&memory.cases[i], &memory.results[i]);
  for (uint16_t n = 0; n < ARITHMETIC_VECTOR; ++n) {
    memory.macs[n] =
        inas_multiplier_mac((const int16_t*)memory.a, (const int16_t*)memory.b, (uint16_t)(n + 1));
  }
  compute_tiles();
  compute_lea_macs();
  for (uint16_t n = 0; n < ARITHMETIC_BLOCK; ++n) {
    for (uint16_t i = 0; i <= ARITHMETIC_BLOCK; ++i) {
      memory.copies[n][i] = 0xEE;
      memory.fills[n][i] = 0xEE;
    }
    memcpy((void*)memory.copies[n], (const void*)memory.a, n);
    memset((void*)memory.fills[n], 0x5C, n);
  }
  inas_finished();
  for (;;) {
  }
}
