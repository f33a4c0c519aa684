#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/platform.hpp>

namespace inas {

void validate(const Platform& platform) {
  const auto require_bytes = [](const char* key, std::int64_t value) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
    if (value < 1 || value > kMax) {
      throw InvalidArgument(
          fmt::format("platform.{}: found {}, allowed: 1 to {} bytes", key, value, kMax));
    }
  };
  if (platform.profile.empty()) {
    throw InvalidArgument(
        "platform.profile: found \"\", allowed: the name of a built-in profile or the path of a "
        "JSON file");
  }
  require_bytes("vm_bytes", platform.vm_bytes);
  require_bytes("nvm_bytes", platform.nvm_bytes);
  if (platform.data_bytes != 1 && platform.data_bytes != 2 && platform.data_bytes != 4) {
    throw InvalidArgument(
        fmt::format("platform.data_bytes: found {}, allowed: 1, 2, 4", platform.data_bytes));
  }
  // The LEA's vectors begin at even values, their parts therefore, too.
  if (platform.longest_vector < 0 || platform.longest_vector > 65'534 ||
      platform.longest_vector % 2 != 0) {
    throw InvalidArgument(
        fmt::format("platform.longest_vector: found {}, allowed: 0 or an even number to 65534",
                    platform.longest_vector));
  }
  if (!(platform.clock_hz > 0) || !std::isfinite(platform.clock_hz)) {
    throw InvalidArgument(fmt::format(
        "platform.clock_hz: found {}, allowed: a positive number of Hz", platform.clock_hz));
  }
}

const Board& platform_board() {
  static const Board board = load_board("msp430fr5994");
  return board;
}

}  // namespace inas
