#include "draws.hpp"

#include <cmath>
#include <numbers>

#include <inas/core/random_draw.hpp>

namespace inas::tools {

std::mt19937_64 generator(std::int64_t seed, std::int64_t index) {
  std::mt19937_64 of_seed(static_cast<std::uint64_t>(seed));
  return std::mt19937_64(of_seed() + static_cast<std::uint64_t>(index));
}

double draw_between(std::mt19937_64& random, double least, double most) {
  return least + (most - least) * draw_unit(random);
}

double draw_normal(std::mt19937_64& random) {
  // Box and Muller; 1 − u is never 0.
  const double radius = std::sqrt(-2 * std::log(1 - draw_unit(random)));
  return radius * std::cos(2 * std::numbers::pi * draw_unit(random));
}

}  // namespace inas::tools
