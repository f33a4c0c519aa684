#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <inas/core/settings.hpp>
#include <inas/study/study.hpp>

#include "long_work.hpp"
#include "progress.hpp"

namespace inas::apps {

/// Prints a study as it goes, on standard output: on a terminal a live line and the trials that are
/// better than all before, otherwise a line for each trial and each epoch of retraining.
class StudyDisplay {
 public:
  /// `settings` must outlive this, and this the study.
  explicit StudyDisplay(const Settings& settings) : settings_(settings) {}

  /// What a study is to tell.
  [[nodiscard]] study::StudyObserver observer();
  /// A line that stays; from any thread.
  void line(const std::string& text) { progress_.line(text); }
  /// The study has ended: what shows that work goes on disappears.
  void ended() { work_.reset(); }

 private:
  void begins(const std::string& what);
  void search_begins(std::int64_t known);
  void trial_ended(const nas::Trial& trial, const nas::BestTrial* best);
  void waiting();
  void epoch_ended(std::int64_t epoch, double accuracy);
  void testing(std::int64_t done, std::int64_t count);

  const Settings& settings_;
  Progress progress_;
  std::optional<LongWork> work_;  ///< beside the search
  SearchProgress how_far_;        ///< known trials are not printed again
  std::string best_ = "none feasible yet";
};

}  // namespace inas::apps
