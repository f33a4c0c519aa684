#include "study_display.hpp"

#include <unistd.h>

#include <fmt/format.h>

#include <inas/core/text.hpp>
#include <inas/report/number_text.hpp>

namespace inas::apps {
namespace {

std::string trial_line(const nas::Trial& trial, bool is_short, bool is_best) {
  std::string line = fmt::format("trial {:>4}  {:<24} {:<10}", trial.number,
                                 to_string(trial.architecture), to_string(trial.outcome));
  if (trial.accuracy) {
    line += fmt::format(" {:>8}  {:8.4g} s", report::percent_text(*trial.accuracy),
                        trial.network.latency_s);
    if (is_short) line += "  short";
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
  how_far_.known_trials = known;
  if (known > 0) {
    progress_.line("going on behind " + counted(known, "trial"));
  }
}

void StudyDisplay::trial_ended(const nas::Trial& trial, const nas::BestTrial* best) {
  const nas::Effort full = nas::full_effort(settings_);
  how_far_.ended_trials = trial.number;
  if (trial.seconds > 0) how_far_.ended_cost += nas::cost(trial.effort, full);
  const bool is_best = best != nullptr && best->trial.number == trial.number;
  if (best != nullptr) {
    best_ =
        fmt::format("best {} in {:.4g} s", report::percent_text(best->trial.accuracy.value_or(0)),
                    best->trial.network.latency_s);
  }
  if (trial.number <= how_far_.known_trials) {
    how_far_.known_cost = how_far_.ended_cost;
    how_far_.begun_s = progress_.elapsed_s();
    return;
  }
  if (!progress_.is_live() || is_best) {
    progress_.line(trial_line(trial, trial.effort < full, is_best));
  }
  waiting();
}

void StudyDisplay::waiting() {
  how_far_.elapsed_s = progress_.elapsed_s();
  progress_.live(search_text(settings_.search, how_far_, best_));
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
