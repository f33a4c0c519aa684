/* The peripherals of the MSP430FR5994 that are used, under the names of its data sheet (SLASE54)
 * and the family's user's guide (SLAU367). For C and assembly: addresses are plain numbers; C
 * accesses them through INAS_WORD and INAS_BYTE, and gives the DMA addresses of its objects by
 * INAS_ADDRESS. The tests of this board define the three otherwise. */
#ifndef INAS_MSP430FR5994_REGISTERS_H
#define INAS_MSP430FR5994_REGISTERS_H

#if !defined(__ASSEMBLER__) && !defined(INAS_WORD)
#include <stdint.h>
#define INAS_WORD(address) (*(volatile uint16_t*)(address))
#define INAS_BYTE(address) (*(volatile uint8_t*)(address))
#define INAS_ADDRESS(pointer) ((uint16_t)(pointer))
#endif

/* Power management */
#define PMMCTL0 0x0120
#define PMMPW 0xA500
#define PMMSWBOR 0x0004 /* a reset as by a supply that was gone */
#define PM5CTL0 0x0130
#define LOCKLPM5 0x0001 /* holds the pins as they were before the reset */

/* FRAM controller */
#define FRCTL0 0x0140
#define FRCTLPW 0xA500
#define NWAITS_1 0x0010 /* one wait state: needed above 8 MHz */

/* Clock system */
#define CSCTL0 0x0160
#define CSKEY 0xA500
#define CSCTL1 0x0162
#define DCORSEL 0x0040
#define DCOFSEL_0 0x0000 /* 1 MHz */
#define DCOFSEL_4 0x0008 /* 16 MHz with DCORSEL */
#define CSCTL2 0x0164
#define SELA__VLOCLK 0x0100
#define SELS__DCOCLK 0x0030
#define SELM__DCOCLK 0x0003
#define CSCTL3 0x0166
#define DIVA__4 0x0200
#define DIVS__4 0x0020
#define DIVM__4 0x0002

/* Ports: A is P1 (low byte) and P2, B is P3 and P4, C is P5 and P6, D is P7 and P8. */
#define PAOUT 0x0202
#define PADIR 0x0204
#define PAREN 0x0206
#define PORT_PAIR 0x0020 /* from one pair of ports to the next */
#define PJOUT 0x0322
#define PJREN 0x0326
#define P1OUT 0x0202
#define P1DIR 0x0204
#define P1REN 0x0206
#define P2REN 0x0207
#define P2SEL0 0x020B
#define P2SEL1 0x020D
#define P3OUT 0x0222
#define P3DIR 0x0224
#define P3REN 0x0226
#define P5IN 0x0240
#define P5OUT 0x0242
#define P5REN 0x0246
#define P5IES 0x0258
#define P5IE 0x025A
#define P5IFG 0x025C
#define P6OUT 0x0243
#define P6DIR 0x0245
#define P6REN 0x0247
#define P6SEL0 0x024B
#define P6SEL1 0x024D

/* 32-bit multiplier: see boards/msp430/multiplier.h */

/* DMA; channel n is 0x10 after channel n - 1. Addresses have 20 bits in two words. */
#define DMACTL0 0x0500 /* triggers of channels 0 and 1 */
#define DMACTL1 0x0502 /* of 2 and 3 */
#define DMACTL2 0x0504 /* of 4 and 5 */
#define DMA3TSEL__UCA3RXIFG 0x1000
#define DMA4TSEL__UCA3TXIFG 0x0011
#define DMA0CTL 0x0510
#define DMA0SA 0x0512
#define DMA0DA 0x0516
#define DMA0SZ 0x051A
#define DMA3CTL 0x0540
#define DMA3SA 0x0542
#define DMA3DA 0x0546
#define DMA3SZ 0x054A
#define DMA4CTL 0x0550
#define DMA4SA 0x0552
#define DMA4DA 0x0556
#define DMA4SZ 0x055A
#define DMADT_0 0x0000 /* one value per trigger */
#define DMADT_1 0x1000 /* all values at one trigger, the CPU waits */
#define DMADSTINCR_3 0x0C00
#define DMASRCINCR_3 0x0300
#define DMADSTBYTE 0x0080
#define DMASRCBYTE 0x0040
#define DMAEN 0x0010
#define DMAREQ 0x0001

