/// The pins of the board. All others are inputs with pull-down, so that none floats.
///
///   P3.0  out  running              P6.0  out  external FRAM: SI
///   P3.1  out  finished             P6.1  in   external FRAM: SO
///   P3.2  out  stuck                P6.2  out  external FRAM: SCK
///   P3.3  out  end of power cycle   P6.3  out  external FRAM: CS, low while selected
///   P5.5  in   go on, low           P5.6  in   start the next inference, low
///
/// The micro-benchmarks have three besides:
///
///   P1.4  out  a block is measured
///   P2.0  out  serial port, sends   P2.1  in   serial port, receives (not used)
///
/// At most one of the outputs of port 3 is high. The inputs of port 5 have pull-ups; on a LaunchPad
/// they are the buttons S2 and S1.
#ifndef INAS_MSP430FR5994_PINS_H
#define INAS_MSP430FR5994_PINS_H

#define PIN_RUNNING 0x01
#define PIN_FINISHED 0x02
#define PIN_STUCK 0x04
#define PIN_CYCLE_FINISHED 0x08

#define PIN_GO_ON 0x20
#define PIN_NEXT 0x40

#define PIN_MEASURING 0x10
#define PINS_SERIAL_PORT 0x03

#define PINS_SPI 0x07
#define PIN_SELECT 0x08

#endif
