#pragma once

#include <cmath>

namespace inas::apps {

/// Sums of logarithms, for geometric means.
struct GeometricMean {
  double logarithms = 0;
  int count = 0;

  void add(double ratio) {
    logarithms += std::log(ratio);
    ++count;
  }
  [[nodiscard]] double value() const { return std::exp(logarithms / count); }
};

}  // namespace inas::apps
