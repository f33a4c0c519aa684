#include "serial_fram.hpp"

#include <array>

#include <fmt/format.h>

#include "bus.hpp"

namespace inas::emulator {
namespace {

constexpr std::uint8_t kWriteEnable = 0x06, kWrite = 0x02, kRead = 0x03, kIdentity = 0x9F;
constexpr std::uint8_t kNothing = 0xFF;
constexpr std::array<std::uint8_t, 4> kManufacturerFirst{0x04, 0x7F, 0x49, 0x03};
constexpr std::size_t kHeader = 4;  // the command and its address

}  // namespace

void SerialFram::lose_power() {
  selected_ = write_enabled_ = false;
  received_ = 0;
}

void SerialFram::select(bool selected) {
  if (selected == selected_) return;
  selected_ = selected;
  if (!selected && received_ > 0) write_enabled_ = command_ == kWriteEnable;
  received_ = 0;
}

std::uint8_t SerialFram::exchange(std::uint8_t sent) {
  if (!selected_ || !there) return kNothing;
  const std::size_t number = received_++;
  if (number == 0) {
    command_ = sent;
    if (sent == kWrite && !write_enabled_) throw Fault("a write to the serial FRAM, not enabled");
    return kNothing;
  }
  if (command_ == kIdentity) {
    return number <= kManufacturerFirst.size() ? kManufacturerFirst[number - 1] : 0;
  }
  if (command_ != kRead && command_ != kWrite) {
    throw Fault(fmt::format("command {:#04x} to the serial FRAM with more bytes", command_));
  }
  if (number < kHeader) {
    address_ = (number == 1 ? 0 : address_) << 8 | sent;
    if (number == kHeader - 1) address_ %= bytes_.size();
    return kNothing;
  }
  std::uint8_t& byte = bytes_[address_];
  address_ = (address_ + 1) % bytes_.size();
  if (command_ == kRead) return byte;
  byte = sent;
  return kNothing;
}

}  // namespace inas::emulator
