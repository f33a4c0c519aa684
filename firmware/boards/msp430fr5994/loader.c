/* Copies the part of the NVM image that this program carries, in the place of NVM's on-chip start,
 * to where it belongs in the external FRAM, and compares. Finished or stuck (not what was written)
 * is signalled as by the firmware. Interrupted, it starts again. */
#include <inas_firmware/hal.h>

#include "board.h"

static bool copy(uint32_t from, uint32_t to, uint16_t bytes) {
  uint16_t data[64];
  uint16_t written[64];
  inas_hal_nvm_read(from, data, bytes);
  inas_hal_nvm_write(to, data, bytes);
  inas_hal_nvm_read(to, written, bytes);
  for (uint16_t i = 0; i < bytes / 2; ++i) {
    if (data[i] != written[i]) return false;
  }
  return true;
}

int main(void) {
  inas_board_init();
  inas_board_signal(INAS_SIGNAL_RUNNING);
  inas_signal end = INAS_SIGNAL_FINISHED;
  for (uint32_t offset = 0; offset < INAS_LOADER_BYTES; offset += 128) {
    const uint32_t left = INAS_LOADER_BYTES - offset;
    if (!copy(offset, INAS_LOADER_OFFSET + offset, left < 128 ? (uint16_t)left : 128)) {
      end = INAS_SIGNAL_STUCK;
    }
  }
  inas_board_signal(end);
  for (;;) inas_board_wait_for_request();
}
