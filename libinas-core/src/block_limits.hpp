#pragma once

#include <cstdint>

namespace inas {

/// What the numbers of a space of blocks may be at most.
inline constexpr std::int64_t kMaxWidthPercent = 1'000;
inline constexpr std::int64_t kMaxExpansion = 64;
inline constexpr std::int64_t kMaxDepth = 16;
inline constexpr std::int64_t kMaxStages = 16;
/// Half of it is padding, of which a layer takes 255 at most (`validate(const Layer&)`).
inline constexpr std::int64_t kMaxPaddedKernel = 255;

}  // namespace inas
