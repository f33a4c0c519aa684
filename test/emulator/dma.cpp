#include "dma.hpp"

#include <fmt/format.h>

namespace inas::emulator {
namespace {

constexpr std::uint16_t kFirstChannel = 0x0510, kChannel = 0x10;
constexpr std::uint16_t kSource = 2, kDestination = 6, kSize = 10;
constexpr std::uint16_t kRequest = 0x0001, kEnable = 0x0010;
/// Block transfer, both addresses rising, words both.
constexpr std::uint16_t kBlockOfWords = 0x1F00;

constexpr std::uint16_t at(std::uint16_t base, std::uint16_t offset) {
  return static_cast<std::uint16_t>(base + offset);
}

}  // namespace

void Dma::reset() {
  Registers::reset();
  upper_ = {};
}

void Dma::write20(std::uint16_t address, std::uint32_t value) {
  write(address, static_cast<std::uint16_t>(value), Width::word);
  upper_.at((address - kBase) / 2U) = value & 0xF0000;
}

void Dma::written(std::uint16_t address, std::uint16_t /*before*/) {
  upper_.at((address - kBase) / 2U) = 0;
  if (address < kFirstChannel || (address - kFirstChannel) % kChannel != 0) return;
  const std::uint16_t control = word(address);
  if ((control & kEnable) == 0 || (control & kRequest) == 0) return;
  if ((control & ~(kEnable | kRequest)) != kBlockOfWords) {
    throw Fault(
        fmt::format("DMA control {:#06x}: only blocks of words with both addresses rising "
                    "are modelled",
                    control));
  }
  move_block(address);
}

void Dma::move_block(std::uint16_t control) {
  const auto address_in = [&](std::uint16_t offset) {
    const std::uint16_t reg = at(control, offset);
    return word(reg) | upper_.at((reg - kBase) / 2U);
  };
  std::uint32_t from = address_in(kSource);
  std::uint32_t to = address_in(kDestination);
  const std::uint16_t size = word(at(control, kSize));
  const std::uint64_t begin = bus_.clock.cycles;
  bus_.clock.pass(kStartAndEnd);
  for (std::uint16_t i = 0; i < size; ++i) {
    bus_.clock.require_power();
    bus_.clock.pass(2);
    bus_.write(to, bus_.read(from, Width::word), Width::word);
    from += 2;
    to += 2;
  }
  if (on_block) on_block(begin, bus_.clock.cycles);
  word(control) = static_cast<std::uint16_t>(word(control) & ~(kEnable | kRequest));
}

}  // namespace inas::emulator
