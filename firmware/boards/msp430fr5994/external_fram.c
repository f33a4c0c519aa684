#include "external_fram.h"

#include "inas_board.h"
#include "pins.h"
#include "registers.h"

enum { kWriteEnable = 0x06, kRead = 0x03, kWrite = 0x02, kReadIdentity = 0x9F };

/* SMCLK is 16 MHz; 8 MHz leave 16 cycles per byte, enough for the DMA's two transfers, and suit
 * every serial FRAM. */
enum { kClockDivider = 2 };

/* From instructions.S: for so many times 3 cycles. */
void inas_wait(uint16_t rounds);

/* A serial FRAM may need up to 450 µs from power-on to its first access. The DCO may be 3.5 %
 * faster than its 16 MHz. */
enum { kRoundsOfPowerUp = 2500 };

static void reset(void) { INAS_WORD(PMMCTL0) = PMMPW | PMMSWBOR; }

static void wait_until_sent(void) {
  while ((INAS_WORD(UCA3STATW) & UCBUSY) != 0) {
  }
}

static void send(uint8_t byte) {
  INAS_WORD(UCA3TXBUF) = byte;
  wait_until_sent();
}

static void select(void) { INAS_BYTE(P6OUT) &= (uint8_t)~PIN_SELECT; }

static void deselect(void) { INAS_BYTE(P6OUT) |= PIN_SELECT; }

static uint8_t receive(void) {
  send(0);
  return (uint8_t)INAS_WORD(UCA3RXBUF);
}

static void send_command(uint8_t command, uint32_t address) {
  select();
  send(command);
  send((uint8_t)(address >> 16));
  send((uint8_t)(address >> 8));
  send((uint8_t)address);
}

/* The DMA starts at an edge of the flag, which has been set since the last byte left. */
static void trigger_first_byte(void) {
  INAS_WORD(UCA3IFG) &= (uint16_t)~UCTXIFG;
  INAS_WORD(UCA3IFG) |= UCTXIFG;
}

static void wait_for_channel(uint16_t control) {
  while ((INAS_WORD(control) & DMAEN) != 0) {
  }
}

/* Nobody on the bus: SO is pulled down, or up. */
static bool answers(void) {
  enum { kBytes = 4 };
  uint8_t all = 0xFF;
  uint8_t any = 0;
  select();
  send(kReadIdentity);
  for (uint16_t i = 0; i < kBytes; ++i) {
    const uint8_t byte = receive();
    all &= byte;
    any |= byte;
  }
  deselect();
  return any != 0 && all != 0xFF;
}

static void check_range(uint32_t address, uint16_t bytes) {
  if (address > INAS_MEMORY_SERIAL_FRAM_BYTES || bytes > INAS_MEMORY_SERIAL_FRAM_BYTES - address) {
    reset();
  }
}

bool inas_external_init(void) {
  INAS_WORD(UCA3CTLW0) = UCSWRST;
  INAS_WORD(UCA3CTLW0) = UCSWRST | UCCKPH | UCMSB | UCMST | UCSYNC | UCSSEL__SMCLK;
  INAS_WORD(UCA3BRW) = kClockDivider;
  INAS_BYTE(P6REN) &= (uint8_t) ~(PINS_SPI | PIN_SELECT);
  INAS_BYTE(P6OUT) |= PIN_SELECT;
  INAS_BYTE(P6DIR) |= PIN_SELECT;
  INAS_BYTE(P6SEL1) &= (uint8_t)~PINS_SPI;
  INAS_BYTE(P6SEL0) |= PINS_SPI;
  INAS_WORD(UCA3CTLW0) &= (uint16_t)~UCSWRST;
  INAS_WORD(DMACTL1) = DMA3TSEL__UCA3RXIFG;
  INAS_WORD(DMACTL2) = DMA4TSEL__UCA3TXIFG;
  inas_wait(kRoundsOfPowerUp);
  return answers();
}

void inas_external_read(uint32_t address, void* to, uint16_t bytes) {
  static const uint8_t kAnything = 0;
  check_range(address, bytes);
  send_command(kRead, address);
  (void)INAS_WORD(UCA3RXBUF); /* what came in while the command went out */

  /* Receiving has the lower channel, thus the priority. */
  INAS_WORD(DMA3CTL) = DMADT_0 | DMADSTINCR_3 | DMADSTBYTE | DMASRCBYTE;
  INAS_WORD(DMA3SA) = UCA3RXBUF;
  INAS_WORD(DMA3DA) = INAS_ADDRESS(to);
  INAS_WORD(DMA3SZ) = bytes;
  INAS_WORD(DMA3CTL) |= DMAEN;
  INAS_WORD(DMA4CTL) = DMADT_0 | DMADSTBYTE | DMASRCBYTE;
  INAS_WORD(DMA4SA) = INAS_ADDRESS(&kAnything);
  INAS_WORD(DMA4DA) = UCA3TXBUF;
  INAS_WORD(DMA4SZ) = bytes;
  INAS_WORD(DMA4CTL) |= DMAEN;
  trigger_first_byte();
  wait_for_channel(DMA3CTL);
  deselect();
  if (!answers()) reset();
}

void inas_external_write(uint32_t address, const void* from, uint16_t bytes) {
  check_range(address, bytes);
  select();
  send(kWriteEnable);
  deselect();

  send_command(kWrite, address);
  INAS_WORD(DMA4CTL) = DMADT_0 | DMASRCINCR_3 | DMADSTBYTE | DMASRCBYTE;
  INAS_WORD(DMA4SA) = INAS_ADDRESS(from);
  INAS_WORD(DMA4DA) = UCA3TXBUF;
  INAS_WORD(DMA4SZ) = bytes;
  INAS_WORD(DMA4CTL) |= DMAEN;
  trigger_first_byte();
  wait_for_channel(DMA4CTL);
  wait_until_sent();
  deselect();

  /* An FRAM without power takes nothing, and its silence reads as zeros or ones, which may be what
   * was written. */
  const uint8_t* const last = (const uint8_t*)from + bytes - 2;
  send_command(kRead, address + bytes - 2);
  const uint8_t low = receive();
  const uint8_t high = receive();
  deselect();
  if (low != last[0] || high != last[1] || !answers()) reset();
}
