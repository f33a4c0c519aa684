/// The board that runs the firmware on a computer: NVM is an array of the caller's, power fails
/// when the caller wants, everything that the runtime does is counted, and what it must not do is
/// noticed.
#ifndef INAS_FIRMWARE_HOST_BOARD_H
#define INAS_FIRMWARE_HOST_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include <inas_firmware/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What the layers of one type (INAS_CONVOLUTION, ...) had the runtime do, the tiles apart whose
/// vectors the LEA multiplies (INAS_CONVOLUTION_BY_LEA). The cost model has a law for each.
typedef struct inas_work_counts {
  uint64_t entries;  ///< layers that were begun or resumed in a power cycle
  uint64_t batches, tiles;
  uint64_t blocks, block_rows;  ///< of maps, fetched or backed up
  uint64_t windows;             ///< of the blocks, those that windows cover
  uint64_t borders;             ///< input blocks of which something lies outside of the map
  uint64_t fills, fill_runs;    ///< values of input blocks outside the map, and runs of them
  uint64_t weights;             ///< tiles whose weights were fetched
  uint64_t bias;                ///< outputs that begin with a bias
  uint64_t capped;              ///< outputs that were compared with the layer's most
  uint64_t rows, positions;     ///< of computed tiles; not of global average pooling
  uint64_t outputs;             ///< global average pooling: a tile's channels, for each tile
  /// By the LEA: lines of the outputs, and their vectors, whatever then multiplies them.
  uint64_t kernel_lines, vectors;
  /// Vectors and values by unit, INAS_UNIT_CPU and INAS_UNIT_LEA, of an odd length the last value
  /// being a vector of the CPU. Pooling over windows and depthwise convolution: rows of windows and
  /// their values; global average pooling: no lines, and the values that are added; all of the CPU.
  uint64_t lines[2], line_values[2];
  uint64_t batch_outputs;  ///< global average pooling: means that were formed
} inas_work_counts;

enum { INAS_UNIT_CPU = 0, INAS_UNIT_LEA = 1 };

/// After the types of layers: tiles of convolutions for the LEA. Entries, batches, blocks, fills,
/// weights and capped outputs are counted with the type.
enum { INAS_CONVOLUTION_BY_LEA = 6, INAS_WORK_KINDS = 7 };

/// What the runtime asked of the board since the counts were last cleared. A transfer is one call
/// of the HAL. Those of the progress area are counted apart.
typedef struct inas_host_counts {
  uint64_t reads, values_read;
  uint64_t writes, values_written;
  uint64_t progress_reads, progress_writes;
  uint64_t macs, mac_values;  ///< vectors of either unit, and their values; not depthwise
  uint64_t boots;             ///< power-ups
  uint64_t ended_cycles;      ///< power cycles that the runtime ended
  uint64_t stuck_cycles;      ///< power cycles that the runtime reported as stuck
  inas_work_counts work[INAS_WORK_KINDS];
} inas_host_counts;

typedef enum inas_host_outcome {
  INAS_HOST_IDLE,   ///< nothing to do: no inference was started
  INAS_HOST_DONE,   ///< the inference is finished; for inas_host_start: it is started
  INAS_HOST_STUCK,  ///< of inas_host_finish: a power cycle reported as stuck was fruitless too
  INAS_HOST_POWER_FAILED,  ///< power failed where the caller wanted it
  INAS_HOST_CYCLE_ENDED,   ///< the runtime ended its power cycle
  INAS_HOST_BAD_ACCESS     ///< the runtime left its memories or broke a rule of the HAL
} inas_host_outcome;

/// A power failure that never comes.
#define INAS_HOST_NEVER UINT64_MAX

/// One simulated device. Fill in the memories, `inas_host_reset` does the rest. Boards may run in
/// several threads at a time, one thread for each.
typedef struct inas_host_board {
  uint8_t* nvm;
  uint32_t nvm_bytes;
  int16_t* vm;  ///< aligned to 4 bytes
  uint16_t vm_bytes;
  /// Two words for each byte of NVM, or null. If given, every write is checked against what was
  /// read since the last commit: such a byte would be another one when the work runs again.
  uint32_t* marks;

  uint64_t bytes_until_failure;  ///< NVM bytes that are still written before power fails
  uint64_t calls_until_failure;  ///< calls of the HAL that still complete before power fails
  inas_host_counts counts;
  uint64_t overwritten_inputs;  ///< bytes written after they were read, see `marks`
  bool stuck;                   ///< what inas_hal_report_stuck said last since the power-up

  uint32_t progress;  ///< the rest is the board's own
  uint8_t kind;       ///< of work that the tile that is computed is counted with
  uint32_t epoch;
  uint32_t scramble;
} inas_host_board;

/// Where the runtime counts the work of layers of `type` (src/counts.h): of the board that this
/// thread powers.
inas_work_counts* inas_host_work(uint8_t type);

/// Clears counts and failures. NVM and VM stay as they are.
void inas_host_reset(inas_host_board* board);

/// Powers up, with rubbish in VM, and calls inas_run until it returns, power fails, or the power
/// cycle ends.
inas_host_outcome inas_host_boot(inas_host_board* board, const inas_model* model);

/// The same with inas_start.
inas_host_outcome inas_host_start(inas_host_board* board, const inas_model* model);

/// Boots until the outcome is neither a power failure nor the end of a power cycle, or until a
/// power cycle that was reported as stuck has finished no batch either. `failure_every` > 0: power
/// fails in each cycle after so many NVM bytes are written.
inas_host_outcome inas_host_finish(inas_host_board* board, const inas_model* model,
                                   uint64_t failure_every);

#ifdef __cplusplus
}
#endif

#endif
