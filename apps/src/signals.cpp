#include "signals.hpp"

#include <atomic>
#include <csignal>

namespace inas::apps {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void interrupt(int signal) {
  if (!interrupted.exchange(true)) return;
  // The second one ends at once, whichever of them it is; it waits for the end of this handler.
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

Stop stop_by_signals() {
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  if (std::signal(SIGHUP, interrupt) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
  return interrupted;
}

}  // namespace inas::apps
