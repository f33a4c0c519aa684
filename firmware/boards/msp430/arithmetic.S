; Functions of the MSP430 EABI that clang calls for what the instruction set lacks. Arguments are in
; r12 to r15, 32-bit ones in pairs with the low word first; results are in r12, r13; r11 to r15 may be
; changed. Names ending in _f5hw are those that -mhwmult=f5series asks for.

#include "multiplier.h"

; Starts a function in a section of its own, so that what is not called is not linked, and at a line of the
; FRAM's cache, as the compiler does: how long its loops wait does not depend on what else is linked.
.macro begin name
        .section .text.\name, "ax", @progbits
        .global \name
        .type   \name, @function
        .p2align 3
\name:
.endm

; A second name of the function that follows.
.macro also name
        .global \name
        .type   \name, @function
\name:
.endm

; uint16_t(uint16_t r12, uint16_t r13)
        begin   __mspabi_mpyi_f5hw
        also    __mspabi_mpyi
        mov     r12, &MPY
        mov     r13, &OP2
        mov     &RESLO, r12
        ret

; uint32_t(uint32_t r12:r13, uint32_t r14:r15), the low 32 bits
        begin   __mspabi_mpyl_f5hw
        also    __mspabi_mpyl
        mov     r12, &MPY
        mov     r15, &OP2               ; low times high: the low word counts, in the high word
        mov     &RESLO, r15
        mov     r13, &MPY
        mov     r14, &OP2               ; high times low: the same
        add     &RESLO, r15
        mov     r12, &MPY
        mov     r14, &OP2
        mov     &RESLO, r12
        mov     &RESHI, r13
        add     r15, r13
        ret

; r12/r13 unsigned: quotient in r12, remainder in r14. Changes r11.
        begin   inas_divide16
        mov     #16, r11
        clr     r14
1:      rla     r12                     ; the dividend leaves at the top, the quotient enters below
        rlc     r14
        jc      2f                      ; 17 bits: certainly not below the divisor
        cmp     r13, r14
        jlo     3f
2:      sub     r13, r14
        inc     r12
3:      dec     r11
        jnz     1b
        ret

        begin   __mspabi_divu
        call    #inas_divide16
        ret

        begin   __mspabi_remu
        call    #inas_divide16
        mov     r14, r12
        ret

; Signed division of magnitudes: the quotient is negative if the signs differ, the remainder if the
; dividend is. r15 keeps the signs: bit 0 of the remainder, bit 1 of the quotient.
        begin   inas_divide16_signed
        clr     r15
        tst     r12
        jge     1f
        inv     r12
        inc     r12
        mov     #3, r15
1:      tst     r13
        jge     2f
        inv     r13
        inc     r13
        xor     #2, r15
2:      call    #inas_divide16
        bit     #1, r15
        jz      3f
        inv     r14
        inc     r14
3:      bit     #2, r15
        jz      4f
        inv     r12
        inc     r12
4:      ret

        begin   __mspabi_divi
        call    #inas_divide16_signed
        ret

        begin   __mspabi_remi
        call    #inas_divide16_signed
        mov     r14, r12
        ret

; r12:r13 / r14:r15 unsigned: quotient in r12:r13, remainder in r8:r9. Changes r10; the callers keep
; r8 to r10.
        begin   inas_divide32
        mov     #32, r10
        clr     r8
        clr     r9
1:      rla     r12
        rlc     r13
        rlc     r8
        rlc     r9
        jc      2f
        cmp     r15, r9
        jlo     3f
        jne     2f
        cmp     r14, r8
        jlo     3f
2:      sub     r14, r8
        subc    r15, r9
        inc     r12
3:      dec     r10
        jnz     1b
        ret

        begin   __mspabi_divul
        push    r10
        push    r9
        push    r8
        call    #inas_divide32
        pop     r8
        pop     r9
        pop     r10
        ret

        begin   __mspabi_remul
        push    r10
        push    r9
        push    r8
        call    #inas_divide32
        mov     r8, r12
        mov     r9, r13
        pop     r8
        pop     r9
        pop     r10
        ret

; As inas_divide16_signed; r11 keeps the signs.
        begin   inas_divide32_signed
        clr     r11
        tst     r13
        jge     1f
        inv     r12
        inv     r13
        inc     r12
        adc     r13
        mov     #3, r11
1:      tst     r15
        jge     2f
        inv     r14
        inv     r15
        inc     r14
        adc     r15
        xor     #2, r11
2:      call    #inas_divide32
        bit     #1, r11
        jz      3f
        inv     r8
        inv     r9
        inc     r8
        adc     r9
3:      bit     #2, r11
        jz      4f
        inv     r12
        inv     r13
        inc     r12
        adc     r13
4:      ret

        begin   __mspabi_divli
        push    r10
        push    r9
        push    r8
        call    #inas_divide32_signed
        pop     r8
        pop     r9
        pop     r10
        ret

        begin   __mspabi_remli
        push    r10
        push    r9
        push    r8
        call    #inas_divide32_signed
        mov     r8, r12
        mov     r9, r13
        pop     r8
        pop     r9
        pop     r10
        ret

; Shifts of r12:r13 by r14, 0 to 31. Only the low byte of r14 is taken: clang may leave rubbish above.
        begin   __mspabi_slll
        and.b   #31, r14
        jz      2f
1:      rla     r12
        rlc     r13
        dec     r14
        jnz     1b
2:      ret

        begin   __mspabi_srll
        and.b   #31, r14
        jz      2f
1:      clrc
        rrc     r13
        rrc     r12
        dec     r14
        jnz     1b
2:      ret

        begin   __mspabi_sral
        and.b   #31, r14
        jz      2f
1:      rra     r13
        rrc     r12
        dec     r14
        jnz     1b
2:      ret

; void* memcpy(void* r12, const void* r13, size_t r14)
        begin   memcpy
        mov     r12, r15
        tst     r14
        jz      2f
1:      mov.b   @r13, 0(r15)
        inc     r13
        inc     r15
        dec     r14
        jnz     1b
2:      ret

; void* memset(void* r12, int r13, size_t r14)
        begin   memset
        mov     r12, r15
        tst     r14
        jz      2f
1:      mov.b   r13, 0(r15)
        inc     r15
        dec     r14
        jnz     1b
2:      ret
