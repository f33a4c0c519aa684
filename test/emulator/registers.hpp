#pragma once

#include <vector>

#include "bus.hpp"

namespace inas::emulator {

/// Registers that keep what is written. A part of them says what a write does.
class Registers : public Peripheral {
 public:
  /// So many bytes from `base` on, an even address.
  Registers(std::uint16_t base, std::uint16_t bytes) : base_(base), words_(bytes / 2U) {}

  void reset() override;
  std::uint16_t read(std::uint16_t address, Width width) override;
  void write(std::uint16_t address, std::uint16_t value, Width width) override;

 protected:
  /// The word at `address`, which an access from outside does not reach.
  [[nodiscard]] std::uint16_t& word(std::uint16_t address) {
    return words_.at(static_cast<std::size_t>(address - base_) / 2);
  }
  [[nodiscard]] std::uint8_t byte(std::uint16_t address) {
    return static_cast<std::uint8_t>(word(address) >> 8 * (address % 2));
  }

  /// After a write to the word at the even address `address`, which held `before`.
  virtual void written(std::uint16_t /*address*/, std::uint16_t /*before*/) {}

 private:
  std::uint16_t base_;
  std::vector<std::uint16_t> words_;
};

}  // namespace inas::emulator
