/* The LEA by its registers, without DSPLib, as DSPLib's sources use them: commands that the CPU
 * waits for without sleeping. Parts whose LEA is of revision A need DSPLib, which mends its
 * commands. Run on the emulator only. */
#include <inas_firmware/products.h>

#include "board.h"
#include "inas_board.h"
#include "registers.h"

/* What the LEA reads and writes besides vectors lies in its RAM behind VM, of the bytes that
 * board.json reserves; its stack takes the others from their end. The LEA counts addresses in units
 * of 4 bytes. */
static struct {
  uint16_t length, second, result_at, unused;
  int32_t result;
} shared __attribute__((section(".vm_reserved"), aligned(4)));

#define LEA_ADDRESS(pointer) ((uint16_t)(INAS_ADDRESS(pointer) >> 2))
#define LEA_RAM_END (INAS_MEMORY_LEA_RAM_ADDRESS + INAS_MEMORY_LEA_RAM_BYTES)

static void init(void) {
  INAS_WORD(LEACNF0) = 0;
  INAS_WORD(LEACNF1) = 0;
  INAS_WORD(LEACNF2) = LEA_RAM_END >> 2;
  INAS_WORD(LEAPMDST) = 0;
  INAS_WORD(LEAPMCTL) |= LEACMDEN;
  INAS_WORD(LEACMCTL) = 0;
}

int32_t inas_lea_mac(const int16_t* a, const int16_t* b, uint16_t length) {
  if ((INAS_WORD(LEAPMCTL) & LEACMDEN) == 0) init();
  shared.length = length;
  shared.second = LEA_ADDRESS(b);
  shared.result_at = LEA_ADDRESS(&shared.result);
  INAS_WORD(LEAPMS0) = LEA_ADDRESS(a);
  INAS_WORD(LEAPMS1) = LEA_ADDRESS(&shared);
  INAS_WORD(LEAPMCB) = LEACMD__MAC | LEAITFLG1;
  uint16_t flags;
  do {
    flags = INAS_WORD(LEAIFG);
  } while ((flags & LEAPMCMDIFG) == 0);
  INAS_WORD(LEAIFG) = flags; /* clears those that are set */
  if ((flags & (LEACOVLIFG | LEAOORIFG | LEASDIIFG)) != 0) {
    return inas_multiplier_mac(a, b, length);
  }
  return *(volatile int32_t*)&shared.result;
}
