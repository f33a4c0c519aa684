/* An application: a sensor's bytes become the input map, and of the outputs the largest is chosen.
 */
#include <inas_firmware/application.h>
#include <inas_firmware/hal.h>
#include <inas_firmware/input.h>

#include "model.h"
#include "sensor.h"

/* The class of the last input; what an application would show or send. */
volatile uint16_t example_class;

/* Values in one transfer, which lie on the stack. */
enum { kSome = 16 };

void inas_application_input(const inas_model* model) {
  const inas_layer* const first = &model->layers[0];
  uint32_t address = first->input;
  int16_t values[kSome];
  uint16_t count = 0;
  for (uint16_t row = 0; row < first->in_rows; ++row) {
    for (uint16_t column = 0; column < first->in_columns; ++column) {
      for (uint16_t channel = 0; channel < first->in_channels; ++channel) {
        values[count++] =
            inas_input_value(&inas_model_input_scales[channel], sensor_read(row, column, channel));
        if (count == kSome) {
          inas_hal_nvm_write(address, values, sizeof values);
          address += sizeof values;
          count = 0;
        }
      }
    }
  }
  if (count > 0) inas_hal_nvm_write(address, values, (uint16_t)(2 * count));
}

void inas_application_output(const inas_model* model) {
  int16_t most = INT16_MIN;
  for (uint16_t i = 0; i < INAS_MODEL_OUTPUT_BYTES / 2; ++i) {
    int16_t value;
    inas_hal_nvm_read(model->output + 2 * i, &value, sizeof value);
    if (i == 0 || value > most) {
      most = value;
      example_class = i;
    }
  }
}
