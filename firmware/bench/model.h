/* The layers that the micro-benchmarks run, in the place of a dumped model. All lie on the same
 * areas of NVM, at its start, or, with INAS_BENCH_SERIAL, at that of the serial memory. */
#ifndef INAS_BENCH_MODEL_H
#define INAS_BENCH_MODEL_H

#include <inas_firmware/model.h>

#include "inas_board.h"

#ifdef INAS_BENCH_SERIAL
#define INAS_BENCH_NVM INAS_MEMORY_HIGH_FRAM_BYTES
#else
#define INAS_BENCH_NVM 0
#endif

/* Most values of a map, and of a layer's weights. */
#define INAS_BENCH_MAP_VALUES 4096

#define INAS_BENCH_MAP(index) \
  (INAS_BENCH_NVM + INAS_PROGRESS_BYTES + 2 + (index) * (2ul * INAS_BENCH_MAP_VALUES))
#define INAS_BENCH_INPUT INAS_BENCH_MAP(0)
#define INAS_BENCH_WEIGHTS INAS_BENCH_MAP(1)
#define INAS_BENCH_OUTPUT INAS_BENCH_MAP(2) /* two copies */

/* Of these the preprocessor asks. */
#define INAS_MODEL_NVM_BYTES (INAS_BENCH_NVM + 20 + 8ul * INAS_BENCH_MAP_VALUES)
#define INAS_MODEL_VM_BYTES 3700
#ifdef INAS_UNIT_LEA
#define INAS_MODEL_USES_LEA 1
#else
#define INAS_MODEL_USES_LEA 0
#endif

/// Layers that are run by themselves, except that where inas_bench_copies is 2 a layer stands twice
/// in a row, and both are one model. inas_bench_copies has an entry for each model and ends with 0.
extern const inas_layer inas_bench_layers[];
extern const uint8_t inas_bench_copies[];

#endif
