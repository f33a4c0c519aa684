; int32_t inas_multiplier_mac(const int16_t* r12, const int16_t* r13, uint16_t r14): 2*sum(a[i]*b[i]),
; as inas_hal_mac, by the hardware multiplier.

#include "multiplier.h"

        .section .text.inas_multiplier_mac, "ax", @progbits
        .global inas_multiplier_mac
        .type   inas_multiplier_mac, @function
        .p2align 1
inas_multiplier_mac:
        mov     @r12+, r15
        mov     r15, &MPYS              ; the first product replaces the result, the others add to it
        mov     @r13+, r15
        mov     r15, &OP2
        dec     r14
        jz      2f
1:      mov     @r12+, r15
        mov     r15, &MACS
        mov     @r13+, r15
        mov     r15, &OP2
        dec     r14
        jnz     1b
2:      mov     &RESLO, r12
        mov     &RESHI, r13
        rla     r12
        rlc     r13
        ret
