#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

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

/// The numbers 0 … count − 1 in a uniformly random order (Fisher–Yates). Depends on the generator's
/// state only: std::shuffle differs from one standard library to the next, which would change the
/// split of a data set.
[[nodiscard]] inline std::vector<std::int64_t> random_order(std::int64_t count,
                                                            std::mt19937_64& generator) {
  assert(count >= 0);
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t left = order.size(); left > 1; --left) {
    std::swap(order[left - 1], order[static_cast<std::size_t>(draw_below(generator, left))]);
  }
  return order;
}

}  // namespace inas
