; int32_t inas_multiplier_mac(const int16_t* r12, const int16_t* r13, uint16_t r14): 2*sum(a[i]*b[i]),
; as inas_cpu_mac, by the hardware multiplier: for what the LEA leaves.

#include "multiplier.h"

; a[i] to the register `operand`, b[i] to the second operand: the next product. As codes, because clang's
; assembler refuses mov @Rn+, &ADDR.
.macro multiply operand
        .word   0x4CB2, \operand        ; mov @r12+, &operand
        .word   0x4DB2, OP2             ; mov @r13+, &OP2
.endm

        .section .text.inas_multiplier_mac, "ax", @progbits
        .global inas_multiplier_mac
        .type   inas_multiplier_mac, @function
        .p2align 3
inas_multiplier_mac:
        multiply MPYS                   ; the first product replaces the result, the others add to it
        dec     r14
        clrc
        rrc     r14                     ; pairs that are left; in the carry, whether one more is
        jnc     1f
        multiply MACS
1:      tst     r14
        jz      3f
2:      multiply MACS
        multiply MACS
        dec     r14
        jnz     2b
3:      mov     &RESLO, r12
        mov     &RESHI, r13
        rla     r12
        rlc     r13
        ret
