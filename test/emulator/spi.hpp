#pragma once

#include <functional>
#include <limits>

#include "dma.hpp"
#include "registers.hpp"
#include "serial_fram.hpp"

namespace inas::emulator {

/// eUSCI_A3 as SPI master (guide, chapter eUSCI - SPI mode) with a serial FRAM on the bus: a buffer
/// and a shift register each way, so that bytes follow one another without a gap as long as the
/// buffer is filled in time; a byte takes eight cycles of the bit clock, which is SMCLK divided by
/// UCA3BRW. Its flags start DMA transfers where they rise. A byte that was not read is lost to the
/// next one. Other modes are a Fault once a byte is sent in them.
class Spi : public Registers {
 public:
  static constexpr std::uint16_t kBase = 0x0620, kBytes = 0x20;

  Spi(Bus& bus, Dma& dma, SerialFram& fram)
      : Registers(kBase, kBytes), bus_(bus), dma_(dma), fram_(fram) {
    reset();
  }

  void reset() override;
  std::uint16_t read(std::uint16_t address, Width width) override;

  /// Whether a byte that is on the bus has arrived by the time of the clock.
  [[nodiscard]] bool due() const { return bus_.clock.cycles >= arrives_; }
  /// Does what has happened by the time of the clock.
  void advance();

  /// Whether the pins are those of the eUSCI. Asked whenever a byte is sent.
  std::function<bool()> has_pins;

 private:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  void written(std::uint16_t address, std::uint16_t before) override;
  /// Shifts the buffer's byte out from `cycle` on.
  void shift_out(std::uint64_t cycle);
  void raise(std::uint16_t flag);

  Bus& bus_;
  Dma& dma_;
  SerialFram& fram_;
  bool buffer_full_ = false;
  std::uint8_t shifted_ = 0;
  std::uint64_t arrives_ = kNever;
};

}  // namespace inas::emulator
