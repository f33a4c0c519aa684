#include "lea.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace inas::emulator {
namespace {

constexpr std::uint16_t kConfiguration1 = 0x0A88, kStack = 0x0A8C, kControl = 0x0AC0,
                        kSource1 = 0x0AC8, kSource0 = 0x0ACC, kCommand = 0x0AD0,
                        kInterruptEnable = 0x0AF4, kFlags = 0x0AF8;
constexpr std::uint16_t kBusy = 0x0001, kCommandsEnabled = 0x0001;
constexpr std::uint16_t kOverflow = 0x0001, kDone = 0x0010;
constexpr std::uint16_t kMacWithFlag = 21 << 2 | 0x0002;

}  // namespace

void Lea::reset() {
  Registers::reset();
  done_ = kNever;
}

std::uint16_t Lea::read(std::uint16_t address, Width width) {
  if (bus_.clock.cycles >= done_) {
    done_ = kNever;
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    const std::int64_t kept = std::clamp(sum_, -kMost - 1, kMost);
    for (std::uint32_t i = 0; i < 4; ++i) {
      bus_.byte(result_ + i) = static_cast<std::uint8_t>(kept >> 8 * i);
    }
    word(kFlags) |= static_cast<std::uint16_t>(kDone | (kept != sum_ ? kOverflow : 0));
  }
  word(kConfiguration1) = done_ != kNever ? kBusy : 0;
  return Registers::read(address, width);
}

void Lea::written(std::uint16_t address, std::uint16_t before) {
  if (address == kFlags) {
    word(kFlags) = static_cast<std::uint16_t>(before & ~word(kFlags));
  } else if (address == kInterruptEnable) {
    if (word(address) != 0) throw Fault("interrupts of the LEA are not modelled");
  } else if (address == kCommand) {
    if (done_ != kNever) throw Fault("a command for the LEA, which is busy");
    if ((word(kControl) & kCommandsEnabled) == 0) throw Fault("the LEA takes no commands yet");
    if (word(kCommand) != kMacWithFlag) {
      throw Fault(fmt::format("command {:#06x} of the LEA is not modelled", word(kCommand)));
    }
    multiply_accumulate();
  }
}

std::uint32_t Lea::in_ram(std::uint16_t value, std::uint32_t bytes) const {
  const std::uint32_t address = std::uint32_t{value} << 2;
  if (address < first_ || address + bytes > end_) {
    throw Fault(fmt::format("the LEA leaves its RAM: {:#07x}, {} bytes", address, bytes));
  }
  return address;
}

void Lea::multiply_accumulate() {
  const auto value = [this](std::uint32_t address) {
    return static_cast<std::int16_t>(
        static_cast<std::uint16_t>(bus_.byte(address) | bus_.byte(address + 1) << 8));
  };
  const auto parameter = [&](std::uint32_t number) {
    return static_cast<std::uint16_t>(value(in_ram(word(kSource1), 8) + 2 * number));
  };
  if (word(kStack) == 0) throw Fault("the LEA has no stack");
  const std::uint16_t length = parameter(0);
  if (length == 0 || length % 2 != 0) {
    throw Fault(fmt::format("the LEA multiplies {} values", length));
  }
  const std::uint32_t a = in_ram(word(kSource0), 2U * length);
  const std::uint32_t b = in_ram(parameter(1), 2U * length);
  result_ = in_ram(parameter(2), 4);
  sum_ = 0;
  for (std::uint32_t i = 0; i < length; ++i) {
    sum_ += std::int64_t{2} * value(a + 2 * i) * value(b + 2 * i);
  }
  done_ = bus_.clock.cycles + kStartAndEnd + 3 * std::uint64_t{length} / 2;
  ++commands;
}

}  // namespace inas::emulator
