#include "timer.hpp"

#include <fmt/format.h>

namespace inas::emulator {
namespace {

constexpr std::uint16_t kCounter = 0x10, kExpansion = 0x20;  // from the control register
constexpr std::uint16_t kOverflow = 0x0001, kClear = 0x0004, kMode = 0x0030;
constexpr std::uint16_t kContinuous = 0x0020, kSmclk = 0x0200;

}  // namespace

void Timer::reset() {
  Registers::reset();
  counts_ = false;
  from_ = 0;
}

void Timer::advance() {
  if (!counts_) return;
  const std::uint64_t ticks = (clock_.cycles - since_) / divider_;
  const std::uint64_t now = from_ + ticks;
  if (now >> 16 != from_ >> 16) word(control_) |= kOverflow;
  word(static_cast<std::uint16_t>(control_ + kCounter)) = static_cast<std::uint16_t>(now);
  since_ += ticks * divider_;
  from_ = now;
}

std::uint16_t Timer::read(std::uint16_t address, Width width) {
  advance();
  return Registers::read(address, width);
}

void Timer::write(std::uint16_t address, std::uint16_t value, Width width) {
  advance();
  Registers::write(address, value, width);
}

void Timer::written(std::uint16_t address, std::uint16_t /*before*/) {
  std::uint16_t& control = word(control_);
  if (address == control_ + kExpansion) {
    if (counts_) throw Fault("a timer's divider changes while it counts");
    return;
  }
  if (address != control_) {
    throw Fault(fmt::format("register {:#06x} of a timer is not modelled", address));
  }
  if ((control & kClear) != 0) {
    control = static_cast<std::uint16_t>(control & ~kClear);
    word(static_cast<std::uint16_t>(control_ + kCounter)) = 0;
    from_ = 0;
    counts_ = false;
  }
  const bool counts = (control & kMode) != 0;
  if (counts && (control & ~(0x00C0 | kOverflow)) != (kSmclk | kContinuous)) {
    throw Fault(fmt::format(
        "timer control {:#06x}: only counting SMCLK without end and interrupts is modelled",
        control));
  }
  if (counts && !counts_) {
    const unsigned expansion = (word(static_cast<std::uint16_t>(control_ + kExpansion)) & 7U) + 1;
    divider_ = (expansion << (control >> 6 & 3U)) * (clock_.hz / clock_.peripheral_hz);
    since_ = clock_.cycles;
  }
  counts_ = counts;
}

}  // namespace inas::emulator
