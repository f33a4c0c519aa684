/* The MSP430FR5994. NVM: addresses from 0 are the FRAM above 64 KB, those after it an external
 * serial FRAM. */
#include "board.h"

#include <inas_firmware/hal.h>

#include "external_fram.h"
#include "inas_board.h"
#include "model.h"
#include "pins.h"
#include "power_end.h"
#include "registers.h"

#define HIGH_FRAM_BYTES INAS_MEMORY_HIGH_FRAM_BYTES
#define USES_EXTERNAL_FRAM (INAS_MODEL_NVM_BYTES > HIGH_FRAM_BYTES)

#if INAS_MODEL_VM_BYTES > INAS_VM_BYTES
#error "The model needs more VM than board.json gives it; inas-dump --board says the numbers"
#endif
#if INAS_MODEL_NVM_BYTES > INAS_NVM_CAPACITY_BYTES
#error "The model needs more NVM than board.json gives it; inas-dump --board says the numbers"
#endif
#if INAS_MODEL_USES_LEA && !defined(INAS_UNIT_LEA)
#error "Designs of the model are for the LEA, and this firmware is built without it (INAS_LEA)"
#endif

/* From instructions.S, with inas_hal_nvm_read and inas_hal_nvm_write for models that fit on chip.
 */
void inas_on_chip_read(uint32_t address, void* vm, uint16_t bytes);
void inas_on_chip_write(uint32_t address, const void* vm, uint16_t bytes);
void inas_sleep(void);

static int32_t vm[(INAS_MODEL_VM_BYTES + 3) / 4]
    __attribute__((section(".vm"), aligned(INAS_VM_ALIGNMENT)));

int16_t* inas_hal_vm(void) { return (int16_t*)vm; }

#if USES_EXTERNAL_FRAM
/* How many of the bytes from `address` on lie on chip. */
static uint16_t bytes_on_chip(uint32_t address, uint16_t bytes) {
  if (address >= HIGH_FRAM_BYTES) return 0;
  const uint32_t left = HIGH_FRAM_BYTES - address;
  return left < bytes ? (uint16_t)left : bytes;
}

void inas_hal_nvm_read(uint32_t address, void* to, uint16_t bytes) {
  const uint16_t on_chip = bytes_on_chip(address, bytes);
  if (on_chip < bytes) {
    inas_external_read(address + on_chip - HIGH_FRAM_BYTES, (uint8_t*)to + on_chip,
                       (uint16_t)(bytes - on_chip));
  }
  if (on_chip > 0) inas_on_chip_read(address, to, on_chip);
}

void inas_hal_nvm_write(uint32_t address, const void* from, uint16_t bytes) {
  const uint16_t on_chip = bytes_on_chip(address, bytes);
  if (on_chip > 0) inas_on_chip_write(address, from, on_chip);
  if (on_chip < bytes) {
    inas_external_write(address + on_chip - HIGH_FRAM_BYTES, (const uint8_t*)from + on_chip,
                        (uint16_t)(bytes - on_chip));
  }
}
#endif

static void init_pins(void) {
  for (uint16_t pair = 0; pair < 4; ++pair) {
    INAS_WORD(PAOUT + pair * PORT_PAIR) = 0;
    INAS_WORD(PADIR + pair * PORT_PAIR) = 0;
    INAS_WORD(PAREN + pair * PORT_PAIR) = 0xFFFF;
  }
  INAS_WORD(PJOUT) = 0;
  INAS_WORD(PJREN) = 0xFFFF;
  /* An external FRAM that is there and not used stays deselected. */
  INAS_BYTE(P6OUT) |= PIN_SELECT;

  const uint8_t signals = PIN_RUNNING | PIN_FINISHED | PIN_STUCK | PIN_CYCLE_FINISHED;
  INAS_BYTE(P3REN) &= (uint8_t)~signals;
  INAS_BYTE(P3DIR) |= signals;
  INAS_BYTE(P5OUT) |= PIN_GO_ON | PIN_NEXT;
  INAS_BYTE(P5IES) |= PIN_GO_ON | PIN_NEXT; /* falling edges */
  INAS_WORD(PM5CTL0) &= (uint16_t)~LOCKLPM5;
}

static void init_clocks(void) {
  INAS_WORD(FRCTL0) = FRCTLPW | NWAITS_1;
  /* The DCO may overshoot when its range changes (erratum CS12): meanwhile its clocks are divided
   * by 4, for 10 µs and more. */
  INAS_WORD(CSCTL0) = CSKEY;
  INAS_WORD(CSCTL1) = DCOFSEL_0;
  INAS_WORD(CSCTL2) = SELA__VLOCLK | SELS__DCOCLK | SELM__DCOCLK;
  INAS_WORD(CSCTL3) = DIVA__4 | DIVS__4 | DIVM__4;
  INAS_WORD(CSCTL1) = DCORSEL | DCOFSEL_4;
  for (volatile uint16_t round = 0; round < 20; ++round) {
  }
  INAS_WORD(CSCTL3) = 0;
  INAS_WORD(CSCTL0) = 0; /* without the key: locked */
}

void inas_board_init(void) {
  init_pins();
  init_clocks();
#if USES_EXTERNAL_FRAM
  /* Without the FRAM nothing can go on. */
  while (!inas_external_init()) inas_board_signal(INAS_SIGNAL_STUCK);
#endif
}

void inas_board_signal(inas_signal signal) {
  static const uint8_t pins[] = {[INAS_SIGNAL_RUNNING] = PIN_RUNNING,
                                 [INAS_SIGNAL_FINISHED] = PIN_FINISHED,
                                 [INAS_SIGNAL_STUCK] = PIN_STUCK,
                                 [INAS_SIGNAL_CYCLE_FINISHED] = PIN_CYCLE_FINISHED};
  INAS_BYTE(P3OUT) = pins[signal];
}

/* An edge between the look and the sleep is not lost: its interrupt is still pending then. */
void inas_board_sleep_until_low(uint8_t pin) {
  INAS_BYTE(P5IFG) = 0;
  INAS_BYTE(P5IE) = pin;
  while ((INAS_BYTE(P5IN) & pin) != 0) {
    inas_sleep();
  }
  INAS_BYTE(P5IE) = 0;
}

void inas_board_wait_for_request(void) { inas_board_sleep_until_low(PIN_NEXT); }

/* The function of power_end.h that the build names. */
#define POWER_END_OF(name) inas_power_end_##name
#define POWER_END(name) POWER_END_OF(name)

void inas_hal_end_power_cycle(void) {
  inas_board_signal(INAS_SIGNAL_CYCLE_FINISHED);
  POWER_END(INAS_POWER_END)();
  inas_board_signal(INAS_SIGNAL_RUNNING);
}
