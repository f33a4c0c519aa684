; void inas_multiplier_convolve(const inas_products* r12): inas_hal_convolve by the hardware multiplier.
;
; What runs for every value, line, output and position lies in SRAM, to which start.S copies it with the
; variables: in FRAM it would wait for each line of 8 bytes that the cache does not hold. The products of an
; output value add up in the multiplier, which nobody reads before the last one.

#include "multiplier.h"

; Offsets in inas_products (hal.h; main.c compares them).
#define INPUT 0
#define WEIGHTS 2
#define OUTPUT 4
#define SHIFTS 6
#define BIAS 8
#define ROWS 10
#define COLUMNS 12
#define CHANNELS 14
#define LINES 16
#define LENGTH 18
#define INPUT_LINE 20
#define INPUT_ROW 22
#define INPUT_STEP 24
#define OUTPUT_STEP 26
#define FIRST 32
#define RELU 33

; The loops have in registers
;   r4 input of the position        r12 input of the next product
;   r5 channels that are left       r13 weight of the next product
;   r6 lines                        r14 shift of the next channel
;   r7 lines that are left          r15 output of the channel
;   r8 bytes from a line's end to the next one
;   r9 where in the unrolled products a line begins
;   r10 rounds of them              r11 rounds that are left
; and on the stack
#define COLUMNS_LEFT 0
#define ROWS_LEFT 2
#define COLUMNS_OF_ROW 4
#define TO_NEXT_ROW 6
#define TO_NEXT_POSITION 8
#define TO_NEXT_OUTPUTS 10
#define CHANNELS_OF_TILE 12
#define FIRST_WEIGHT 14
#define FIRST_SHIFT 16
#define BIAS_LESS_SHIFTS 18             /* address of the biases less 4 times that of the shifts */
#define FRAME 20

; Three instructions differ from tile to tile, and two of them for inas_add_scaled; they are written into the
; code.
#define CLR_ABSOLUTE 0x4382             /* clr &address, the address behind it */
#define BR_IMMEDIATE 0x4030             /* br #address, likewise */
#define MOV_R15_R12 0x4F2C              /* mov @r15, r12 */
#define MOV_R14_R12 0x4E0C
#define CLR_R12 0x430C
#define AND_R12_R7 0xFC07
#define NOP 0x4303
#define RET 0x4130

; clang's assembler refuses to push what lies in memory.
.macro push_member offset
        mov     \offset(r12), r14
        push    r14
.endm

        .section .text.inas_multiplier_convolve, "ax", @progbits
        .global inas_multiplier_convolve
        .type   inas_multiplier_convolve, @function
        .p2align 3
inas_multiplier_convolve:
        push    r10
        push    r9
        push    r8
        push    r7
        push    r6
        push    r5
        push    r4
        mov     #MOV_R15_R12, r15
        tst.b   FIRST(r12)
        jz      1f
        mov     #CLR_R12, r15
1:      mov     r15, &.Lbefore
        mov     #NOP, r15
        tst.b   RELU(r12)
        jz      2f
        mov     #AND_R12_R7, r15
2:      mov     r15, &.Lrelu
        mov     #CLR_ABSOLUTE, r15
        mov     #RESLO, r14
        mov     BIAS(r12), r13
        tst     r13
        jz      3f
        mov     #BR_IMMEDIATE, r15
        mov     #.Lbias, r14
3:      mov     r15, &.Lbegin
        mov     r14, &.Lbegin_address
        mov     SHIFTS(r12), r14
        rla     r14
        rla     r14
        sub     r14, r13                ; of use where there are biases

        mov     LENGTH(r12), r9
        mov     r9, r10
        add     #7, r10
        rra     r10
        rra     r10
        rra     r10                     ; rounds of 8 products
        mov     INPUT_ROW(r12), r11
        mov     INPUT_LINE(r12), r8
        sub     r9, r8
        rla     r8
        inv     r9
        inc     r9
        and     #7, r9                  ; products that the first round leaves out, of 8 bytes each
        rla     r9
        rla     r9
        rla     r9
        mov     LINES(r12), r6

        push    r13
        push_member SHIFTS
        push_member WEIGHTS
        push_member CHANNELS
        mov     OUTPUT_STEP(r12), r14
        sub     CHANNELS(r12), r14
        rla     r14
        push    r14
        mov     INPUT_STEP(r12), r14
        mov     r14, &MPY
        mov     COLUMNS(r12), &OP2
        rla     r14
        push    r14
        sub     &RESLO, r11
        rla     r11
        push    r11
        push_member COLUMNS
        push_member ROWS
        push_member COLUMNS
        mov     INPUT(r12), r4
        mov     OUTPUT(r12), r15
        br      #inas_multiplier_positions

