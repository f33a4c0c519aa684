/* A dumped model on the host board, with power failures where the user wants them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_board.h"
#include "model.h"

static uint8_t nvm[INAS_MODEL_NVM_BYTES];
static uint32_t marks[2 * INAS_MODEL_NVM_BYTES];
static int32_t vm[(INAS_MODEL_VM_BYTES + 3) / 4]; /* 4-byte values for the alignment */

enum { kDone = 0, kStuck = 1, kBadInput = 2 };

static const char kUsage[] =
    "Usage: inas-firmware INPUT OUTPUT [option]\n"
    "Runs the model on INPUT (16-bit values, little-endian, [row][column][channel]) and writes\n"
    "OUTPUT in the same form. At each power failure all of VM is lost.\n"
    "  --fail-after-bytes N   once, after N bytes written to NVM since the inference was started\n"
    "  --fail-before-call N   once, before call N of the HAL, counted from 0 in the same way\n"
    "  --fail-every N         in each power cycle, after N bytes written to NVM (at least 2)\n"
    "Exit code: 0 done, 1 stuck or a broken rule, 2 bad input.\n";

static int complain(const char* what, const char* name) {
  fprintf(stderr, "inas-firmware: %s: %s\n", name, what);
  return kBadInput;
}

static bool read_number(const char* text, uint64_t* number) {
  char* end = 0;
  errno = 0;
  const unsigned long long value = strtoull(text, &end, 10);
  if (errno != 0 || end == text || *end != 0 || text[0] == '-') return false;
  *number = value;
  return true;
}

static bool read_input(const char* path, uint8_t* to) {
  FILE* file = fopen(path, "rb");
  if (file == 0) return false;
  const size_t count = fread(to, 1, INAS_MODEL_INPUT_BYTES, file);
  const bool whole = count == INAS_MODEL_INPUT_BYTES && fgetc(file) == EOF;
  fclose(file);
  return whole;
}

static bool write_output(const char* path, const uint8_t* from) {
  FILE* file = fopen(path, "wb");
  if (file == 0) return false;
  const size_t count = fwrite(from, 1, INAS_MODEL_OUTPUT_BYTES, file);
  return fclose(file) == 0 && count == INAS_MODEL_OUTPUT_BYTES;
}

static void print_counts(const inas_host_board* board) {
  const inas_host_counts* const c = &board->counts;
  printf(
      "%llu boots, %llu transfers from NVM of %llu values, %llu to NVM of %llu values, %llu MACs "
      "of "
      "%llu values\n",
      (unsigned long long)c->boots, (unsigned long long)c->reads,
      (unsigned long long)c->values_read, (unsigned long long)c->writes,
      (unsigned long long)c->values_written, (unsigned long long)c->macs,
      (unsigned long long)c->mac_values);
}

int main(int argc, char** argv) {
  if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
    fputs(kUsage, stdout);
    return kDone;
  }
  for (int i = 1; i < argc && i < 3; ++i) {
    if (argv[i][0] == '-') return complain("allowed: INPUT and OUTPUT first; see --help", argv[i]);
  }
  if (argc < 3) return complain("is missing; see --help", argc < 2 ? "INPUT" : "OUTPUT");
  uint64_t after_bytes = INAS_HOST_NEVER;
  uint64_t before_call = INAS_HOST_NEVER;
  uint64_t every = 0;
  for (int i = 3; i < argc; i += 2) {
    uint64_t* number = 0;
    if (strcmp(argv[i], "--fail-after-bytes") == 0) number = &after_bytes;
    if (strcmp(argv[i], "--fail-before-call") == 0) number = &before_call;
    if (strcmp(argv[i], "--fail-every") == 0) number = &every;
    if (number == 0) return complain("not an option; see --help", argv[i]);
    if (i + 1 == argc || !read_number(argv[i + 1], number)) {
      return complain("a number of 0 or more is missing", argv[i]);
    }
    if (number == &every && every < 2) return complain("found less, allowed: 2 or more", argv[i]);
  }

  const inas_model* const model = &inas_model_tables;
  memcpy(nvm, inas_nvm_image, sizeof inas_nvm_image);
  if (!read_input(argv[1], nvm + model->layers[0].input)) {
    char what[80];
    snprintf(what, sizeof what, "cannot read it, or it has not exactly %lu bytes",
             (unsigned long)INAS_MODEL_INPUT_BYTES);
    return complain(what, argv[1]);
  }
  inas_host_board board = {.nvm = nvm,
                           .nvm_bytes = sizeof nvm,
                           .vm = (int16_t*)vm,
                           .vm_bytes = INAS_MODEL_VM_BYTES,
                           .marks = marks};
  inas_host_reset(&board);
  inas_host_start(&board, model);
  inas_host_reset(&board);
  board.bytes_until_failure = after_bytes;
  board.calls_until_failure = before_call;
  inas_host_outcome outcome;
  do {
    if (every > 0) board.bytes_until_failure = every;
    outcome = inas_host_boot(&board, model);
    if (outcome == INAS_HOST_POWER_FAILED) {
      board.bytes_until_failure = INAS_HOST_NEVER;
      board.calls_until_failure = INAS_HOST_NEVER;
    }
  } while (!board.stuck && (outcome == INAS_HOST_POWER_FAILED || outcome == INAS_HOST_CYCLE_ENDED));

  print_counts(&board);
  if (board.stuck) {
    fputs("inas-firmware: stuck: power cycles in a row finished no batch\n", stderr);
    return kStuck;
  }
  if (outcome != INAS_HOST_DONE || board.overwritten_inputs != 0) {
    fputs(
        "inas-firmware: the model's tables are inconsistent: a batch overwrites what it reads, or "
        "an access is outside of the memories\n",
        stderr);
    return kStuck;
  }
  if (!write_output(argv[2], nvm + model->output)) return complain("cannot be written", argv[2]);
  return kDone;
}
