; A command of the LEA is done. In place of DSPLib's own function, which needs its compilers' means of
; changing the saved status register.

#include "../registers.h"

        .section .text.msp_lea_isr, "ax", @progbits
        .global msp_lea_isr
        .type   msp_lea_isr, @function
        .p2align 1
msp_lea_isr:
        push    r12
        mov     &LEA_IFG, r12
        mov     r12, &LEA_IFG           ; clears the flags that are set
        mov     r12, &msp_lea_ifg
        pop     r12
        bic     #CPUOFF, 0(r1)
        reti
