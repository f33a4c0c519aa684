/// A serial FRAM with 3-byte addresses on eUSCI_A3, by DMA. What cannot be, a transfer beyond its
/// end (where it would go on at its beginning) or bytes that it has not taken because its supply
/// was gone before the processor's, resets the part before anything is committed that depends on
/// it: the next boot finds the progress of before.
#ifndef INAS_MSP430FR5994_EXTERNAL_FRAM_H
#define INAS_MSP430FR5994_EXTERNAL_FRAM_H

#include <stdbool.h>
#include <stdint.h>

/// Pins, bus, and the identity: whether an FRAM answers.
bool inas_external_init(void);
void inas_external_read(uint32_t address, void* to, uint16_t bytes);
void inas_external_write(uint32_t address, const void* from, uint16_t bytes);

#endif
