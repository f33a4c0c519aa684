// A profile from arbitrary text: either inas::Error, or one whose every cost is positive and
// finite.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <inas/core/error.hpp>
#include <inas/costmodel/profile.hpp>

#include "require.hpp"

namespace {

using inas::costmodel::Cost;

void require_finite(const Cost& cost) {
  require(std::isfinite(cost.energy_j) && std::isfinite(cost.latency_s), "a cost is finite");
}

void require_positive(const Cost& cost) {
  require_finite(cost);
  require(cost.energy_j > 0 && cost.latency_s > 0, "a cost is positive");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  inas::costmodel::Profile profile;
  try {
    profile = inas::costmodel::parse_profile(text, "fuzz");
  } catch (const inas::Error&) {
    return 0;
  }
  for (const std::int64_t length : {std::int64_t{1}, std::int64_t{128}, std::int64_t{65535}}) {
    require_positive(profile.nvm_read(length));
    require_positive(profile.nvm_write(length));
    require_positive(profile.vector_mac(length));
  }
  for (const Cost& cost : {profile.reboot, profile.add, profile.multiply, profile.max_compare}) {
    require_positive(cost);
  }
  for (const Cost& cost :
       {profile.fetch_input, profile.fetch_weights, profile.fetch_output[0],
        profile.fetch_output[1], profile.fetch_output[2], profile.backup_output[0],
        profile.backup_output[1], profile.backup_output[2], profile.partial_sum, profile.accumulate,
        profile.max_address, profile.subtract, profile.divide, profile.modulo}) {
    require_finite(cost);
  }
  return 0;
}
