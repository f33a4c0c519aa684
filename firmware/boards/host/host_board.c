#include "host_board.h"

#include <setjmp.h>
#include <string.h>

#include <inas_firmware/products.h>
#include <inas_firmware/runtime.h>

/* The board that this thread powers: the HAL's functions have no argument for it. __thread is older
 * than C11 and known to every compiler that this board is built with. */
static __thread inas_host_board* powered;
static __thread jmp_buf power_off;

/* Leaves the runtime at once, as a power failure does: nothing but NVM keeps its content. */
static void leave(inas_host_outcome outcome) { longjmp(power_off, (int)outcome + 1); }

static void count_call(void) {
  if (powered->calls_until_failure == 0) leave(INAS_HOST_POWER_FAILED);
  if (powered->calls_until_failure != INAS_HOST_NEVER) --powered->calls_until_failure;
}

static void check(bool allowed) {
  if (!allowed) leave(INAS_HOST_BAD_ACCESS);
}

static bool in_nvm(uint32_t address, uint16_t bytes) {
  return bytes >= 2 && bytes % 2 == 0 && address % 2 == 0 && bytes <= powered->nvm_bytes &&
         address <= powered->nvm_bytes - bytes;
}

static bool in_vm(const int16_t* vector, uint16_t length) {
  const uintptr_t begin = (uintptr_t)powered->vm;
  const uintptr_t at = (uintptr_t)vector;
  return at >= begin && at % 2 == 0 && at - begin + 2u * length <= powered->vm_bytes;
}

static bool in_progress_area(uint32_t address) {
  return address >= powered->progress && address < powered->progress + INAS_PROGRESS_BYTES;
}

/* marks[2a]: epoch in which byte a was read before it was written; marks[2a + 1]: epoch in which it
 * was written. An epoch lasts from commit to commit. */
static void mark_read(uint32_t address, uint16_t bytes) {
  if (powered->marks == 0 || in_progress_area(address)) return;
  for (uint32_t a = address; a < address + bytes; ++a) {
    if (powered->marks[2 * a + 1] != powered->epoch) powered->marks[2 * a] = powered->epoch;
  }
}

static void mark_written(uint32_t address, uint16_t bytes) {
  if (powered->marks == 0) return;
  if (in_progress_area(address)) {
    ++powered->epoch;
    return;
  }
  for (uint32_t a = address; a < address + bytes; ++a) {
    if (powered->marks[2 * a] == powered->epoch) ++powered->overwritten_inputs;
    powered->marks[2 * a + 1] = powered->epoch;
  }
}

int16_t* inas_hal_vm(void) { return powered->vm; }

void inas_hal_nvm_read(uint32_t address, void* vm, uint16_t bytes) {
  count_call();
  check(in_nvm(address, bytes));
  memcpy(vm, powered->nvm + address, bytes);
  mark_read(address, bytes);
  if (in_progress_area(address)) {
    ++powered->counts.progress_reads;
  } else {
    ++powered->counts.reads;
    powered->counts.values_read += bytes / 2;
  }
}

void inas_hal_nvm_write(uint32_t address, const void* vm, uint16_t bytes) {
  count_call();
  check(in_nvm(address, bytes));
  mark_written(address, bytes);
  if (powered->bytes_until_failure < bytes) {
    memcpy(powered->nvm + address, vm, (size_t)powered->bytes_until_failure);
    leave(INAS_HOST_POWER_FAILED);
  }
  memcpy(powered->nvm + address, vm, bytes);
  if (powered->bytes_until_failure != INAS_HOST_NEVER) powered->bytes_until_failure -= bytes;
  if (in_progress_area(address)) {
    ++powered->counts.progress_writes;
  } else {
    ++powered->counts.writes;
    powered->counts.values_written += bytes / 2;
  }
}

inas_work_counts* inas_host_work(uint8_t type) { return &powered->counts.work[type]; }

static int32_t mac(const int16_t* a, const int16_t* b, uint16_t length, int unit) {
  count_call();
  check(length > 0 && in_vm(a, length) && (powered->kind == INAS_ADD || in_vm(b, length)));
  ++powered->counts.macs;
  powered->counts.mac_values += length;
  inas_work_counts* const work = inas_host_work(powered->kind);
  ++work->lines[unit];
  work->line_values[unit] += length;
  int32_t sum = 0; /* half of the result, so that it cannot overflow if that fits */
  for (uint16_t i = 0; i < length; ++i) sum += (int32_t)a[i] * b[i];
  return 2 * sum;
}

int32_t inas_cpu_mac(const int16_t* a, const int16_t* b, uint16_t length) {
  return mac(a, b, length, INAS_UNIT_CPU);
}

