/* Computes with what clang makes of C's operators for this target, the functions of arithmetic.S
 * included. The test writes the cases and reads the results. */
#include <DSPLib.h>
#include <stddef.h>

#include <inas_firmware/hal.h>

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
}

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
        memory.lea_macs[i][j][n] = inas_hal_mac(a + i, b + j, (uint16_t)(n + 1));
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
