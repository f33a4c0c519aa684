#pragma once

#include <functional>
#include <limits>

#include "registers.hpp"

namespace inas::emulator {

/// eUSCI_A0 as a UART that sends (guide, chapter eUSCI - UART mode): a buffer and a shift register,
/// 8 data bits, no parity, 1 stop bit, of SMCLK with oversampling. A bit takes 16·UCBR + UCBRF
/// cycles and, in as many of 8 bits as UCBRS has ones, one more; here they are spread evenly. What
/// it would receive, interrupts and other modes are a Fault.
class Uart : public Registers {
 public:
  static constexpr std::uint16_t kBase = 0x05C0, kBytes = 0x20;

  explicit Uart(const Clock& clock) : Registers(kBase, kBytes), clock_(clock) { reset(); }

  void reset() override;
  std::uint16_t read(std::uint16_t address, Width width) override;

  /// Bits of a second, which a receiver is to be set to.
  [[nodiscard]] double baud();

  /// Called with each byte when its transmission begins, if there is one to call.
  std::function<void(std::uint8_t byte)> on_byte;
  /// Whether the pin that sends is the eUSCI's. Asked whenever a byte is sent.
  std::function<bool()> has_pin;

 private:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  void written(std::uint16_t address, std::uint16_t before) override;
  void advance();
  void shift_out(std::uint64_t cycle);
  /// Eight bits in cycles of SMCLK.
  [[nodiscard]] std::uint64_t eight_bits();

  const Clock& clock_;
  bool buffer_full_ = false;
  std::uint64_t sent_ = kNever;  ///< when the shift register will be empty
};

}  // namespace inas::emulator
