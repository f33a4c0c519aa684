; What C cannot say. Instructions with 20-bit addresses are written as their codes, because clang's back end
; has none.

#include "registers.h"

; void inas_write_address20(uint32_t address r12:r13, uint16_t reg r14): writes a DMA address register, which
; takes all 20 bits at once only from an address instruction.
        .section .text.inas_write_address20, "ax", @progbits
        .global inas_write_address20
        .type   inas_write_address20, @function
        .p2align 1
inas_write_address20:
        push    r13
        push    r12
        .word   0x011C                  ; mova @r1+, r12
        .word   0x0C7E, 0               ; mova r12, 0(r14)
        clr     r12                     ; nobody finds 20 bits in it
        ret

; void inas_sleep(void): until an interrupt of port 5. One that came before ends the sleep at once.
        .section .text.inas_sleep, "ax", @progbits
        .global inas_sleep
        .type   inas_sleep, @function
        .p2align 1
inas_sleep:
        nop
        bis     #(LPM4 | GIE), r2
        nop
        dint
        nop
        ret

; void inas_doze(void): the same until the timer's interrupt; its clock goes on.
        .section .text.inas_doze, "ax", @progbits
        .global inas_doze
        .type   inas_doze, @function
        .p2align 1
inas_doze:
        nop
        bis     #(LPM3 | GIE), r2
        nop
        dint
        nop
        ret

; The timer has counted; its flag goes with the interrupt.
        .section .text.inas_timer_interrupt, "ax", @progbits
        .global inas_timer_interrupt
        .type   inas_timer_interrupt, @function
        .p2align 1
inas_timer_interrupt:
        bic     #LPM3, 0(r1)
        reti

; An input of port 5 changed: whoever sleeps wakes and looks at it.
        .section .text.inas_port5_interrupt, "ax", @progbits
        .global inas_port5_interrupt
        .type   inas_port5_interrupt, @function
        .p2align 1
inas_port5_interrupt:
        clr.b   &P5IFG
        bic     #LPM4, 0(r1)
        reti
