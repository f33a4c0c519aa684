#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <inas/core/settings.hpp>
#include <inas/nas/search.hpp>

#include "long_work.hpp"
#include "progress.hpp"

/// What inas-search prints while it works.
namespace inas::apps {

/// Prints a search as it goes: a live line on a terminal, a line per trial otherwise.
class SearchDisplay {
 public:
  /// `settings` must outlive this.
  explicit SearchDisplay(const Settings& settings) : settings_(settings) {}

  /// `known` trials have been made before, by a run that this one goes on with: they are not
  /// printed again.
  /// What may take a while begins: a live line says how long it takes, until the search begins or
  /// all has ended.
  void begins(const std::string& what);
  void ended() { work_.reset(); }
  void search_begins(std::int64_t known);
  void trial_ended(const nas::Trial& trial, const nas::BestTrial* best);
  void waiting();
  void epoch_ended(std::int64_t epoch, double accuracy);
  void testing(std::int64_t done, std::int64_t count);
  /// From any thread.
  void line(const std::string& text) { progress_.line(text); }

 private:
  const Settings& settings_;
  Progress progress_;
  std::optional<LongWork> work_;  ///< beside the search
  std::int64_t known_ = 0;
  std::int64_t ended_ = 0;
  double begun_s_ = 0;  ///< what is new
  std::string best_ = "none feasible yet";
};

}  // namespace inas::apps
