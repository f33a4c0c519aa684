#include "progress.h"

#include <inas_firmware/hal.h>

#include "seeded_faults.h"

/* A record is 8 bytes: sequence number, layer, batch (24 bits, low byte first), checksum of these
 * five (low byte first), sequence number again.
 *
 * Records alternate between two slots, so a commit overwrites the older one, whose sequence number
 * is 2 less. Bytes are written in ascending order: as long as the last one, the repeated sequence
 * number, is the old record's, it differs from the first one if that is new. So every torn record
 * is recognised, not only most of them; the checksum is for memory that nobody has written yet, or
 * that was damaged.
 *
 * After the two records: the number of power cycles since a record was newest, and the low byte of
 * that record's sequence number. If the write is torn between them, the number counts for another
 * record or is the next one already; and after 256 records in one power cycle an old number counts
 * again. All that can come of it is a report too early or too late. */
enum { kRecordBytes = 8, kCountAt = 2 * kRecordBytes };

static uint16_t checksum(const uint8_t* bytes) {
  /* CRC-16 with the polynomial of CCITT. The start value keeps memory that is all 0x00 or all 0xFF
   * from being a record. */
  uint16_t crc = 0x1D0F;
  for (uint8_t i = 0; i < 5; ++i) {
    /* A byte at a time: x is the remainder's upper byte and the byte's sum, divided by the
     * polynomial x^16 + x^12 + x^5 + 1. */
    uint16_t x = (uint16_t)((crc >> 8) ^ bytes[i]);
    x ^= x >> 4;
    crc = (uint16_t)((uint16_t)(crc << 8) ^ (uint16_t)(x << 12) ^ (uint16_t)(x << 5) ^ x);
  }
  return crc;
}

static bool valid(const uint8_t* record) {
#if INAS_SEEDED_FAULT == INAS_FAULT_NO_CHECKSUM
  (void)checksum;
  (void)record;
  return true;
#else
  const uint16_t crc = checksum(record);
  return record[0] == record[7] && record[5] == (uint8_t)crc && record[6] == (uint8_t)(crc >> 8);
#endif
}

inas_progress inas_progress_read(const inas_model* model) {
  uint16_t words[INAS_PROGRESS_BYTES / 2]; /* words, for their alignment */
  inas_hal_nvm_read(model->progress, words, sizeof words);
  const uint8_t* const area = (const uint8_t*)words;
  const uint8_t* const first = area;
  const uint8_t* const second = area + kRecordBytes;
  const uint8_t* newest = 0;
  if (valid(first)) newest = first;
  /* Sequence numbers wrap: 0 is newer than 255. */
  if (valid(second) && (newest == 0 || (uint8_t)(second[0] - first[0]) < 128)) newest = second;

  inas_progress progress = {false, 0, 0, 0, 0};
  if (newest != 0) {
    progress.started = true;
    progress.sequence = newest[0];
    progress.layer = newest[1];
    progress.batch = newest[2] | (uint32_t)newest[3] << 8 | (uint32_t)newest[4] << 16;
    if (first[kCountAt + 1] == newest[0]) progress.fruitless = first[kCountAt];
  }
  return progress;
}

void inas_progress_commit(const inas_model* model, inas_progress* progress, uint8_t layer,
                          uint32_t batch) {
  progress->started = true;
  progress->sequence = (uint8_t)(progress->sequence + 1);
  progress->layer = layer;
  progress->batch = batch;
  progress->fruitless = 0;

  uint16_t words[kRecordBytes / 2]; /* words, for their alignment */
  uint8_t* const record = (uint8_t*)words;
  record[0] = progress->sequence;
  record[1] = layer;
  record[2] = (uint8_t)batch;
  record[3] = (uint8_t)(batch >> 8);
  record[4] = (uint8_t)(batch >> 16);
  const uint16_t crc = checksum(record);
  record[5] = (uint8_t)crc;
  record[6] = (uint8_t)(crc >> 8);
  record[7] = progress->sequence;
#if INAS_SEEDED_FAULT == INAS_FAULT_SINGLE_PROGRESS_SLOT
  const uint16_t slot = 0;
#else
  const uint16_t slot = progress->sequence & 1u;
#endif
  inas_hal_nvm_write(model->progress + slot * kRecordBytes, record, kRecordBytes);
}

void inas_progress_count_cycle(const inas_model* model, inas_progress* progress) {
  ++progress->fruitless;
  uint16_t word;
  uint8_t* const count = (uint8_t*)&word;
  count[0] = progress->fruitless;
  count[1] = progress->sequence;
  inas_hal_nvm_write(model->progress + kCountAt, &word, sizeof word);
}
