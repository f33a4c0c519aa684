#include "study_display.hpp"

#include <algorithm>
#include <unistd.h>

#include <fmt/format.h>

#include <inas/core/text.hpp>
#include <inas/report/number_text.hpp>

namespace inas::apps {
namespace {

std::string trial_line(const nas::Trial& trial, bool is_best) {
  std::string line = fmt::format("trial {:>4}  {:<24} {:<10}", trial.number,
                                 to_string(trial.architecture), to_string(trial.outcome));
  if (trial.accuracy) {
    line += fmt::format(" {:>8}  {:8.4g} s", report::percent_text(*trial.accuracy),
                        trial.network.latency_s);
    if (trial.lesson.reward) line += fmt::format("  reward {:+.3f}", *trial.lesson.reward);
  } else if (trial.network.why) {
    line += fmt::format(" {}", describe(*trial.network.why));
  }
  return is_best ? line + "  best" : line;
}

}  // namespace

study::StudyObserver StudyDisplay::observer() {
  return {
      .said = [this](const std::string& sentence) { line(sentence); },
      .begins = [this](const std::string& what) { begins(what); },
      .search_begins = [this](std::int64_t known) { search_begins(known); },
      .trial_ended = [this](const nas::Trial& trial,
                            const nas::BestTrial* best) { trial_ended(trial, best); },
      .waiting = [this] { waiting(); },
      .epoch_ended = [this](std::int64_t epoch, double accuracy) { epoch_ended(epoch, accuracy); },
      .testing = [this](std::int64_t done, std::int64_t count) { testing(done, count); }};
}

void StudyDisplay::begins(const std::string& what) {
  work_.reset();
  work_.emplace(what, "", LongWork::kMoment, STDOUT_FILENO);
}

void StudyDisplay::search_begins(std::int64_t known) {
  work_.reset();
  known_ = known;
  if (known > 0) {
    progress_.line(fmt::format("going on behind {} trial{}", known, known == 1 ? "" : "s"));
  }
}

void StudyDisplay::trial_ended(const nas::Trial& trial, const nas::BestTrial* best) {
  ended_ = trial.number;
  const bool is_best = best != nullptr && best->trial.number == trial.number;
  if (best != nullptr) {
    best_ = fmt::format("best {} in {:.4g} s (trial {})",
                        report::percent_text(best->trial.accuracy.value_or(0)),
                        best->trial.network.latency_s, best->trial.number);
  }
  if (trial.number <= known_) {
    begun_s_ = progress_.elapsed_s();
    return;
  }
  if (!progress_.is_live() || is_best) progress_.line(trial_line(trial, is_best));
  waiting();
}

void StudyDisplay::waiting() {
  const double elapsed_s = progress_.elapsed_s();
  std::string left = "–";
  if (ended_ > known_) {
    double left_s = (elapsed_s - begun_s_) / static_cast<double>(ended_ - known_) *
                    static_cast<double>(settings_.search.trials - ended_);
    if (settings_.search.time_limit_s > 0) {
      left_s = std::min(left_s, settings_.search.time_limit_s - elapsed_s);
    }
    left = duration_text(std::max(0.0, left_s));
  }
  progress_.live(fmt::format("trial {}/{} | {} | {} gone, about {} left", ended_,
                             settings_.search.trials, best_, duration_text(elapsed_s), left));
}

void StudyDisplay::epoch_ended(std::int64_t epoch, double accuracy) {
  const std::int64_t epochs = settings_.training.final_epochs;
  if (!progress_.is_live()) {
    progress_.line(fmt::format("retraining the winner: epoch {}/{}, validation {}", epoch, epochs,
                               report::percent_text(accuracy)));
  } else if (work_) {
    work_->count(epoch, epochs,
                 fmt::format("epochs, validation {}", report::percent_text(accuracy)));
  }
}

void StudyDisplay::testing(std::int64_t done, std::int64_t count) {
  if (work_) work_->count(done, count, "samples");
}

}  // namespace inas::apps
