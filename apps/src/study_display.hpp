#pragma once

#include <cstdint>
#include <string>

#include <inas/core/settings.hpp>
#include <inas/study/study.hpp>

#include "search_display.hpp"

namespace inas::apps {

/// Prints a study as it goes.
class StudyDisplay {
 public:
  /// `settings` must outlive this, and this the study.
  explicit StudyDisplay(const Settings& settings) : display_(settings) {}

  /// What a study is to tell.
  [[nodiscard]] study::StudyObserver observer() {
    return {
        .said = [this](const std::string& sentence) { display_.line(sentence); },
        .begins = [this](const std::string& what) { display_.begins(what); },
        .search_begins = [this](std::int64_t known) { display_.search_begins(known); },
        .trial_ended = [this](const nas::Trial& trial,
                              const nas::BestTrial* best) { display_.trial_ended(trial, best); },
        .waiting = [this] { display_.waiting(); },
        .epoch_ended = [this](std::int64_t epoch,
                              double accuracy) { display_.epoch_ended(epoch, accuracy); },
        .testing = [this](std::int64_t done,
                          std::int64_t count) { display_.testing(done, count); }};
  }

  void line(const std::string& text) { display_.line(text); }
  /// The study has ended.
  void ended() { display_.ended(); }

 private:
  SearchDisplay display_;
};

}  // namespace inas::apps
