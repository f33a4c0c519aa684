; From power-on to main, and the vectors. Variables with a first value, and code that runs from RAM, are copied
; there. The addresses come from the linker scripts.

#define WDTCTL 0x015C                   /* the FR5994's; the simulator has nothing there */
#define WDTPW_WDTHOLD 0x5A80

        .section .text.inas_reset, "ax", @progbits
        .global inas_reset
        .type   inas_reset, @function
        .p2align 1
inas_reset:
        mov     #WDTPW_WDTHOLD, &WDTCTL
        mov     #inas_stack_top, r1
        mov     #inas_data_begin, r12
        mov     #inas_data_image, r13
        mov     #inas_data_bytes, r14   ; even
        tst     r14
        jz      2f
1:      mov     @r13+, r15
        mov     r15, 0(r12)
        incd    r12
        decd    r14
        jnz     1b
2:
        mov     #inas_bss_begin, r12
        clr     r13
        mov     #inas_bss_bytes, r14
        call    #memset
        call    #main
; main does not return; an interrupt that nobody asked for ends here too.
        .global inas_halted
        .type   inas_halted, @function
        .weak   msp_lea_isr
        .weak   inas_port5_interrupt
        .weak   inas_timer_interrupt
msp_lea_isr:
inas_port5_interrupt:
inas_timer_interrupt:
inas_halted:
        jmp     inas_halted

; The FR5994's vectors. Nothing is linked below them, down to 0xFF80: signatures lie there that can lock
; the debugger out of the part for good.
        .section .vectors, "a", @progbits
        .p2align 1
        .word   msp_lea_isr             ; the first of board.json's memory
        .rept   8
        .word   inas_halted
        .endr
        .word   inas_port5_interrupt    ; 0xFFC6
        .rept   17
        .word   inas_halted
        .endr
        .word   inas_timer_interrupt    ; 0xFFEA
        .rept   9
        .word   inas_halted
        .endr
        .word   inas_reset              ; 0xFFFE
