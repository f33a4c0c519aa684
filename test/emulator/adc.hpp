#pragma once

#include <functional>
#include <limits>

#include "registers.hpp"

namespace inas::emulator {

/// The voltage reference: REFCTL0. It settles in 75 µs (assumed: the data sheet's longest).
class Reference : public Registers {
 public:
  static constexpr std::uint16_t kBase = 0x01B0, kBytes = 2;

  explicit Reference(const Clock& clock) : Registers(kBase, kBytes), clock_(clock) {}

  std::uint16_t read(std::uint16_t address, Width width) override;

  /// On, settled, 2 V.
  [[nodiscard]] bool gives_two_volts();

 private:
  void written(std::uint16_t address, std::uint16_t before) override;

  const Clock& clock_;
  std::uint64_t settles_ = 0;
};

/// ADC12_B as the firmware uses it: conversions, started by software, of half the supply against
/// the reference of 2 V, 12 bits; others are a Fault. A conversion takes the sampling time, 14
/// cycles more, by an oscillator of 4.8 MHz (typical).
class Adc : public Registers {
 public:
  static constexpr std::uint16_t kBase = 0x0800, kBytes = 0x80;

  Adc(const Clock& clock, Reference& reference)
      : Registers(kBase, kBytes), clock_(clock), reference_(reference) {}

  void reset() override;
  std::uint16_t read(std::uint16_t address, Width width) override;

  /// The supply in mV at the end of a conversion.
  std::function<int()> supply_mv = [] { return 3300; };

 private:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  void written(std::uint16_t address, std::uint16_t before) override;

  const Clock& clock_;
  Reference& reference_;
  std::uint64_t done_ = kNever;
};

}  // namespace inas::emulator
