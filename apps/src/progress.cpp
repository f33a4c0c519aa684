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

/// What cannot be printed is lost, not the run: run_program reports it at the end.
void put(const std::string& text) noexcept {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

Progress::Progress() : live_(isatty(STDOUT_FILENO) != 0) {}

Progress::~Progress() {
  if (shown_) std::fputs(kClear, stdout);
}

void Progress::live(const std::string& text) {
  if (!live_) return;
  // A line longer than the terminal would wrap, and the next one could not overwrite all of it.
  put(fmt::format("\r{}\x1b[K", text.substr(0, terminal_columns() - 1)));
  shown_ = true;
}

void Progress::line(const std::string& text) {
  put(fmt::format("{}{}\n", shown_ ? kClear : "", text));
  shown_ = false;
}

double Progress::elapsed_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

}  // namespace inas::apps
