#include "registers.hpp"

#include <algorithm>

namespace inas::emulator {

void Registers::reset() { std::fill(words_.begin(), words_.end(), std::uint16_t{0}); }

std::uint16_t Registers::read(std::uint16_t address, Width width) {
  return width == Width::byte ? byte(address) : word(address);
}

void Registers::write(std::uint16_t address, std::uint16_t value, Width width) {
  std::uint16_t& changed = word(address);
  const std::uint16_t before = changed;
  if (width == Width::word) {
    changed = value;
  } else if (address % 2 == 0) {
    changed = static_cast<std::uint16_t>((before & 0xFF00) | (value & 0xFF));
  } else {
    changed = static_cast<std::uint16_t>((before & 0x00FF) | (value & 0xFF) << 8);
  }
  written(static_cast<std::uint16_t>(address & ~1U), before);
}

}  // namespace inas::emulator
