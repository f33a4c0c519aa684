#pragma once

#include <cstdint>

namespace inas {

/// Layers of a network: the runtime's record of progress has 8 bits for the one that runs, and
/// model.c for how many there are.
inline constexpr std::int64_t kMostNetworkLayers = 255;

}  // namespace inas
