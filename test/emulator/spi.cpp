#include "spi.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace inas::emulator {
namespace {

constexpr std::uint16_t kControl = 0x0620, kDivider = 0x0626, kStatus = 0x062A, kReceived = 0x062C,
                        kSent = 0x062E, kFlags = 0x063C;
constexpr std::uint16_t kHeldInReset = 0x0001, kBusy = 0x0001;
constexpr std::uint16_t kReceiveFlag = 0x0001, kTransmitFlag = 0x0002;
/// UCCKPH, UCMSB, UCMST, UCSYNC, UCSSEL = SMCLK: a master in mode 0, most significant bit first.
constexpr std::uint16_t kMode = 0xA980;

}  // namespace

void Spi::reset() {
  Registers::reset();
  word(kControl) = kHeldInReset;
  word(kFlags) = kTransmitFlag;
  buffer_full_ = false;
  arrives_ = kNever;
}

std::uint16_t Spi::read(std::uint16_t address, Width width) {
  advance();
  if (address == kReceived) word(kFlags) &= static_cast<std::uint16_t>(~kReceiveFlag);
  if (address == kStatus) word(kStatus) = arrives_ != kNever || buffer_full_ ? kBusy : 0;
  return Registers::read(address, width);
}

void Spi::advance() {
  while (due()) {
    const std::uint64_t now = arrives_;
    arrives_ = kNever;
    word(kReceived) = fram_.exchange(shifted_);
    if (buffer_full_) shift_out(now);
    raise(kReceiveFlag);
  }
}

void Spi::written(std::uint16_t address, std::uint16_t before) {
  if (address == kControl) {
    if ((word(kControl) & kHeldInReset) == 0) return;
    word(kFlags) = kTransmitFlag;
    buffer_full_ = false;
    arrives_ = kNever;
  } else if (address == kFlags) {
    const std::uint16_t set = word(kFlags) & ~before;
    if ((set & kReceiveFlag) != 0) dma_.flag_rises(Dma::Trigger::uca3_received);
    if ((set & kTransmitFlag) != 0) dma_.flag_rises(Dma::Trigger::uca3_transmits);
  } else if (address == kSent) {
    if (word(kControl) != kMode) {
      throw Fault(fmt::format("eUSCI_A3 sends with UCA3CTLW0 {:#06x}: only {:#06x} is modelled",
                              word(kControl), kMode));
    }
    if (!has_pins || !has_pins()) throw Fault("eUSCI_A3 sends while its pins are not its own");
    advance();
    word(kFlags) &= static_cast<std::uint16_t>(~kTransmitFlag);
    buffer_full_ = true;
    if (arrives_ == kNever) shift_out(bus_.clock.cycles);
  } else if (address != kDivider) {
    throw Fault(fmt::format("register {:#06x} is not modelled", address));
  }
}

void Spi::shift_out(std::uint64_t cycle) {
  constexpr std::uint64_t kBits = 8;
  const std::uint64_t divider = std::max<std::uint64_t>(word(kDivider), 1);
  shifted_ = static_cast<std::uint8_t>(word(kSent));
  buffer_full_ = false;
  arrives_ = cycle + kBits * divider * bus_.clock.hz / bus_.clock.peripheral_hz;
  raise(kTransmitFlag);
}

void Spi::raise(std::uint16_t flag) {
  if ((word(kFlags) & flag) != 0) return;
  word(kFlags) |= flag;
  dma_.flag_rises(flag == kReceiveFlag ? Dma::Trigger::uca3_received
                                       : Dma::Trigger::uca3_transmits);
}

}  // namespace inas::emulator
