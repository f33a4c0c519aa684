/* The FR5994's board against a model of its hardware. */
#include "fr5994_hardware.h"

#define INAS_WORD(address) (*fr5994_word(address))
#define INAS_BYTE(address) (*fr5994_byte(address))
#define INAS_ADDRESS(pointer) fr5994_address(pointer)

#include "../../firmware/boards/msp430fr5994/board.c"
#include "../../firmware/boards/msp430fr5994/external_fram.c"
#include "../../firmware/boards/msp430fr5994/power_end.c"

void inas_hal_report_stuck(bool stuck) { (void)stuck; }

#if !USES_EXTERNAL_FRAM
/* In instructions.S one is the other's second name. */
void inas_hal_nvm_read(uint32_t address, void* to, uint16_t bytes) {
  inas_on_chip_read(address, to, bytes);
}
void inas_hal_nvm_write(uint32_t address, const void* from, uint16_t bytes) {
  inas_on_chip_write(address, from, bytes);
}
#endif
