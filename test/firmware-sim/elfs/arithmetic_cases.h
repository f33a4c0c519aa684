/* What the simulated program of arithmetic.c computes, and the test compares with the host. Fields
 * lie at multiples of their size, so that both compilers give them the same offsets. */
#ifndef INAS_TEST_ARITHMETIC_CASES_H
#define INAS_TEST_ARITHMETIC_CASES_H

#include <stdint.h>

enum {
  ARITHMETIC_CASES = 400,
  ARITHMETIC_VECTOR = 40,
  ARITHMETIC_BLOCK = 15,
  ARITHMETIC_LEA_VECTOR = 9,
  /* Tiles of products: 2 x 2 positions, one channel for each shift, lines of some lengths. */
  ARITHMETIC_LENGTHS = 4,
  ARITHMETIC_CHANNELS = 32,
  /* How the sums of a tile begin. */
  ARITHMETIC_LATER = 0,
  ARITHMETIC_FIRST = 1,
  ARITHMETIC_BIASED = 2,
  ARITHMETIC_BEGINS = 3,
  ARITHMETIC_LINES = 2,
  ARITHMETIC_LONGEST_LINE = 17,
  ARITHMETIC_INPUT_LINE = 20,
  ARITHMETIC_INPUT_ROW = 26,
  ARITHMETIC_OUTPUT_STEP = ARITHMETIC_CHANNELS + 1,
  ARITHMETIC_AT = 0x4000 /* address of arithmetic_memory in the simulator */
};

typedef struct {
  uint32_t a, b;  /* b is not 0, nor are its low 16 bits, and no quotient overflows */
  uint16_t shift; /* 0 to 31 */
  uint16_t rubbish;
} arithmetic_case;

typedef struct {
  uint32_t product, quotient, remainder, left, right;
  int32_t signed_quotient, signed_remainder, signed_right;
  uint16_t product16, quotient16, remainder16;
  int16_t signed_quotient16, signed_remainder16;
  uint16_t left16, right16;
  int16_t signed_right16, added_scaled;
  uint16_t rubbish;
} arithmetic_result;

typedef struct {
  arithmetic_case cases[ARITHMETIC_CASES];
  arithmetic_result results[ARITHMETIC_CASES];
  int16_t a[ARITHMETIC_VECTOR], b[ARITHMETIC_VECTOR];
  int32_t macs[ARITHMETIC_VECTOR]; /* by the multiplier, of the first 1, 2, ... elements */
  /* A tile's input and weights, and its outputs before it; then, by length, begin and `relu`, its
   * outputs. What lies between the channels of two positions stays. */
  int16_t tile_input[ARITHMETIC_INPUT_ROW + 2 * ARITHMETIC_INPUT_LINE];
  int16_t tile_weights[ARITHMETIC_CHANNELS * ARITHMETIC_LINES * ARITHMETIC_LONGEST_LINE];
  int16_t before[4 * ARITHMETIC_OUTPUT_STEP];
  int16_t tiles[ARITHMETIC_LENGTHS][ARITHMETIC_BEGINS][2][4 * ARITHMETIC_OUTPUT_STEP];
  int32_t biases[ARITHMETIC_CHANNELS];
  /* The output of a line of the LEA, of the first 1, 2, ... elements from the given place of `a`
   * and `b` on, by a shift of 8, and whether the LEA took part. */
  int16_t lea_outputs[2][2][ARITHMETIC_LEA_VECTOR];
  uint16_t lea_used[2][2][ARITHMETIC_LEA_VECTOR];
  uint8_t copies[ARITHMETIC_BLOCK][ARITHMETIC_BLOCK + 1]; /* row n: n bytes of `a` over 0xEE */
  uint8_t fills[ARITHMETIC_BLOCK][ARITHMETIC_BLOCK + 1];  /* row n: n bytes 0x5C over 0xEE */
  uint16_t initialized;                                   /* a variable that starts at 0x1234 */
  uint16_t cleared;                                       /* one that starts at 0 */
} arithmetic_memory;

static const uint16_t arithmetic_lengths[ARITHMETIC_LENGTHS] = {1, 5, 8, ARITHMETIC_LONGEST_LINE};

#endif
