#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include <inas/report/number_text.hpp>

namespace inas::report {

std::string percent_text(double share) {
  return std::isfinite(share) ? fmt::format("{:.2f} %", 100 * share) : "–";
}

std::string latency_text(double latency_s) {
  return std::isfinite(latency_s) ? fmt::format("{:.4g} s", latency_s) : "never";
}

std::string energy_text(double energy_j) {
  return std::isfinite(energy_j) ? fmt::format("{:.4f} mJ", 1e3 * energy_j) : "–";
}

std::string duration_text(double seconds) {
  // Beyond, nothing is a duration any more, and the number would not fit.
  if (!std::isfinite(seconds) || seconds > 1e15) return "–";
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(0.0, seconds)));
  if (whole >= 3600) {
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  }
  if (whole >= 60) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

}  // namespace inas::report
