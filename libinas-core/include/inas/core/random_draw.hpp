#pragma once

#include <cstdint>
#include <random>

namespace inas {

/// Draws that are the same with every standard library, which std::uniform_int_distribution is not.

/// A whole number from 0 to bound − 1, each equally likely.
inline std::uint64_t draw_below(std::mt19937_64& random, std::uint64_t bound) {
  // Values below `rest` would make the small remainders more likely.
  const std::uint64_t rest = (0 - bound) % bound;
  std::uint64_t value = random();
  while (value < rest) value = random();
  return value % bound;
}

/// A number from 0 to below 1, of 53 random bits.
inline double draw_unit(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}

}  // namespace inas
