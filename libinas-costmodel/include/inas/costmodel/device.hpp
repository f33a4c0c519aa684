#pragma once

#include <cstdint>

#include <inas/core/board.hpp>
#include <inas/core/platform.hpp>
#include <inas/core/power_supply.hpp>
#include <inas/costmodel/profile.hpp>

namespace inas::costmodel {

/// Everything the model knows of the hardware.
struct Device {
  Profile profile;
  Platform platform;
  PowerSupply supply;

  bool operator==(const Device&) const = default;
};

/// Where a device of this runtime has its data.
enum class Memory : std::uint8_t {
  on_chip,  ///< weights, maps and progress in the part's own memory
  serial,   ///< priced as if all lay in the serial memory, which the board has beside: NVM of both
};

/// `platform` with the built-in profile for data in that memory of `board`, and the board's bytes
/// of NVM. Throws InvalidArgument if the board does not have it.
[[nodiscard]] Platform with_memory(Platform platform, Memory memory,
                                   const Board& board = platform_board());

/// Validates the platform and the supply and loads the platform's profile. The supply's voltages
/// must be within what the profile says, or, for a built-in profile, the board that it was measured
/// on.
/// Throws InvalidArgument also if the platform's clock is not the profile's: the costs were
/// measured at that clock only.
[[nodiscard]] Device make_device(const Platform& platform, const PowerSupply& supply);

}  // namespace inas::costmodel
