#pragma once

#include <cstdint>
#include <vector>

namespace inas::emulator {

/// A serial FRAM with 3-byte addresses (CY15B104Q and the like) behind an SPI bus: write enable
/// (0x06, one byte), write (0x02), read (0x03), identity (0x9F). Behind its last byte it goes on at
/// its first one. Every byte that was received whole is kept. What such a part would ignore (a
/// write that was not enabled, another command) is a Fault.
class SerialFram {
 public:
  explicit SerialFram(std::size_t bytes) : bytes_(bytes) {}

  /// Power is gone, or comes back: what is on the bus is forgotten.
  void lose_power();

  void select(bool selected);

  /// A byte each way. If it is not selected, or not there, it drives nothing: ones.
  [[nodiscard]] std::uint8_t exchange(std::uint8_t sent);

  /// The memory. It has no power if it is not there.
  [[nodiscard]] std::vector<std::uint8_t>& bytes() { return bytes_; }
  bool there = true;

 private:
  std::vector<std::uint8_t> bytes_;
  bool selected_ = false;
  bool write_enabled_ = false;
  std::uint8_t command_ = 0;
  std::size_t received_ = 0;  ///< bytes since it was selected
  std::size_t address_ = 0;
};

}  // namespace inas::emulator
