#pragma once

// Internal to the libraries' and programs' sources.

#include <cmath>

namespace inas {

/// The value below which `percent` %, 0 to 100, of `count` values in ascending order lie,
/// interpolated between the two nearest ranks. `value_at(rank)` gives the value of a rank, a whole
/// number from 0 to count − 1, as a double, which also counts what no integer does. Count is 1 at
/// least.
template <class ValueAt>
double percentile(double count, double percent, const ValueAt& value_at) {
  const double rank = percent / 100 * (count - 1);
  const double below = std::floor(rank);
  const double low = value_at(below);
  if (rank == below) return low;
  return low + (rank - below) * (value_at(below + 1) - low);
}

}  // namespace inas
