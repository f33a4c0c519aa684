/* The program of all boards of this family. */
#include <inas_firmware/runtime.h>

#include "board.h"
#include "model.h"

int main(void) {
  const inas_model* const model = &inas_model_tables;
  inas_board_init();
  for (;;) {
    inas_board_signal(INAS_SIGNAL_RUNNING);
    switch (inas_run(model)) {
      case INAS_IDLE:
        break;
      case INAS_DONE:
        inas_board_signal(INAS_SIGNAL_FINISHED);
        inas_board_wait_for_request();
        break;
      case INAS_STUCK:
        inas_board_signal(INAS_SIGNAL_STUCK);
        inas_board_wait_for_request();
        break;
    }
    inas_start(model);
  }
}
