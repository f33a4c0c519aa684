#include "progress.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <string_view>

#include <fmt/format.h>
#include <sys/ioctl.h>

#include <inas/core/text.hpp>

namespace inas::apps {
namespace {

constexpr std::string_view kClear = "\r\x1b[K";
constexpr int kNowhere = -1;

std::mutex printing;
/// Where the live line is shown.
std::atomic<int> shown_on{kNowhere};
static_assert(std::atomic<int>::is_always_lock_free);

std::size_t terminal_columns(int stream) {
  winsize size{};
  if (ioctl(stream, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

/// What cannot be printed is lost, not the run: run_program reports it at the end.
void put(int stream, std::string_view text) noexcept {
  std::FILE* const file = stream == STDERR_FILENO ? stderr : stdout;
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
}

}  // namespace

void clear_live_line() noexcept {
  const int stream = shown_on.exchange(kNowhere);
  if (stream == kNowhere) return;
  const ssize_t written = write(stream, kClear.data(), kClear.size());
  static_cast<void>(written);  // a terminal that is gone needs no clearing
}

Progress::Progress(int stream) : stream_(stream), live_(isatty(stream) != 0) {}

Progress::~Progress() {
  const std::lock_guard lock(printing);
  clear_live_line();
}

void Progress::live(const std::string& text) {
  if (!live_) return;
  const std::lock_guard lock(printing);
  shown_on = stream_;
  // A line longer than the terminal would wrap, and the next one could not overwrite all of it.
  put(stream_, fmt::format("\r{}\x1b[K", fitted(text, terminal_columns(stream_) - 1)));
}

void Progress::line(const std::string& text) {
  const std::lock_guard lock(printing);
  clear_live_line();
  put(STDOUT_FILENO, text + '\n');
}

double Progress::elapsed_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

std::string progress_text(const std::string& what, const std::string& units, std::int64_t done,
                          std::int64_t total, double elapsed_s) {
  std::string text = what;
  if (total > 0) text += fmt::format(": {} of {} {}", done, total, units);
  text += fmt::format(" | {} gone", duration_text(elapsed_s));
  if (done > 0 && done <= total) {
    text += fmt::format(", about {} left", duration_text(elapsed_s / static_cast<double>(done) *
                                                         static_cast<double>(total - done)));
  }
  return text;
}

std::string fitted(const std::string& text, std::size_t columns) {
  constexpr std::string_view kBetween = " | ";
  std::string line = text;
  while (first_characters(line, columns).size() < line.size()) {
    const std::size_t last = line.rfind(kBetween);
    if (last == std::string::npos || last == 0) break;
    const std::size_t before = line.rfind(kBetween, last - 1);
    if (before == std::string::npos) break;
    line.erase(before, last - before);
  }
  return std::string(first_characters(line, columns));
}

std::optional<double> search_left_s(const SearchSettings& search, const SearchProgress& progress) {
  const std::int64_t trials = progress.ended_trials - progress.known_trials;
  if (trials <= 0) return std::nullopt;
  const double taken_s = progress.elapsed_s - progress.begun_s;
  double left_s = taken_s / static_cast<double>(trials) *
                  static_cast<double>(search.trials - progress.ended_trials);
  const double cost = progress.ended_cost - progress.known_cost;
  if (search.budget > 0 && cost > 0) {
    left_s = std::min(left_s, taken_s / cost * (search.budget - progress.ended_cost));
  }
  if (search.time_limit_s > 0) left_s = std::min(left_s, search.time_limit_s - progress.elapsed_s);
  return std::max(0.0, left_s);
}

std::string search_text(const SearchSettings& search, const SearchProgress& progress,
                        const std::string& best) {
  std::string text = fmt::format("trial {}", progress.ended_trials);
  if (search.budget > 0) {
    text += fmt::format(", budget {:.0f} %",
                        std::min(100.0, 100 * progress.ended_cost / search.budget));
  } else {
    text += fmt::format("/{}", search.trials);
  }
  text += fmt::format(" | {} | {} gone", best, duration_text(progress.elapsed_s));
  const std::optional<double> left_s = search_left_s(search, progress);
  if (left_s) text += fmt::format(", about {} left", duration_text(*left_s));
  return text;
}

}  // namespace inas::apps
