#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <inas/core/board.hpp>

#include "adc.hpp"
#include "bus.hpp"
#include "cpu.hpp"
#include "dma.hpp"
#include "elf.hpp"
#include "lea.hpp"
#include "multiplier.hpp"
#include "registers.hpp"
#include "serial_fram.hpp"
#include "spi.hpp"
#include "timer.hpp"
#include "uart.hpp"

namespace inas::emulator {

/// An MSP430FR5994 on which a program is flashed, and the serial FRAM that is wired to port 6, if
/// the board has one. Of its peripherals those that the firmware uses: watchdog, power management,
/// FRAM controller, clocks, ports, DMA, multiplier, LEA, timers A0, A1 and B0, eUSCI_A0 and A3,
/// reference and ADC. Its clock is that of the CPU.
class Fr5994 {
 public:
  Fr5994(const Board& board, const Elf& program);
  ~Fr5994();
  Fr5994(const Fr5994&) = delete;
  Fr5994& operator=(const Fr5994&) = delete;

  enum class Stopped : std::uint8_t {
    power_gone,  ///< call `boot`
    asleep,      ///< until a pin of port 5 changes
    signal       ///< port 3 shows something else
  };

  /// Puts another program into the memories, as a debugger does; call `boot` then. What it does not
  /// write stays, also what the serial FRAM holds.
  void flash(const Elf& program);

  /// Power comes back: RAM holds `rubbish`, repeated, and the part resets.
  void boot(const std::vector<std::uint8_t>& rubbish);

  /// Goes on until one of the above. Throws Fault, and after `most` cycles, too, because then
  /// something waits for what never comes.
  Stopped run(std::uint64_t most = std::uint64_t{20} * 1000 * 1000 * 1000);

  /// Sets the pins of port 5 that are in `mask`, high or low.
  void set_port5(std::uint8_t mask, bool high);
  /// What port 3 puts out; 0 while the pins are locked.
  [[nodiscard]] std::uint8_t port3() const;

  /// Called, if there is one to call, when port 1 puts out something else: its pins, 0 while they
  /// are locked.
  std::function<void(std::uint8_t pins)> on_port1;

  /// The cycles of sleeping on the timer, which `bus().clock` has not passed, in the CPU's clock.
  [[nodiscard]] std::uint64_t dozed_cycles() const { return dozed_; }

  /// Called, if there is one to call, after every instruction and the DMA transfers that follow it:
  /// its address, and the cycles and wait states that passed.
  std::function<void(std::uint32_t at, std::uint64_t cycles, std::uint64_t waits)> on_step;

  [[nodiscard]] Bus& bus() { return bus_; }
  [[nodiscard]] Cpu& cpu() { return cpu_; }
  [[nodiscard]] Dma& dma() { return dma_; }
  [[nodiscard]] Adc& adc() { return adc_; }
  [[nodiscard]] Lea& lea() { return lea_; }
  [[nodiscard]] SerialFram& serial_fram() { return serial_fram_; }
  [[nodiscard]] Uart& uart() { return uart_; }

 private:
  class System;
  class Ports;
  class SleepTimer;

  /// All registers are as after a reset.
  void reset();
  /// An interrupt that is enabled and there, or 0.
  [[nodiscard]] std::uint32_t pending_vector();
  /// Tells the serial FRAM what its pin says, and whoever asks what port 1 says.
  void follow_pins();

  Bus bus_;
  Cpu cpu_;
  Dma dma_;
  Multiplier multiplier_;
  Lea lea_;
  SerialFram serial_fram_;
  Spi spi_;
  Uart uart_;
  Timer timer_a1_;
  Timer timer_b0_;
  Reference reference_;
  Adc adc_;
  std::unique_ptr<System> system_;
  std::unique_ptr<Ports> ports_;
  std::unique_ptr<SleepTimer> sleep_timer_;
  std::uint8_t port1_ = 0;
  std::uint64_t dozed_ = 0;
};

}  // namespace inas::emulator
