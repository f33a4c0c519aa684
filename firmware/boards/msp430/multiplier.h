/* The 16-bit registers of the hardware multiplier, for assembly. MPY32 of the FR5994 and the older
 * multiplier that the simulator has keep them in the same order; INAS_MULTIPLIER is the address of
 * the first. Nothing here multiplies in an interrupt, so that nobody saves them. */
#ifndef INAS_MSP430_MULTIPLIER_H
#define INAS_MSP430_MULTIPLIER_H

#include "inas_board.h"

#define MPY (INAS_MULTIPLIER + 0x0)   /* first operand, unsigned */
#define MPYS (INAS_MULTIPLIER + 0x2)  /* first operand, signed */
#define MACS (INAS_MULTIPLIER + 0x6)  /* first operand, signed, adding to the result */
#define OP2 (INAS_MULTIPLIER + 0x8)   /* second operand; writing it multiplies */
#define RESLO (INAS_MULTIPLIER + 0xA) /* result, low word */
#define RESHI (INAS_MULTIPLIER + 0xC) /* result, high word */

#endif
