#include "dma.hpp"

#include <bit>

#include <fmt/format.h>

namespace inas::emulator {
namespace {

constexpr std::uint16_t kFirstChannel = 0x0510, kChannel = 0x10;
constexpr std::uint16_t kSource = 2, kDestination = 6, kSize = 10;
constexpr std::uint16_t kRequest = 0x0001, kFinished = 0x0008, kEnable = 0x0010;
/// Block transfer, both addresses rising, words both.
constexpr std::uint16_t kBlockOfWords = 0x1F00;
/// Single transfers of bytes, and which of the addresses rise.
constexpr std::uint16_t kByteToByte = 0x00C0, kSourceRises = 0x0300, kDestinationRises = 0x0C00;

constexpr std::uint16_t at(std::uint16_t base, std::uint16_t offset) {
  return static_cast<std::uint16_t>(base + offset);
}

bool moves_single_bytes(std::uint16_t control) {
  const std::uint16_t source = control & kSourceRises;
  const std::uint16_t destination = control & kDestinationRises;
  return (control & ~(kEnable | kFinished | kSourceRises | kDestinationRises)) == kByteToByte &&
         (source == 0 || source == kSourceRises) &&
         (destination == 0 || destination == kDestinationRises);
}

}  // namespace

std::uint16_t Dma::control_of(unsigned channel) {
  return static_cast<std::uint16_t>(kFirstChannel + kChannel * channel);
}

void Dma::reset() {
  Registers::reset();
  upper_ = {};
  pending_ = 0;
}

void Dma::write20(std::uint16_t address, std::uint32_t value) {
  write(address, static_cast<std::uint16_t>(value), Width::word);
  upper_.at((address - kBase) / 2U) = value & 0xF0000;
}

void Dma::written(std::uint16_t address, std::uint16_t before) {
  upper_.at((address - kBase) / 2U) = 0;
  if (address < kFirstChannel || (address - kFirstChannel) % kChannel != 0) return;
  const auto channel = static_cast<unsigned>(address - kFirstChannel) / kChannel;
  const std::uint16_t control = word(address);
  if ((control & kEnable) == 0) {
    pending_ &= ~(1U << channel);
    return;
  }
  if ((control & kRequest) == 0) {
    if ((before & kEnable) == 0) single_.at(channel) = transfer_of(channel);
    return;
  }
  if ((control & ~(kEnable | kRequest | kFinished)) != kBlockOfWords) {
    throw Fault(
        fmt::format("DMA control {:#06x}: of transfers that software starts, only blocks of words "
                    "with both addresses rising are modelled",
                    control));
  }
  move_block(channel);
}

Dma::Transfer Dma::transfer_of(unsigned channel) {
  const auto address_in = [&](std::uint16_t offset) {
    const std::uint16_t reg = at(control_of(channel), offset);
    return word(reg) | upper_.at((reg - kBase) / 2U);
  };
  return {address_in(kSource), address_in(kDestination), word(at(control_of(channel), kSize))};
}

void Dma::start_value() {
  if (before_value) before_value();
  bus_.clock.require_power();
}

void Dma::move_block(unsigned channel) {
  Transfer block = transfer_of(channel);
  const std::uint64_t begin = bus_.clock.cycles;
  bus_.clock.pass(kStartAndEnd);
  for (; block.left > 0; --block.left) {
    start_value();
    bus_.clock.pass(2);
    bus_.write(block.to, bus_.read(block.from, Width::word), Width::word);
    block.from += 2;
    block.to += 2;
  }
  if (on_block) on_block(begin, bus_.clock.cycles);
  finish(channel);
}

void Dma::finish(unsigned channel) {
  std::uint16_t& control = word(control_of(channel));
  control = static_cast<std::uint16_t>((control & ~(kEnable | kRequest)) | kFinished);
}

void Dma::flag_rises(Trigger trigger) {
  for (unsigned channel = 3; channel < kChannels; ++channel) {
    if ((control(channel) & kEnable) == 0 || single_.at(channel).left == 0) continue;
    const std::uint16_t selects = word(static_cast<std::uint16_t>(kBase + channel / 2 * 2));
    if ((selects >> 8 * (channel % 2) & 0x1F) != static_cast<unsigned>(trigger)) continue;
    if (!moves_single_bytes(control(channel))) {
      throw Fault(
          fmt::format("DMA control {:#06x}: of transfers that a flag starts, only those "
                      "of single bytes are modelled",
                      control(channel)));
    }
    pending_ |= 1U << channel;
  }
}

void Dma::serve() {
  constexpr std::uint64_t kSingle = 4;
  const auto channel = static_cast<unsigned>(std::countr_zero(pending_));
  pending_ &= pending_ - 1;
  Transfer& transfer = single_.at(channel);
  start_value();
  bus_.clock.pass(kSingle);
  const std::uint16_t control = this->control(channel);
  const std::uint32_t to = transfer.to;
  const std::uint16_t value = bus_.read(transfer.from, Width::byte);
  if ((control & kSourceRises) != 0) ++transfer.from;
  if ((control & kDestinationRises) != 0) ++transfer.to;
  if (--transfer.left == 0) finish(channel);
  bus_.write(to, value, Width::byte);
}

}  // namespace inas::emulator
