#pragma once

#include <array>
#include <functional>

#include "registers.hpp"

namespace inas::emulator {

/// The DMA controller with what the firmware uses of it, the CPU halted meanwhile:
///   blocks of words with both addresses rising, started by software;
///   single bytes, each started by a flag of eUSCI_A3 that rises (channels 3 to 5), after the
///   instruction that is being executed.
/// Guide, 11.2.7: one or two cycles before a transfer or a block, two for each value, one after;
/// table 11-3: a single transfer takes 4 at most. So it takes 4 here, and a block kStartAndEnd
/// besides its values, which is assumed of the 2 to 3. FRAM waits besides. Power can go between two
/// values. A transfer that ends sets DMAIFG.
class Dma : public Registers {
 public:
  static constexpr std::uint16_t kBase = 0x0500, kBytes = 0x70;
  static constexpr std::uint64_t kStartAndEnd = 2;

  /// As channels 3 to 5 select them.
  enum class Trigger : std::uint8_t { uca3_received = 16, uca3_transmits = 17 };

  explicit Dma(Bus& bus) : Registers(kBase, kBytes), bus_(bus) {}

  void reset() override;
  void write20(std::uint16_t address, std::uint32_t value) override;

  void flag_rises(Trigger trigger);

  /// Single transfers that were started and not made yet; `serve` makes the one with the highest
  /// priority, the lowest channel's.
  [[nodiscard]] bool pending() const { return pending_ != 0; }
  void serve();

  /// Called with each block's first and last cycle, if there is one to call.
  std::function<void(std::uint64_t begin, std::uint64_t end)> on_block;
  /// Called before each value moves, if there is one to call.
  std::function<void()> before_value;

 private:
  static constexpr unsigned kChannels = 6;

  /// What a channel works with; its registers keep what was written.
  struct Transfer {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::uint16_t left = 0;  ///< values
  };

  void written(std::uint16_t address, std::uint16_t before) override;
  [[nodiscard]] std::uint16_t control(unsigned channel) { return word(control_of(channel)); }
  [[nodiscard]] static std::uint16_t control_of(unsigned channel);
  [[nodiscard]] Transfer transfer_of(unsigned channel);
  void move_block(unsigned channel);
  void start_value();
  void finish(unsigned channel);

  Bus& bus_;
  /// Bits 16 to 19 of the address registers, which only an address instruction writes.
  std::array<std::uint32_t, kBytes / 2> upper_{};
  std::array<Transfer, kChannels> single_{};
  unsigned pending_ = 0;  ///< a bit for each channel
};

}  // namespace inas::emulator