/* eUSCI_A3 in SPI mode */
#define UCA3CTLW0 0x0620
#define UCCKPH 0x8000 /* with inactive level low: SPI mode 0 */
#define UCMSB 0x2000
#define UCMST 0x0800
#define UCSYNC 0x0100
#define UCSSEL__SMCLK 0x0080
#define UCSWRST 0x0001
#define UCA3BRW 0x0626
#define UCA3STATW 0x062A
#define UCBUSY 0x0001
#define UCA3RXBUF 0x062C
#define UCA3TXBUF 0x062E
#define UCA3IFG 0x063C
#define UCTXIFG 0x0002
#define UCRXIFG 0x0001

/* eUSCI_A0 in UART mode: P2.0 sends, P2.1 receives as the secondary functions of the pins
 * (P2SEL1 1, P2SEL0 0); 8 data bits, no parity, 1 stop bit are its reset state. Guide, chapter
 * eUSCI - UART mode; baud rates of 16 MHz from its table of recommended settings. */
#define UCA0CTLW0 0x05C0
#define UCA0BRW 0x05C6
#define UCA0MCTLW 0x05C8
#define UCOS16 0x0001
#define UCA0BRW_115200 8
#define UCA0MCTLW_115200 0xF7A0 /* UCBRS 0xF7, UCBRF 10 */
#define UCA0STATW 0x05CA
#define UCA0TXBUF 0x05CE
#define UCA0IFG 0x05DC

/* Timers A1 and B0. Guide, chapters Timer_A and Timer_B: a divider of 1, 2, 4 or 8 in the control
 * register, one of 1 to 8 in the expansion register. */
#define TA1CTL 0x0380
#define TA1R 0x0390
#define TA1EX0 0x03A0
#define TB0CTL 0x03C0
#define TB0R 0x03D0
#define TB0EX0 0x03E0
#define TXSSEL__SMCLK 0x0200
#define TXID__8 0x00C0
#define TXIDEX__8 0x0007
#define MC__CONTINUOUS 0x0020
#define TXCLR 0x0004
#define TXIFG 0x0001 /* overflow: from 0xFFFF to 0 */

/* Timer A0 */
#define TA0CTL 0x0340
#define TASSEL__ACLK 0x0100
#define MC__UP 0x0010
#define TACLR 0x0004
#define TA0CCTL0 0x0342
#define CCIE 0x0010
#define TA0CCR0 0x0352

/* Voltage reference */
#define REFCTL0 0x01B0
#define REFVSEL_1 0x0010 /* 2.0 V */
#define REFON 0x0001
#define REFGENRDY 0x1000

/* ADC */
#define ADC12CTL0 0x0800
#define ADC12SHT0_9 0x0900 /* samples for 384 of its clock's cycles */
#define ADC12ON 0x0010
#define ADC12ENC 0x0002
#define ADC12SC 0x0001
#define ADC12CTL1 0x0802
#define ADC12SHP 0x0200
#define ADC12CTL2 0x0804
#define ADC12RES__12BIT 0x0020
#define ADC12CTL3 0x0806
#define ADC12BATMAP 0x0040 /* channel 31 is half the supply */
#define ADC12IFGR0 0x080C
#define ADC12IFG0 0x0001
#define ADC12MCTL0 0x0820
#define ADC12VRSEL_1 0x0100 /* from the reference to ground */
#define ADC12INCH_31 0x001F
#define ADC12MEM0 0x0860

/* Status register */
#define GIE 0x0008
#define CPUOFF 0x0010
#define LPM3 0x00D0 /* CPUOFF, SCG0, SCG1: ACLK goes on */
#define LPM4 0x00F0 /* CPUOFF, OSCOFF, SCG0, SCG1 */

/* Low-energy accelerator */
#define LEA_IFG 0x0AF8
#define LEACNF0 0x0A84
#define LEACNF1 0x0A88
#define LEACNF2 0x0A8C /* where its stack ends */
#define LEACMCTL 0x0A9C
#define LEAPMCTL 0x0AC0
#define LEACMDEN 0x0001
#define LEAPMDST 0x0AC4
#define LEAPMS1 0x0AC8 /* the parameters of a command */
#define LEAPMS0 0x0ACC /* its first vector */
#define LEAPMCB 0x0AD0 /* a written command starts */
#define LEAITFLG1 0x0002
#define LEACMD__MAC 0x0054
#define LEAIFG LEA_IFG
#define LEACOVLIFG 0x0001
#define LEAOORIFG 0x0004
#define LEASDIIFG 0x0008
#define LEAPMCMDIFG 0x0010

#endif