; As codes, because clang's assembler refuses mov @Rn+, &ADDR.
.macro multiply
        .word   0x4CB2, MACS            ; mov @r12+, &MACS
        .word   0x4DB2, OP2             ; mov @r13+, &OP2
.endm

; Two cycles and nothing else.
.macro wait2
        jmp     1f
1:
.endm

; Zeros or ones, as r11's sign bit, into r12.
.macro sign_of_r11
        mov     r11, r12
        rla     r12
        subc    r12, r12
        inv     r12
.endm

        .section .data.inas_multiplier_positions, "awx", @progbits
        .type   inas_multiplier_positions, @function
        .p2align 1
inas_multiplier_positions:
        mov     FIRST_WEIGHT(r1), r13
        mov     FIRST_SHIFT(r1), r14
        mov     CHANNELS_OF_TILE(r1), r5
.Loutput:
.Lbegin:
        .word   CLR_ABSOLUTE            ; clr &RESLO, or br #.Lbias
.Lbegin_address:
        .word   RESLO
        clr     &RESHI
.Lbegun:
        mov     r4, r12
        mov     r6, r7
.Lline:
        mov     r10, r11
        add     r9, r0                  ; into the products: a computed jump
.Lproducts:
        .rept   8
        multiply
        .endr
        dec     r11
        jnz     .Lproducts
        add     r8, r12
        dec     r7
        jnz     .Lline

; The sum s in r11:r7 is half of what model.h rounds: it is to be shifted by one less. The last bit that a
; shift drops rounds: 2^(n - 1) added before is that bit added after it.
        mov     &RESLO, r7
        mov     &RESHI, r11
        mov.b   @r14+, r12
        rla     r12
.Lscale:
        add     .Lshifts(r12), r0       ; to the code for that shift: another one
.Lshift0:
        rla     r7
        rlc     r11
        jmp     .Lrounded
.Lright7:
        rra     r11
        rrc     r7
.Lright6:
        rra     r11
        rrc     r7
.Lright5:
        rra     r11
        rrc     r7
.Lright4:
        rra     r11
        rrc     r7
.Lright3:
        rra     r11
        rrc     r7
.Lright2:
        rra     r11
        rrc     r7
.Lright1:
        rra     r11
        rrc     r7
        adc     r7
        adc     r11
        jmp     .Lrounded
; Shifts by 9 to 16 are those of nearly all networks: all of them take 20 cycles, so that the time of an
; inference does not depend on them.
; By 16 less 2 or 1: to the left, into a third word, of which the upper two remain.
.Lshift16:
        wait2
        wait2
        sign_of_r11
        jmp     .Lleft1
.Lshift15:
        wait2
        nop
        sign_of_r11
        rla     r7
        rlc     r11
        rlc     r12
.Lleft1:
        rla     r7
        rlc     r11
        rlc     r12
        rla     r7
        mov     r11, r7
        mov     r12, r11
        adc     r7
        adc     r11
        jmp     .Lrounded
; By 8 to 13: bits first, then a byte.
.Lshift9:
        wait2
        wait2
        wait2
        wait2
        jmp     .Lbyte0
.Lshift10:
        wait2
        wait2
        wait2
        jmp     .Lbyte1
.Lshift11:
        wait2
        wait2
        jmp     .Lbyte2
.Lshift12:
        wait2
        jmp     .Lbyte3
.Lshift13:
        jmp     .Lbyte4
.Lshift14:
.Lbyte5:
        rra     r11
        rrc     r7
.Lbyte4:
        rra     r11
        rrc     r7
.Lbyte3:
        rra     r11
        rrc     r7
.Lbyte2:
        rra     r11
        rrc     r7
.Lbyte1:
        rra     r11
        rrc     r7
.Lbyte0:                                ; and by 8 more
        add     #0x80, r7
        adc     r11
        swpb    r7
        mov.b   r7, r7
        mov.b   r11, r12
        swpb    r12
        bis     r12, r7
        swpb    r11
        sxt     r11
