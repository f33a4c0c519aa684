#pragma once

#include <cstdint>

namespace inas::costmodel {

/// Energy (J) and latency (s) of something. Every formula of the model holds for both alike; only
/// the constants differ, so it is written once, for pairs.
struct Cost {
  double energy_j = 0;
  double latency_s = 0;

  bool operator==(const Cost&) const = default;
};

[[nodiscard]] constexpr Cost operator+(const Cost& a, const Cost& b) {
  return {a.energy_j + b.energy_j, a.latency_s + b.latency_s};
}
[[nodiscard]] constexpr Cost operator*(double factor, const Cost& cost) {
  return {factor * cost.energy_j, factor * cost.latency_s};
}
/// `count` times `cost`. The count is rounded to a double once; products of extents stay below 2⁵³.
[[nodiscard]] constexpr Cost operator*(std::int64_t count, const Cost& cost) {
  return static_cast<double>(count) * cost;
}

/// y(n) = (slope·n + intercept)/divisor, in this order of operations. Latency laws are in clock
/// cycles and divide by the clock; energy laws divide by 1.
struct LinearLaw {
  double slope = 0;
  double intercept = 0;
  double divisor = 1;

  [[nodiscard]] constexpr double operator()(std::int64_t n) const {
    return (slope * static_cast<double>(n) + intercept) / divisor;
  }
  bool operator==(const LinearLaw&) const = default;
};

/// The cost of moving, or multiplying and accumulating, n values at once.
struct LinearCost {
  LinearLaw energy_j;
  LinearLaw latency_s;

  [[nodiscard]] constexpr Cost operator()(std::int64_t n) const {
    return {energy_j(n), latency_s(n)};
  }
  bool operator==(const LinearCost&) const = default;
};

}  // namespace inas::costmodel
