/* The part of DSPLib's interface that the firmware uses, for the simulator, which has no LEA.
 * Written from DSPLib's documentation. */
#ifndef INAS_TEST_DSPLIB_H
#define INAS_TEST_DSPLIB_H

#include <msp430.h>
#include <stdint.h>

typedef int16_t _q15;
typedef int32_t _iq31;
typedef enum { MSP_SUCCESS = 0, MSP_SIZE_ERROR = 1, MSP_LEA_INVALID_ADDRESS = 5 } msp_status;
typedef struct {
  uint16_t length;
} msp_mac_q15_params;

extern volatile uint16_t msp_lea_ifg;

msp_status msp_mac_q15(const msp_mac_q15_params* params, const _q15* srcA, const _q15* srcB,
                       _iq31* result);

#endif
