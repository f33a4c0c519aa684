#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include <inas/core/random_draw.hpp>

namespace inas::nas {

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

}  // namespace inas::nas
