#pragma once

#include "registers.hpp"

namespace inas::emulator {

/// Timer_A or Timer_B counting SMCLK without end (guide, chapters Timer_A and Timer_B: continuous
/// mode), divided by both of its dividers. TxCLR clears counter and dividers and reads as 0; TxIFG
/// is set when the counter goes from 0xFFFF to 0. A counter that is stopped and started again
/// without TxCLR begins a new count of the divider. Compare units, interrupts, other modes and
/// clocks are a Fault.
class Timer : public Registers {
 public:
  static constexpr std::uint16_t kBytes = 0x30;

  /// `control` is the address of TxCTL.
  Timer(std::uint16_t control, const Clock& clock)
      : Registers(control, kBytes), control_(control), clock_(clock) {}

  void reset() override;
  std::uint16_t read(std::uint16_t address, Width width) override;
  void write(std::uint16_t address, std::uint16_t value, Width width) override;

 private:
  void written(std::uint16_t address, std::uint16_t before) override;
  /// Sets counter and flag to what they are by the time of the clock.
  void advance();

  std::uint16_t control_;
  const Clock& clock_;
  bool counts_ = false;
  std::uint64_t since_ = 0;    ///< cycle at which it counted `from_`
  std::uint64_t from_ = 0;     ///< 32 bits and more
  std::uint64_t divider_ = 1;  ///< cycles of the CPU's clock
};

}  // namespace inas::emulator
