; What C cannot say. Instructions with 20-bit addresses are written as their codes, because clang's back end
; has none.

#include "inas_board.h"
#include "registers.h"

#define DMA_BLOCK (DMADT_1 | DMASRCINCR_3 | DMADSTINCR_3)

; Moves r15 bytes from what DMA0SA to what DMA0DA says. The CPU stands still meanwhile.
.macro move_block
        clrc
        rrc     r15
        mov     r15, &DMA0SZ            ; words
        mov     #(DMA_BLOCK | DMAEN), &DMA0CTL
        bis     #DMAREQ, &DMA0CTL
1:      bit     #DMAEN, &DMA0CTL
        jnz     1b
.endm

; The 20-bit address of NVM address r12:r13 into r12. What lies above 64 KB is the DMA's: a call of nobody
; finds 20 bits in r12 afterwards.
.macro high_address
        add     #(INAS_MEMORY_HIGH_FRAM_ADDRESS >> 16), r13
        push    r13
        push    r12
        .word   0x011C                  ; mova @r1+, r12
.endm

; void inas_on_chip_read(uint32_t address r12:r13, void* vm r14, uint16_t bytes r15), and likewise
; inas_on_chip_write: inas_hal_nvm_read and inas_hal_nvm_write for the FRAM above 64 KB, which are these
; functions where the board does not define others for a model that needs more. A DMA address register takes
; all 20 bits at once only from an address instruction; a word clears the upper ones.
        .section .text.inas_on_chip_read, "ax", @progbits
        .global inas_on_chip_read
        .type   inas_on_chip_read, @function
        .weak   inas_hal_nvm_read
        .type   inas_hal_nvm_read, @function
        .p2align 3
inas_hal_nvm_read:
inas_on_chip_read:
        high_address
        .word   0x0C60, DMA0SA          ; mova r12, &DMA0SA
        mov     r14, &DMA0DA
        move_block
        clr     r12
        ret

        .section .text.inas_on_chip_write, "ax", @progbits
        .global inas_on_chip_write
        .type   inas_on_chip_write, @function
        .weak   inas_hal_nvm_write
        .type   inas_hal_nvm_write, @function
        .p2align 3
inas_hal_nvm_write:
inas_on_chip_write:
        high_address
        .word   0x0C60, DMA0DA          ; mova r12, &DMA0DA
        mov     r14, &DMA0SA
        move_block
        clr     r12
        ret

; void inas_wait(uint16_t rounds r12): 3 cycles each, from the FRAM cache.
        .section .text.inas_wait, "ax", @progbits
        .global inas_wait
        .type   inas_wait, @function
        .p2align 3
inas_wait:
        dec     r12
        jnz     inas_wait
        ret

; void inas_sleep(void): until an interrupt of port 5. One that came before ends the sleep at once.
        .section .text.inas_sleep, "ax", @progbits
        .global inas_sleep
        .type   inas_sleep, @function
        .p2align 3
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
        .p2align 3
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
        .p2align 3
inas_timer_interrupt:
        bic     #LPM3, 0(r1)
        reti

; An input of port 5 changed: whoever sleeps wakes and looks at it.
        .section .text.inas_port5_interrupt, "ax", @progbits
        .global inas_port5_interrupt
        .type   inas_port5_interrupt, @function
        .p2align 3
inas_port5_interrupt:
        clr.b   &P5IFG
        bic     #LPM4, 0(r1)
        reti
