#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unistd.h>

#include <inas/core/settings.hpp>

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

  /// Replaces the live line by `text`, `fitted` to the terminal. Does nothing if there is none.
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

/// `text` in at most `columns` signs of UTF-8: what is too long loses the parts between its first
/// and its last " | ", the later ones first, and then its end.
[[nodiscard]] std::string fitted(const std::string& text, std::size_t columns);

/// How far a search is. Costs are those of trainings, in full ones (settings.search.budget).
struct SearchProgress {
  std::int64_t known_trials = 0;  ///< of earlier runs
  std::int64_t ended_trials = 0;  ///< with those
  double known_cost = 0;
  double ended_cost = 0;
  double begun_s = 0;  ///< when the first trial began that is not known, since the run's begin
  double elapsed_s = 0;
};

/// Seconds until a search ends that goes on at the pace of this run's trials: by the number of its
/// trials, its budget or its limit of time, whichever comes first. Nothing before the first one.
[[nodiscard]] std::optional<double> search_left_s(const SearchSettings& search,
                                                  const SearchProgress& progress);

/// "trial 12/100 | BEST | 13 s gone, about 56 s left"; where a budget bounds the search "trial 12,
/// budget 38 % | …".
[[nodiscard]] std::string search_text(const SearchSettings& search, const SearchProgress& progress,
                                      const std::string& best);

}  // namespace inas::apps
