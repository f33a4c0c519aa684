#include <inas_firmware/hal.h>
#include <inas_firmware/runtime.h>

#include "counts.h"
#include "layer.h"
#include "progress.h"
#include "seeded_faults.h"
#include "windows.h"

/* Commits that `batch` of the current layer is finished. */
static void commit_batch(const inas_model* model, inas_progress* progress) {
  const inas_layer* const layer = &model->layers[progress->layer];
  const uint32_t next = progress->batch + 1;
  if (next == layer->batches) {
    inas_progress_commit(model, progress, (uint8_t)(progress->layer + 1), 0);
  } else {
    inas_progress_commit(model, progress, progress->layer, next);
  }
}

/* Counts the power cycle, or reports that too many were fruitless: then the count stays as it is,
 * until a batch is finished. Returns whether it was reported. */
static bool count_or_report(const inas_model* model, inas_progress* progress) {
  if (progress->fruitless < INAS_FRUITLESS_CYCLES) {
    inas_progress_count_cycle(model, progress);
    return false;
  }
  inas_hal_report_stuck(true);
  return true;
}

/* Computes what depends on the layer alone. Together with run_batch the only place that asks for a
 * layer's type. */
static void enter_layer(const inas_layer* layer, uint32_t batch, inas_kept* kept) {
  INAS_COUNT(layer->type, entries, 1);
  kept->entered = true;
#if INAS_SEEDED_FAULT == INAS_FAULT_OPERAND_OUTLIVES_VM
  kept->valid = batch != 0;
#else
  kept->valid = false;
#endif
  /* Divides without a bound too: the cost model has one price for entering a layer. */
  const uint32_t K = layer->batches_per_cycle != 0 ? layer->batches_per_cycle : layer->batches;
  kept->batches_left = K - (batch - inas_quotient(batch, K) * K);
  inas_walk_enter(layer, batch, &kept->walk);
  switch (layer->type) {
    case INAS_CONVOLUTION:
      inas_convolution_enter(layer, kept);
      break;
    case INAS_GLOBAL_AVERAGE_POOL:
      inas_global_average_pool_enter(layer, kept);
      break;
    case INAS_DEPTHWISE:
      inas_depthwise_enter(layer, kept);
      break;
    default:
      inas_windows_enter(layer, layer->tile_out_channels, kept);
      break;
  }
}

static void run_batch(const inas_model* model, const inas_layer* layer, inas_kept* kept) {
  INAS_COUNT(layer->type, batches, 1);
  switch (layer->type) {
    case INAS_CONVOLUTION:
      inas_convolution_batch(model, layer, kept);
      break;
    case INAS_GLOBAL_AVERAGE_POOL:
      inas_global_average_pool_batch(layer, kept);
      break;
    case INAS_MAX_POOL:
      inas_max_pool_batch(layer, kept);
      break;
    case INAS_DEPTHWISE:
      inas_depthwise_batch(layer, kept);
      break;
    case INAS_AVERAGE_POOL:
      inas_average_pool_batch(layer, kept);
      break;
    default:
      inas_add_batch(layer, kept);
      break;
  }
}

/* Takes `units` off the ledger, or all that are left. Returns whether there were so many. */
static bool take(uint16_t* left, uint16_t units) {
  const bool enough = units <= *left;
  *left = enough ? (uint16_t)(*left - units) : 0;
  return enough;
}

/* Takes what the next batch of `layer` needs, in two steps, so that no sum can overflow. */
static bool take_batch(const inas_layer* layer, const inas_kept* kept, uint16_t* left) {
  const bool enters = kept->entered || take(left, layer->entry_units);
  return take(left, kept->valid ? layer->kept_units : layer->fetched_units) && enters;
}

/* Runs batches until the power cycle is to end or the inference is done. By K a cycle that resumes
 * after a power failure ends where the failed one would have, so that it never holds more than K.
 * The ledger begins anew: the device has recharged, or nobody knows what it has. */
static void run_power_cycle(const inas_model* model, inas_progress* progress) {
  inas_kept kept;
  kept.entered = false;
  kept.valid = false;
#if INAS_SEEDED_FAULT == INAS_FAULT_LEDGER_OUTLIVES_POWER
  static __thread uint16_t ledger; /* of the host board that this thread powers */
  if (ledger == 0) ledger = model->ledger_budget;
#else
  uint16_t ledger = model->ledger_budget;
#endif
  bool first = true;
  bool stuck = count_or_report(model, progress);
  while (progress->layer < model->layer_count) {
    const uint8_t index = progress->layer;
    const inas_layer* const layer = &model->layers[index];
    if (model->ledger_budget != 0 && !take_batch(layer, &kept, &ledger) && !first) return;
    if (!kept.entered) enter_layer(layer, progress->batch, &kept);
#if INAS_SEEDED_FAULT == INAS_FAULT_COMMIT_BEFORE_DATA
    commit_batch(model, progress);
#endif
    run_batch(model, layer, &kept);
#if INAS_SEEDED_FAULT != INAS_FAULT_COMMIT_BEFORE_DATA
    commit_batch(model, progress);
#endif
    if (stuck) inas_hal_report_stuck(false);
    stuck = false;
    first = false;
    if (progress->layer != index) {
      kept.entered = false;
      kept.valid = false;
    }
    if (layer->batches_per_cycle != 0 && --kept.batches_left == 0) return;
  }
}

void inas_start(const inas_model* model) {
  inas_progress progress = inas_progress_read(model);
  inas_progress_commit(model, &progress, 0, 0);
}

inas_status inas_run(const inas_model* model) {
  for (;;) {
    inas_progress progress = inas_progress_read(model);
    if (!progress.started) return INAS_IDLE;
    if (progress.layer >= model->layer_count) return INAS_DONE;
    run_power_cycle(model, &progress);
    if (progress.layer >= model->layer_count) return INAS_DONE;
    inas_hal_end_power_cycle();
  }
}
