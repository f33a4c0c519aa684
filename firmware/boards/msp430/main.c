/* The program of all boards of this family. */
#include <inas_firmware/hal.h>
#include <inas_firmware/runtime.h>

#include "board.h"
#include "model.h"

void inas_hal_report_stuck(bool stuck) {
  inas_board_signal(stuck ? INAS_SIGNAL_STUCK : INAS_SIGNAL_RUNNING);
}

int main(void) {
  const inas_model* const model = &inas_model_tables;
  inas_board_init();
  for (;;) {
    inas_board_signal(INAS_SIGNAL_RUNNING);
    if (inas_run(model) == INAS_DONE) {
      inas_board_signal(INAS_SIGNAL_FINISHED);
      inas_board_wait_for_request();
    }
    inas_start(model);
  }
}
