#pragma once

#include <cstdint>
#include <vector>

#include <inas/data/dataset.hpp>

#include "split.hpp"

namespace inas::data {

/// Mean and standard deviation of each channel, of pixels as 0 … 1. A channel whose values are all
/// the same has the deviation 1.
struct Standard {
  std::vector<float> mean;
  std::vector<float> deviation;
};

/// Of the samples that are selected.
[[nodiscard]] Standard measure(const Selection& selection);

/// The samples that are selected, each value less its channel's mean, by its deviation. Throws
/// Error if that is no finite number.
[[nodiscard]] Dataset standardise(const Selection& selection, std::int64_t classes,
                                  const Standard& standard);

}  // namespace inas::data
