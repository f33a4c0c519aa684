#include "progress.hpp"

#include <cstdio>
#include <unistd.h>

#include <fmt/format.h>
#include <sys/ioctl.h>

namespace inas::apps {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

Progress::Progress() : live_(isatty(STDOUT_FILENO) != 0) {}

Progress::~Progress() { clear(); }

void Progress::live(const std::string& text) {
  if (!live_) return;
  // A line longer than the terminal would wrap, and the next one could not overwrite all of it.
  fmt::print("\r{}\x1b[K", text.substr(0, terminal_columns() - 1));
  std::fflush(stdout);
  shown_ = true;
}

void Progress::line(const std::string& text) {
  clear();
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

double Progress::elapsed_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void Progress::clear() {
  if (shown_) fmt::print("\r\x1b[K");
  shown_ = false;
}

}  // namespace inas::apps
