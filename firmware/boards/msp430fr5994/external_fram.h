/// A serial FRAM with 3-byte addresses on eUSCI_A3, by DMA.
#ifndef INAS_MSP430FR5994_EXTERNAL_FRAM_H
#define INAS_MSP430FR5994_EXTERNAL_FRAM_H

#include <stdint.h>

void inas_external_init(void);
void inas_external_read(uint32_t address, void* to, uint16_t bytes);
void inas_external_write(uint32_t address, const void* from, uint16_t bytes);

#endif
