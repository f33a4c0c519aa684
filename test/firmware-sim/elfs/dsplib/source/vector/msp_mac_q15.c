/* As strict as the LEA about lengths and addresses; counts in msp_lea_ifg. */
#include <DSPLib.h>

#include "inas_board.h"

static int in_lea_ram(const void* address) {
  const uintptr_t offset = (uintptr_t)address - INAS_MEMORY_LEA_RAM_ADDRESS;
  return offset % 4 == 0 && offset < INAS_MEMORY_LEA_RAM_BYTES;
}

msp_status msp_mac_q15(const msp_mac_q15_params* params, const _q15* srcA, const _q15* srcB,
                       _iq31* result) {
  if (params->length % 2 != 0) return MSP_SIZE_ERROR;
  if (!in_lea_ram(srcA) || !in_lea_ram(srcB) || !in_lea_ram(result)) return MSP_LEA_INVALID_ADDRESS;
  int32_t sum = 0;
  for (uint16_t i = 0; i < params->length; ++i) sum += (int32_t)srcA[i] * srcB[i];
  *result = 2 * sum;
  msp_lea_ifg = (uint16_t)(msp_lea_ifg + 1);
  return MSP_SUCCESS;
}
