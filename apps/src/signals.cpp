#include "signals.hpp"

#include <atomic>
#include <csignal>

#include "progress.hpp"

namespace inas::apps {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void end_at_once(int signal) {
  clear_live_line();
  std::signal(signal, SIG_DFL);
  std::raise(signal);  // waits for the end of this handler
}

extern "C" void interrupt(int signal) {
  // The second one ends at once, whichever of them it is.
  if (interrupted.exchange(true)) end_at_once(signal);
}

void handle_by(void (*handler)(int)) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    if (std::signal(number, handler) == SIG_IGN) std::signal(number, SIG_IGN);
  }
}

}  // namespace

void end_by_signals() { handle_by(end_at_once); }

Stop stop_by_signals() {
  handle_by(interrupt);
  return interrupted;
}

}  // namespace inas::apps
