#pragma once

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

/// Validates the platform and the supply and loads the platform's profile. The supply's voltages
/// must be within what the profile says, or, for a built-in profile, the board that it was measured
/// on.
/// Throws InvalidArgument also if the platform's clock is not the profile's: the costs were
/// measured at that clock only.
[[nodiscard]] Device make_device(const Platform& platform, const PowerSupply& supply);

}  // namespace inas::costmodel
