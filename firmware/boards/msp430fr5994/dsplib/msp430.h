/* What DSPLib's LEA functions need of the compiler vendors' <msp430.h>, for clang. Names are TI's;
 * values from the family's user's guide, chapter on the LEA. */
#ifndef INAS_MSP430FR5994_MSP430_H
#define INAS_MSP430FR5994_MSP430_H

#include <stdint.h>

#define __MSP430_HAS_LEA__ 1
#define __MSP430_HAS_MPY32__ 1
#define __MSP430_HEADER_VERSION__ 1192 /* the first with the LEA's registers */

#define INAS_LEA_REGISTER(offset) (*(volatile uint32_t*)(0x0A80 + (offset)))
#define LEACNF0 INAS_LEA_REGISTER(0x04)
#define LEALPR 0x0100
#define LEAILPM 0x0400
#define LEACNF1 INAS_LEA_REGISTER(0x08)
#define LEABUSY 0x0001
#define LEACNF2 INAS_LEA_REGISTER(0x0C)
#define LEAMB INAS_LEA_REGISTER(0x10)
#define LEAMT INAS_LEA_REGISTER(0x14)
#define LEACMCTL INAS_LEA_REGISTER(0x1C)
#define LEAPMCTL INAS_LEA_REGISTER(0x40)
#define LEACMDEN 0x0001
#define LEAPMDST INAS_LEA_REGISTER(0x44)
#define LEAPMS1 INAS_LEA_REGISTER(0x48)
#define LEAPMS0 INAS_LEA_REGISTER(0x4C)
#define LEAPMCB INAS_LEA_REGISTER(0x50)
#define LEAITFLG1 0x0002
#define LEACMD__MAC (21 << 2)
#define LEAIE INAS_LEA_REGISTER(0x74)
#define LEAPMCMDIE 0x0010
#define LEAIFG INAS_LEA_REGISTER(0x78)
#define LEACOVLIFG 0x0001
#define LEAOORIFG 0x0004
#define LEASDIIFG 0x0008

/* The 16-bit registers of the multiplier, which DSPLib's inline functions name. */
#define INAS_MULTIPLIER_REGISTER(offset) (*(volatile uint16_t*)(0x04C0 + (offset)))
#define MPYS INAS_MULTIPLIER_REGISTER(0x02)
#define MACS INAS_MULTIPLIER_REGISTER(0x06)
#define OP2 INAS_MULTIPLIER_REGISTER(0x08)
#define RESLO INAS_MULTIPLIER_REGISTER(0x0A)
#define RESHI INAS_MULTIPLIER_REGISTER(0x0C)
#define MPYS32L INAS_MULTIPLIER_REGISTER(0x14)
#define MPYS32H INAS_MULTIPLIER_REGISTER(0x16)
#define OP2L INAS_MULTIPLIER_REGISTER(0x20)
#define OP2H INAS_MULTIPLIER_REGISTER(0x22)
#define RES0 INAS_MULTIPLIER_REGISTER(0x24)
#define RES1 INAS_MULTIPLIER_REGISTER(0x26)
#define RES2 INAS_MULTIPLIER_REGISTER(0x28)
#define RES3 INAS_MULTIPLIER_REGISTER(0x2A)
#define MPY32CTL0 INAS_MULTIPLIER_REGISTER(0x2C)
#define MPYC 0x0001
#define MPYFRAC 0x0004
#define MPYSAT 0x0008
#define MPYDLYWRTEN 0x0200
#define TA0_BASE 0x0340

#define GIE 0x0008
#define LPM0_bits 0x0010

#define __no_operation() __asm__ volatile("nop")
#define __disable_interrupt() __asm__ volatile("dint\n\tnop" : : : "memory")
#define __bis_SR_register(bits) \
  __asm__ volatile("nop\n\tbis %0, r2\n\tnop" : : "ri"((uint16_t)(bits)) : "memory")

static inline uint16_t __get_interrupt_state(void) {
  uint16_t state;
  __asm__ volatile("mov r2, %0" : "=r"(state));
  return state & GIE;
}

static inline void __set_interrupt_state(uint16_t state) {
  if ((state & GIE) != 0) {
    __asm__ volatile("nop\n\teint\n\tnop" : : : "memory");
  } else {
    __disable_interrupt();
  }
}

#endif
