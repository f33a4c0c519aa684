/// Where an inference stands, kept in NVM so that a power failure at any byte leaves either the old
/// state or the new one.
#ifndef INAS_FIRMWARE_PROGRESS_H
#define INAS_FIRMWARE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <inas_firmware/model.h>

typedef struct inas_progress {
  bool started;      ///< false: no record was ever committed, or both are damaged
  uint8_t sequence;  ///< of the newest record
  uint8_t layer;     ///< next layer to run; the model's layer_count: done
  uint32_t batch;    ///< next batch of that layer; below 2^24
  /// Power cycles since the newest record that ended before their first batch, as far as they were
  /// counted.
  uint8_t fruitless;
} inas_progress;

/// Reads both records and the count in one transfer.
inas_progress inas_progress_read(const inas_model* model);

/// Makes `layer` and `batch` the state, by one transfer.
void inas_progress_commit(const inas_model* model, inas_progress* progress, uint8_t layer,
                          uint32_t batch);

/// Counts a power cycle that has yet to finish a batch.
void inas_progress_count_cycle(const inas_model* model, inas_progress* progress);

#endif
