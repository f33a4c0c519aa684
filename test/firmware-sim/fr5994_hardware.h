/// A model of what the FR5994's board touches, in C: DMA channels 3 and 4, eUSCI_A3 as SPI master,
/// an external FRAM behind it, ports, sleep, the timer, the ADC on the supply. It acts on what was
/// written whenever a register is accessed next, and notes what the real parts would not do.
#ifndef INAS_TEST_FR5994_HARDWARE_H
#define INAS_TEST_FR5994_HARDWARE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

volatile uint16_t* fr5994_word(uint16_t address);
volatile uint8_t* fr5994_byte(uint16_t address);
/// An address that the DMA can use for the object at `pointer`, for the next few transfers.
uint16_t fr5994_address(const void* pointer);

#ifdef __cplusplus
}

#include <cstdint>
#include <string>
#include <vector>

namespace inas::firmware {

/// Thrown where the part resets itself.
struct PartReset {};

struct Fr5994 {
  std::vector<std::uint8_t> high_fram;  ///< from 0x10000
  std::vector<std::uint8_t> external_fram;
  std::vector<std::uint8_t> asleep_signals;  ///< P3OUT at each sleep
  std::vector<std::uint8_t> asleep_enabled;  ///< P5IE at each sleep
  /// The external FRAM has power for so many bytes on the bus, and then is silent: all bits of what
  /// is read are those of `silence`; after `silent_commands` commands in vain it is there again.
  std::uint64_t fram_bytes = UINT64_MAX;
  std::uint8_t silence = 0xFF;
  std::uint64_t silent_commands = UINT64_MAX;
  std::uint64_t waited_cycles = 0;  ///< of 16 MHz
  int supply_mv = 3300;
  int supply_rise_mv = 0;             ///< in each sleep on the timer
  std::vector<std::uint16_t> dozes;   ///< ticks of each such sleep
  std::vector<std::uint8_t> signals;  ///< what P3OUT was, without repetitions
  std::uint8_t wakes = 0;             ///< pins of port 5 that a sleep pulls low
  std::vector<std::string> wrong;     ///< what the real parts would not do
};

/// The hardware, all registers as after a reset, memories zero.
Fr5994& reset_fr5994();

}  // namespace inas::firmware
#endif

#endif