.Lrounded:
.Lbefore:
        mov     @r15, r12               ; the earlier sum, or clr r12
; With 0x8000 added to the result its upper word is 0 if it has 16 bits. A sum with its sign bit inverted is
; itself plus 0x8000, without a sign to extend.
        xor     #0x8000, r12
        add     r12, r7
        adc     r11
        jnz     .Lsaturate
.Lfits:
        xor     #0x8000, r7
        mov     r7, r12
        rla     r12
        subc    r12, r12                ; 0 if negative, else all ones
.Lrelu:
        and     r12, r7                 ; or nop
        mov     r7, 0(r15)
        incd    r15
        dec     r5
        jnz     .Loutput

        add     TO_NEXT_OUTPUTS(r1), r15
        add     TO_NEXT_POSITION(r1), r4
        dec     COLUMNS_LEFT(r1)
        jnz     inas_multiplier_positions
        add     TO_NEXT_ROW(r1), r4
        mov     COLUMNS_OF_ROW(r1), COLUMNS_LEFT(r1)
        dec     ROWS_LEFT(r1)
        jnz     inas_multiplier_positions
        add     #FRAME, r1
        pop     r4
        pop     r5
        pop     r6
        pop     r7
        pop     r8
        pop     r9
        pop     r10
        ret

.Lsaturate:                             ; the upper word's sign says where the result is
        rla     r11
        subc    r7, r7                  ; 0 if below, else all ones
        jmp     .Lfits

.Lbias:                                 ; the sum begins with the channel's bias
        mov     r14, r12
        rla     r12
        rla     r12
        add     BIAS_LESS_SHIFTS(r1), r12
        .word   0x4CB2, RESLO           ; mov @r12+, &RESLO
        .word   0x4CB2, RESHI           ; mov @r12+, &RESHI
        jmp     .Lbegun

.Lword14:                               ; by 16 and so many: the upper word is all that is left
        rra     r11
.Lword13:
        rra     r11
.Lword12:
        rra     r11
.Lword11:
        rra     r11
.Lword10:
        rra     r11
.Lword9:
        rra     r11
.Lword8:
        rra     r11
.Lword7:
        rra     r11
.Lword6:
        rra     r11
.Lword5:
        rra     r11
.Lword4:
        rra     r11
.Lword3:
        rra     r11
.Lword2:
        rra     r11
.Lword1:
        rra     r11
        jmp     .Lword
.Lword0:
        rla     r7
.Lword:
        adc     r11
        mov     r11, r7
        rla     r11
        subc    r11, r11
        inv     r11                     ; the sign
        jmp     .Lrounded

.macro shift place
        .short  \place - .Lshift0
.endm
.Lshifts:
        shift   .Lshift0
        shift   .Lrounded
        shift   .Lright1
        shift   .Lright2
        shift   .Lright3
        shift   .Lright4
        shift   .Lright5
        shift   .Lright6
        shift   .Lright7
        shift   .Lshift9
        shift   .Lshift10
        shift   .Lshift11
        shift   .Lshift12
        shift   .Lshift13
        shift   .Lshift14
        shift   .Lshift15
        shift   .Lshift16
        shift   .Lword0
        shift   .Lword1
        shift   .Lword2
        shift   .Lword3
        shift   .Lword4
        shift   .Lword5
        shift   .Lword6
        shift   .Lword7
        shift   .Lword8
        shift   .Lword9
        shift   .Lword10
        shift   .Lword11
        shift   .Lword12
        shift   .Lword13
        shift   .Lword14

; int16_t inas_add_scaled(int32_t sum r12:r13, int16_t before r14, uint8_t shift r15): what follows the
; products of an output value, for sums that the LEA has a part in.
        .section .text.inas_add_scaled, "ax", @progbits
        .global inas_add_scaled
        .type   inas_add_scaled, @function
        .p2align 3
inas_add_scaled:
        push    r7
        mov     #MOV_R14_R12, &.Lbefore
        mov     #RET, &.Lrelu
        mov     r12, r7
        mov     r13, r11
        rra     r11
        rrc     r7                      ; half of the sum, which is even
        mov.b   r15, r12
        rla     r12
        call    #.Lscale
        mov     r7, r12
        pop     r7
        ret
