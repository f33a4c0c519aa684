#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace inas::nas {

/// The numbers 0 … count − 1 in a uniformly random order (Fisher–Yates). Depends on the generator's
/// state only: std::shuffle and std::uniform_int_distribution draw differently from one standard
/// library to the next, which would change the split of a data set.
[[nodiscard]] inline std::vector<std::int64_t> random_order(std::int64_t count,
                                                            std::mt19937_64& generator) {
  assert(count >= 0);
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t left = order.size(); left > 1; --left) {
    // Numbers from `limit` on are drawn again, so that every remainder is equally likely.
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t limit = kMax - kMax % left;
    std::uint64_t draw = generator();
    while (draw >= limit) draw = generator();
    std::swap(order[left - 1], order[static_cast<std::size_t>(draw % left)]);
  }
  return order;
}

}  // namespace inas::nas
