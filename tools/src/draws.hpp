#pragma once

#include <cstdint>
#include <random>

/// Random draws of the makers of synthetic sets. They are the same with every standard library.
namespace inas::tools {

/// The generator of the `index`-th part of a set that is made with `seed`, so that no part depends
/// on how many draws another takes.
[[nodiscard]] std::mt19937_64 generator(std::int64_t seed, std::int64_t index);

/// Uniform from `least` to below `most`.
[[nodiscard]] double draw_between(std::mt19937_64& random, double least, double most);

/// Normal with mean 0 and standard deviation 1.
[[nodiscard]] double draw_normal(std::mt19937_64& random);

}  // namespace inas::tools
