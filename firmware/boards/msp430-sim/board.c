/* The board that mspdebug simulates: a CPU, 64 KB of memory, the multiplier. NVM is the lower part
 * of what is FRAM on the FR5994, VM its SRAM above the variables. */
#include "board.h"

#include <inas_firmware/hal.h>

#include "inas_board.h"
#include "model.h"

#if INAS_MODEL_VM_BYTES > INAS_VM_BYTES
#error "The model needs more VM than board.json gives it; inas-dump --board says the numbers"
#endif
#if INAS_MODEL_NVM_BYTES > INAS_NVM_CAPACITY_BYTES
#error "The model needs more NVM than board.json gives it; inas-dump --board says the numbers"
#endif
#if INAS_MODEL_USES_LEA
#error "Designs of the model are for the LEA, and this board has none"
#endif

static int32_t vm[(INAS_MODEL_VM_BYTES + 3) / 4]
    __attribute__((section(".vm"), aligned(INAS_VM_ALIGNMENT)));

/* From the linker script: begins at NVM address 0 with the image. */
extern uint16_t inas_nvm[];

#if INAS_MODEL_NVM_BYTES > INAS_MODEL_IMAGE_BYTES
static const uint8_t rest[INAS_MODEL_NVM_BYTES - INAS_MODEL_IMAGE_BYTES]
    __attribute__((section(".nvm_rest"), used));
#endif

/* Words, because NVM and VM addresses are even; `volatile`, so that they are written in ascending
 * order and none is left out. */
static void move_words(volatile uint16_t* to, const uint16_t* from, uint16_t bytes) {
  for (uint16_t left = bytes / 2; left > 0; --left) *to++ = *from++;
}

int16_t* inas_hal_vm(void) { return (int16_t*)vm; }

void inas_hal_nvm_read(uint32_t address, void* to, uint16_t bytes) {
  move_words(to, inas_nvm + (uint16_t)address / 2, bytes);
}

void inas_hal_nvm_write(uint32_t address, const void* from, uint16_t bytes) {
  move_words(inas_nvm + (uint16_t)address / 2, from, bytes);
}

void inas_hal_convolve(const inas_products* products) { inas_multiplier_convolve(products); }

void inas_board_init(void) {}

/* Places for breakpoints. The empty statements keep the calls. */
void inas_finished(void);
void inas_stuck(void);
__attribute__((noinline)) void inas_finished(void) { __asm__ volatile(""); }
__attribute__((noinline)) void inas_stuck(void) { __asm__ volatile(""); }

void inas_board_signal(inas_signal signal) {
  if (signal == INAS_SIGNAL_FINISHED) inas_finished();
  if (signal == INAS_SIGNAL_STUCK) inas_stuck();
}

void inas_board_wait_for_request(void) {
  for (;;) {
  }
}
