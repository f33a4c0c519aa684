/// The intermittent inference runtime: runs a dumped model to the end across any number of power
/// failures, with the same result, bit for bit, as without one. No heap, no recursion.
///
/// A board's main loop:
///
///   for (;;) {
///     if (inas_run(&model) == INAS_DONE) {
///       use the output at model.output, and wait until the next inference is asked for
///     }
///     write the input map to model.layers[0].input; inas_start(&model);
///   }
///
/// Nothing but inas_start drops progress. An inference that seems stuck is reported by
/// inas_hal_report_stuck and goes on being tried: there is nothing for the main loop to do.
#ifndef INAS_FIRMWARE_RUNTIME_H
#define INAS_FIRMWARE_RUNTIME_H

#include <inas_firmware/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum inas_status {
  INAS_IDLE,  ///< no inference was ever started
  INAS_DONE   ///< the last inference is finished; its output stays until the next is started
} inas_status;

/// After so many power cycles in a row that finish no batch the inference is reported as stuck. The
/// design may need more energy than a power cycle has, or power may bounce: too short power-ups
/// prove nothing. A device that cannot even write the two bytes that count a cycle cannot tell.
enum { INAS_FRUITLESS_CYCLES = 32 };

/// Commits the start of an inference on the input map in NVM. Until this returns, the state before
/// is kept: a power failure within leaves either. The output of the last inference is not touched
/// before the next one is started.
void inas_start(const inas_model* model);

/// Goes on with the inference that was started, from the last committed batch, until it is done.
/// Calls inas_hal_end_power_cycle after every K batches and where the ledger has too few units left
/// for the next one (model.h), and inas_hal_report_stuck in a power cycle that follows
/// INAS_FRUITLESS_CYCLES fruitless ones. To be called at every boot; returns at once if there is
/// nothing to do.
inas_status inas_run(const inas_model* model);

#ifdef __cplusplus
}
#endif

#endif
