#include <cmath>
#include <ctime>

#include <fmt/chrono.h>
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

std::string date_text(double seconds) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(static_cast<std::time_t>(seconds)));
}

}  // namespace inas::report
