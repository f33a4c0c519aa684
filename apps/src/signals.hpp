#pragma once

#include <inas/core/stop.hpp>

namespace inas::apps {

/// From now on SIGINT, SIGTERM and SIGHUP set the returned stop; the second of them ends the
/// program at once. SIGHUP stays off where nohup has switched it off.
[[nodiscard]] Stop stop_by_signals();

}  // namespace inas::apps
