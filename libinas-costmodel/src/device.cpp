#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/device.hpp>

namespace inas::costmodel {

Device make_device(const Platform& platform, const PowerSupply& supply) {
  validate(platform);
  validate(supply);
  Device device{load_profile(platform.profile), platform, supply};
  if (is_builtin_profile(platform.profile)) validate(supply, platform_board());
  if (const auto& range = device.profile.supply) {
    validate(supply, *range, fmt::format("the platform of profile {}", device.profile.name));
  }
  if (platform.clock_hz != device.profile.clock_hz) {
    throw InvalidArgument(fmt::format(
        "platform.clock_hz: found {}, allowed: {}, the clock at which profile {} was measured",
        platform.clock_hz, device.profile.clock_hz, device.profile.name));
  }
  device.profile.longest_vector = platform.longest_vector;
  return device;
}

}  // namespace inas::costmodel
