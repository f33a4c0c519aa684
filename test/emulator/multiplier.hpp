#pragma once

#include "registers.hpp"

namespace inas::emulator {

/// The 16-bit registers of the hardware multiplier (MPY32): four first
/// operands, whose address says what is done; the second one, which starts it; the result. Its
/// 32-bit registers and modes and accesses by bytes are not modelled, nor is the delay of two
/// cycles before a result is there, which no addressing mode undercuts that fetches the result's
/// address.
class Multiplier : public Registers {
 public:
  static constexpr std::uint16_t kBytes = 0x10;

  explicit Multiplier(std::uint16_t base) : Registers(base, kBytes), base_(base) {}

  void write(std::uint16_t address, std::uint16_t value, Width width) override;

 private:
  void written(std::uint16_t address, std::uint16_t before) override;

  std::uint16_t base_;
  std::uint16_t first_ = 0;
  bool is_signed_ = false;
  bool adds_ = false;
};

}  // namespace inas::emulator
