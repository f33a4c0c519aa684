#pragma once

#include <string>

/// Numbers as the programs print them in a terminal. What is not finite is "never" for a time and
/// "–" for all else.
namespace inas::report {

/// "91.70 %" of 0.917.
[[nodiscard]] std::string percent_text(double share);
/// "1.671 s".
[[nodiscard]] std::string latency_text(double latency_s);
/// "1.4710 mJ".
[[nodiscard]] std::string energy_text(double energy_j);
/// "2026-11-20 09:14:05" of seconds since 1970, in the zone of this machine.
[[nodiscard]] std::string date_text(double seconds);

}  // namespace inas::report
