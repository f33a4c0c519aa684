#pragma once

#include <array>
#include <functional>

#include "registers.hpp"

namespace inas::emulator {

/// The DMA controller with what moves between NVM and VM: blocks of words, started by software, the
/// CPU halted. Two cycles a word and kStartAndEnd for the block (documented; assumed: 2 of the 2 to
/// 3), wait states of the FRAM besides. Power can go between two words.
class Dma : public Registers {
 public:
  static constexpr std::uint16_t kBase = 0x0500, kBytes = 0x60;
  static constexpr std::uint64_t kStartAndEnd = 2;

  explicit Dma(Bus& bus) : Registers(kBase, kBytes), bus_(bus) {}

  void reset() override;
  void write20(std::uint16_t address, std::uint32_t value) override;

  /// Called with each block's first and last cycle, if there is one to call.
  std::function<void(std::uint64_t begin, std::uint64_t end)> on_block;

 private:
  void written(std::uint16_t address, std::uint16_t before) override;
  void move_block(std::uint16_t control);

  Bus& bus_;
  /// Bits 16 to 19 of the address registers, which only an address instruction writes.
  std::array<std::uint32_t, kBytes / 2> upper_{};
};

}  // namespace inas::emulator
