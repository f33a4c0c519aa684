#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <inas/core/board.hpp>

namespace inas {

/// The device: which cost profile describes it, and its memories. The defaults are what any build
/// of the firmware for the MSP430FR5994 has: VM also where the LEA is used, the FRAM on chip as
/// NVM.
struct Platform {
  std::string profile = "msp430fr5994";  ///< a built-in profile's name, or the path of a JSON file
  std::int64_t vm_bytes = 3780;          ///< volatile memory for tiles
  std::int64_t nvm_bytes = 212'992;      ///< non-volatile memory for weights and feature maps
  std::int64_t data_bytes = 2;           ///< D, bytes per value
  /// Vectors above this length, an even number, are split into several operations; 0: never. 128
  /// stays within what was measured on the MSP430FR5994.
  std::int64_t longest_vector = 0;
  double clock_hz = 16e6;  ///< must equal the clock at which the profile was measured

  bool operator==(const Platform&) const = default;
};

/// The published evaluation's device, whose firmware `profile` prices: 2,048 B for tiles, 1,000,000
/// B of serial FRAM.
[[nodiscard]] inline Platform published_platform(std::string profile = "msp430fr5994-paper") {
  Platform platform;
  platform.profile = std::move(profile);
  platform.vm_bytes = 2048;
  platform.nvm_bytes = 1'000'000;
  return platform;
}

/// Throws InvalidArgument, naming the field (`platform.vm_bytes`), if a value is out of its range.
void validate(const Platform& platform);

/// The built-in board that built-in profiles were measured on: a supply that they price must be one
/// that it works at.
[[nodiscard]] const Board& platform_board();

}  // namespace inas
