/// What an application adds to a board's program: functions that the main loop calls, which do
/// nothing unless the application has its own (build option INAS_APPLICATION).
/// firmware/example-application is one.
#ifndef INAS_FIRMWARE_APPLICATION_H
#define INAS_FIRMWARE_APPLICATION_H

#include <inas_firmware/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Writes the next input map to NVM at model->layers[0].input (input.h makes its values). Called
/// before an inference is started; if power fails within, called again at the next boot.
void inas_application_input(const inas_model* model);

/// Uses the output map, which lies in NVM at model->output. Called after an inference, and again at
/// each boot before the next one is started: using an output twice must do no harm.
void inas_application_output(const inas_model* model);

#ifdef __cplusplus
}
#endif

#endif
