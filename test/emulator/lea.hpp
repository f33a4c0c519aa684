#pragma once

#include <cstdint>
#include <limits>

#include "registers.hpp"

namespace inas::emulator {

/// The low-energy accelerator as far as a multiply-accumulate (LEACMD__MAC) needs it.
///
/// Public, in the sources of TI's DSPLib 1.30: commands are enabled by LEACMDEN of LEAPMCTL;
/// LEAPMS0 is the first vector, LEAPMS1 the parameter block (length, second vector, result,
/// nothing; 16 bits each), as addresses divided by 4 in the LEA's RAM; writing the command with
/// LEAITFLG1 to LEAPMCB starts it, its end sets LEAPMCMDIFG of LEAIFG, where a written 1 clears;
/// lengths are even, vectors begin at multiples of 4 bytes; the result is 2·Σ a·b in 32 bits; below
/// the address in LEACNF2 the LEA has its stack. The addresses of the registers and the command's
/// code are those of `firmware/boards/msp430fr5994/dsplib/msp430.h`.
///
/// Assumed: that the lower word of LEAPMCB starts a command, that the stack takes no more than
/// DSPLib gives it, and the time: kStartAndEnd cycles, and one and a half for each value, which is
/// the slope that was measured through DSPLib. The CPU goes on meanwhile, its accesses of the LEA's
/// RAM are not delayed. Interrupts and other commands are a Fault.
class Lea : public Registers {
 public:
  static constexpr std::uint16_t kBase = 0x0A80, kBytes = 0x80;
  static constexpr std::uint64_t kStartAndEnd = 40;

  /// Its RAM lies from `first` to before `end`.
  Lea(Bus& bus, std::uint32_t first, std::uint32_t end)
      : Registers(kBase, kBytes), bus_(bus), first_(first), end_(end) {}

  void reset() override;
  std::uint16_t read(std::uint16_t address, Width width) override;

  std::uint64_t commands = 0;  ///< so far

 private:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  void written(std::uint16_t address, std::uint16_t before) override;
  void multiply_accumulate();
  /// The address that `value` means, of `bytes` bytes of the LEA's RAM.
  [[nodiscard]] std::uint32_t in_ram(std::uint16_t value, std::uint32_t bytes) const;

  Bus& bus_;
  std::uint32_t first_;
  std::uint32_t end_;
  std::uint64_t done_ = kNever;
  std::int64_t sum_ = 0;  ///< of the command that runs, and where it goes
  std::uint32_t result_ = 0;
};

}  // namespace inas::emulator
