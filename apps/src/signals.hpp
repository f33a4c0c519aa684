#pragma once

#include <inas/core/stop.hpp>

namespace inas::apps {

/// From now on SIGINT, SIGTERM and SIGHUP end the program as they do by default, the caller's shell
/// sees 128 and the signal's number, but the terminal is left without a live line. Those that are
/// ignored already stay so: SIGHUP under nohup, SIGINT in the background of a script.
void end_by_signals();

/// From now on the first of these signals sets the returned stop, and the second ends the program
/// at once. Those that are ignored already stay so.
[[nodiscard]] Stop stop_by_signals();

}  // namespace inas::apps
