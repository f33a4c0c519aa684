#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace inas::apps {

/// One live line at the bottom of a terminal, and plain lines otherwise. A standard output that is
/// full or closed throws nothing: a run does not end because nobody reads how far it is.
class Progress {
 public:
  /// Live if standard output is a terminal.
  Progress();
  /// Leaves the terminal with the cursor at the start of an empty line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Replaces the live line. Does nothing if standard output is not a terminal.
  void live(const std::string& text);
  /// Prints a line that stays, above the live line.
  void line(const std::string& text);

  [[nodiscard]] bool is_live() const { return live_; }
  /// Seconds since construction.
  [[nodiscard]] double elapsed_s() const;

 private:
  static constexpr const char* kClear = "\r\x1b[K";

  bool live_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace inas::apps
