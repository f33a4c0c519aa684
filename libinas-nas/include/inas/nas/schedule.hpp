#pragma once

#include <cstdint>

namespace inas::nas {

/// The learning rate of step `step` of `steps`, from 1, of a training with warm-up. With
/// w = ⌈steps/4⌉:
///   step ≤ w: peak · step/w;
///   step > w: peak · (1 + cos(π · (step − w)/(steps − w + 1)))/2,
/// so that the step after the last would have 0.
[[nodiscard]] double scheduled_rate(double peak, std::int64_t step, std::int64_t steps);

}  // namespace inas::nas
