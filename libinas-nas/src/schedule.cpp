#include <cassert>
#include <cmath>
#include <numbers>

#include <inas/nas/schedule.hpp>

namespace inas::nas {

double scheduled_rate(double peak, std::int64_t step, std::int64_t steps) {
  assert(1 <= step && step <= steps);
  const std::int64_t warm = (steps + 3) / 4;
  if (step <= warm) return peak * static_cast<double>(step) / static_cast<double>(warm);
  const double share = static_cast<double>(step - warm) / static_cast<double>(steps - warm + 1);
  return peak * (1 + std::cos(std::numbers::pi * share)) / 2;
}

}  // namespace inas::nas