int32_t inas_lea_mac(const int16_t* a, const int16_t* b, uint16_t length) {
  check(length % 2 == 0 && ((uintptr_t)a | (uintptr_t)b) % 4 == 0);
  return mac(a, b, length, INAS_UNIT_LEA);
}

/* The work of a tile but for its lines. */
static inas_work_counts* count_tile(const inas_products* products) {
  inas_work_counts* const work = inas_host_work(powered->kind);
  const uint64_t positions = (uint64_t)products->rows * products->columns;
  const uint64_t outputs = positions * products->channels;
  ++work->tiles;
  work->rows += products->rows;
  work->positions += positions;
  work->outputs += outputs;
  if (products->bias != 0) work->bias += outputs;
  return work;
}

/* Only the factors of an addition lie outside VM. */
static uint8_t kind_of(const inas_products* products) {
  if (products->lea) return INAS_CONVOLUTION_BY_LEA;
  return in_vm(products->weights, 1) ? INAS_CONVOLUTION : INAS_ADD;
}

void inas_hal_convolve(const inas_products* products) {
  powered->kind = kind_of(products);
  inas_work_counts* const work = count_tile(products);
  if (products->lea) {
    const uint64_t lines =
        (uint64_t)products->rows * products->columns * products->channels * products->lines;
    work->kernel_lines += lines;
    work->vectors += lines * (products->length / products->vector);
  }
  inas_convolve_by_vectors(products);
}

void inas_hal_depthwise(const inas_products* products) {
  count_call();
  const uint32_t lines = products->lines;
  const uint32_t last_line = (products->rows - 1u) * products->input_row +
                             (products->columns - 1u) * products->input_step +
                             (lines - 1) * products->input_line;
  const uint32_t line_values = (uint32_t)products->length * products->channels;
  check(last_line <= UINT16_MAX && lines * line_values <= UINT16_MAX &&
        in_vm(products->input + last_line, (uint16_t)line_values) && in_vm(products->input, 1) &&
        in_vm(products->weights, (uint16_t)(lines * line_values)) && products->first &&
        !products->lea);
  powered->kind = INAS_DEPTHWISE;
  inas_work_counts* const work = count_tile(products);
  const uint64_t outputs = (uint64_t)products->rows * products->columns * products->channels;
  work->lines[INAS_UNIT_CPU] += outputs * lines;
  work->line_values[INAS_UNIT_CPU] += outputs * lines * products->length;
  inas_depthwise_by_values(products);
}

void inas_hal_end_power_cycle(void) {
  count_call();
  ++powered->counts.ended_cycles;
  leave(INAS_HOST_CYCLE_ENDED);
}

/* Power does not fail here: for NVM that were the same as before the next call. */
void inas_hal_report_stuck(bool stuck) {
  powered->stuck = stuck;
  if (stuck) ++powered->counts.stuck_cycles;
}

static void power_up(inas_host_board* board, const inas_model* model) {
  powered = board;
  board->progress = model->progress;
  board->stuck = false;
  ++board->counts.boots;
  if (board->epoch == 0) board->epoch = 1; /* marks start at 0 */
  uint32_t rubbish = ++board->scramble;
  for (uint16_t i = 0; i < board->vm_bytes / 2; ++i) {
    rubbish = rubbish * 1664525u + 1013904223u;
    board->vm[i] = (int16_t)(uint16_t)(rubbish >> 16);
  }
}

void inas_host_reset(inas_host_board* board) {
  memset(&board->counts, 0, sizeof board->counts);
  board->bytes_until_failure = INAS_HOST_NEVER;
  board->calls_until_failure = INAS_HOST_NEVER;
  board->overwritten_inputs = 0;
}

inas_host_outcome inas_host_boot(inas_host_board* board, const inas_model* model) {
  power_up(board, model);
  const int left = setjmp(power_off);
  if (left != 0) return (inas_host_outcome)(left - 1);
  if (model->vm_bytes > board->vm_bytes) return INAS_HOST_BAD_ACCESS;
  return inas_run(model) == INAS_DONE ? INAS_HOST_DONE : INAS_HOST_IDLE;
}

inas_host_outcome inas_host_start(inas_host_board* board, const inas_model* model) {
  power_up(board, model);
  const int left = setjmp(power_off);
  if (left != 0) return (inas_host_outcome)(left - 1);
  inas_start(model);
  return INAS_HOST_DONE;
}

inas_host_outcome inas_host_finish(inas_host_board* board, const inas_model* model,
                                   uint64_t failure_every) {
  for (;;) {
    if (failure_every > 0) board->bytes_until_failure = failure_every;
    const inas_host_outcome outcome = inas_host_boot(board, model);
    if (outcome != INAS_HOST_POWER_FAILED && outcome != INAS_HOST_CYCLE_ENDED) return outcome;
    if (board->stuck) return INAS_HOST_STUCK;
  }
}
