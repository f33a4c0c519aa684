#include "inas_board.h"

; void inas_hal_end_power_cycle(void): power goes and comes back. All of SRAM and LEA RAM gets rubbish,
; another one each time, and the program starts at its reset vector. Nothing here may use the stack.

        .section .text.inas_hal_end_power_cycle, "ax", @progbits
        .global inas_hal_end_power_cycle
        .type   inas_hal_end_power_cycle, @function
        .p2align 1
inas_hal_end_power_cycle:
        add     #0x9E37, &inas_rubbish
        mov     &inas_rubbish, r4
        mov     #INAS_MEMORY_SRAM_ADDRESS, r5
1:      mov     r4, 0(r5)
        mov     r4, 2(r5)
        inv     r4
        mov     r4, 4(r5)
        add     #0x3A5D, r4
        mov     r4, 6(r5)
        add     #8, r5
        cmp     #(INAS_MEMORY_LEA_RAM_ADDRESS + INAS_MEMORY_LEA_RAM_BYTES), r5
        jlo     1b
        br      &0xFFFE

        .section .nvm_board, "aw", @progbits
        .p2align 1
inas_rubbish:
        .word   0
