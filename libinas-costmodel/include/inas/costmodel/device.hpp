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

/// Validates the platform and the supply, its voltages included, and loads the platform's profile.
/// Throws InvalidArgument also if the platform's clock is not the profile's: the costs were
/// measured at that clock only.
[[nodiscard]] Device make_device(const Platform& platform, const PowerSupply& supply);

}  // namespace inas::costmodel
