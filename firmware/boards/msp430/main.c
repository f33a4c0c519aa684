/* The program of all boards of this family. */
#include <stddef.h>

#include <inas_firmware/application.h>
#include <inas_firmware/hal.h>
#include <inas_firmware/runtime.h>

#include "board.h"
#include "model.h"

/* What multiplier_convolve.S knows of inas_products. */
#define OFFSET(member, bytes) (offsetof(inas_products, member) == (bytes))
typedef char inas_products_layout[OFFSET(input, 0) && OFFSET(shifts, 6) && OFFSET(bias, 8) &&
                                          OFFSET(rows, 10) && OFFSET(length, 18) &&
                                          OFFSET(input_line, 20) && OFFSET(output_step, 26) &&
                                          OFFSET(first, 32) && OFFSET(relu, 33)
                                      ? 1
                                      : -1];

void inas_hal_report_stuck(bool stuck) {
  inas_board_signal(stuck ? INAS_SIGNAL_STUCK : INAS_SIGNAL_RUNNING);
}

/* Without an application the input is what lies in NVM, and the output stays there. */
__attribute__((weak)) void inas_application_input(const inas_model* model) { (void)model; }
__attribute__((weak)) void inas_application_output(const inas_model* model) { (void)model; }

int main(void) {
  const inas_model* const model = &inas_model_tables;
  inas_board_init();
  for (;;) {
    inas_board_signal(INAS_SIGNAL_RUNNING);
    if (inas_run(model) == INAS_DONE) {
      inas_application_output(model);
      inas_board_signal(INAS_SIGNAL_FINISHED);
      inas_board_wait_for_request();
    }
    inas_application_input(model);
    inas_start(model);
  }
}
