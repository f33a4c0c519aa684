#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unistd.h>

namespace inas::apps {

/// One live line at the bottom of a terminal, and plain lines on standard output. The process has
/// one live line, whoever shows it: a plain line and the next live one replace it. May be used from
/// several threads. A stream that is full or closed throws nothing: a run does not end because
/// nobody reads how far it is.
class Progress {
 public:
  /// The live line is on `stream`, standard output or standard error, if that is a terminal.
  explicit Progress(int stream = STDOUT_FILENO);
  /// Leaves the terminal with the cursor at the start of an empty line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Replaces the live line. Does nothing if there is no terminal.
  void live(const std::string& text);
  /// Prints a line that stays, above the live line.
  void line(const std::string& text);

  [[nodiscard]] bool is_live() const { return live_; }
  /// Seconds since construction.
  [[nodiscard]] double elapsed_s() const;

 private:
  int stream_;
  bool live_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Leaves the terminal with the cursor at the start of an empty line, if a live line is shown. May
/// be called by a signal handler.
void clear_live_line() noexcept;

/// "WHAT: 120 of 640 UNITS | 0:13 gone, about 0:56 left", `done` rounds having taken `elapsed_s`
/// and the others as long each. Without rounds, `total` 0, "WHAT | 0:13 gone".
[[nodiscard]] std::string progress_text(const std::string& what, const std::string& units,
                                        std::int64_t done, std::int64_t total, double elapsed_s);

}  // namespace inas::apps
