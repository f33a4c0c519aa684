#include "uart.hpp"

#include <bit>

#include <fmt/format.h>

namespace inas::emulator {
namespace {

constexpr std::uint16_t kControl = 0x05C0, kDivider = 0x05C6, kModulation = 0x05C8,
                        kStatus = 0x05CA, kSent = 0x05CE, kFlags = 0x05DC;
constexpr std::uint16_t kHeldInReset = 0x0001, kBusy = 0x0001, kTransmitFlag = 0x0002;
constexpr std::uint16_t kOversampling = 0x0001;
/// UCSSEL = SMCLK; all else as after a reset.
constexpr std::uint16_t kMode = 0x0080;

}  // namespace

void Uart::reset() {
  Registers::reset();
  word(kControl) = kHeldInReset;
  word(kFlags) = kTransmitFlag;
  buffer_full_ = false;
  sent_ = kNever;
}

std::uint64_t Uart::eight_bits() {
  const std::uint16_t modulation = word(kModulation);
  const auto longer = static_cast<std::uint64_t>(std::popcount(modulation >> 8 & 0xFFU));
  return 8 * (16 * static_cast<std::uint64_t>(word(kDivider)) + (modulation >> 4 & 0xFU)) + longer;
}

double Uart::baud() {
  return 8.0 * static_cast<double>(clock_.peripheral_hz) / static_cast<double>(eight_bits());
}

std::uint16_t Uart::read(std::uint16_t address, Width width) {
  advance();
  if (address == kStatus) word(kStatus) = sent_ != kNever ? kBusy : 0;
  return Registers::read(address, width);
}

void Uart::advance() {
  while (clock_.cycles >= sent_) {
    const std::uint64_t now = sent_;
    sent_ = kNever;
    if (buffer_full_) shift_out(now);
  }
}

void Uart::shift_out(std::uint64_t cycle) {
  constexpr std::uint64_t kBits = 10;  // with start and stop
  sent_ = cycle + kBits * eight_bits() * clock_.hz / clock_.peripheral_hz / 8;
  buffer_full_ = false;
  word(kFlags) |= kTransmitFlag;
  if (on_byte) on_byte(static_cast<std::uint8_t>(word(kSent)));
}

void Uart::written(std::uint16_t address, std::uint16_t /*before*/) {
  if (address == kControl) {
    if ((word(kControl) & kHeldInReset) == 0) return;
    word(kFlags) = kTransmitFlag;
    buffer_full_ = false;
    sent_ = kNever;
  } else if (address == kSent) {
    if (word(kControl) != kMode || (word(kModulation) & kOversampling) == 0) {
      throw Fault(
          fmt::format("eUSCI_A0 sends with UCA0CTLW0 {:#06x}, UCA0MCTLW {:#06x}: only "
                      "{:#06x} with oversampling is modelled",
                      word(kControl), word(kModulation), kMode));
    }
    if (!has_pin || !has_pin()) throw Fault("eUSCI_A0 sends while its pin is not its own");
    advance();
    if (buffer_full_) throw Fault("eUSCI_A0 is given a byte before the last one has left");
    word(kFlags) &= static_cast<std::uint16_t>(~kTransmitFlag);
    buffer_full_ = true;
    if (sent_ == kNever) shift_out(clock_.cycles);
  } else if (address == kDivider || address == kModulation) {
    if ((word(kControl) & kHeldInReset) == 0) {
      throw Fault("eUSCI_A0's baud rate changes while it is not held in reset");
    }
  } else {
    throw Fault(fmt::format("register {:#06x} is not modelled", address));
  }
}

}  // namespace inas::emulator
