#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>
#include <inas/core/solution.hpp>
#include <inas/nas/trial.hpp>
#include <inas/report/study_page.hpp>

/// What the store keeps, as plain data; the columns are in docs/studies.md.
namespace inas::study {

enum class StudyState : std::uint8_t {
  searching,  ///< trials are being made, or were when the process ended
  searched,   ///< the last trial has been made: retraining, tests
  complete,   ///< the winner is tested, its files are written
};

[[nodiscard]] std::string_view to_string(StudyState state);

using report::Fact;

/// What a report tells of a study besides settings and trials.
struct StudyFacts {
  bool synthetic = false;                ///< the data say that they were made
  std::vector<std::string> class_names;  ///< empty: the data have none
  std::int64_t train_samples = 0;        ///< of the training part
  std::vector<Fact> environment;         ///< of the latest run: machine, versions
  /// Why its search ended before the last trial, "the time limit", say; empty: it goes on, or made
  /// all trials.
  std::string search_end = {};
  /// `confusion_of` the winner as deployed, on the test part; empty: not tested.
  std::vector<std::int64_t> confusion;

  bool operator==(const StudyFacts&) const = default;
};

/// A study but for its trials.
struct StudyRecord {
  Settings settings;      ///< resolved: those of the latest run that went on with it
  std::string data_hash;  ///< data::content_hash
  std::string software;   ///< the version that began it
  double created_s = 0;   ///< seconds since 1970
  StudyState state = StudyState::searching;
  double search_s = 0;  ///< that all runs have spent on the search
  /// Of the winner as it is deployed, once there is one.
  std::int64_t final_trial = 0;   ///< 0: not retrained yet
  std::int64_t final_epochs = 0;  ///< that its retraining took
  SolutionAccuracy final_accuracy;
  StudyFacts facts;

  bool operator==(const StudyRecord&) const = default;
};

/// How far a trial is.
enum class TrialStatus : std::uint8_t {
  waiting,   ///< for a worker
  training,  ///< leased to a worker
  trained,   ///< or nothing to be trained; its turn to be learned from has not come yet
  ended,     ///< the strategy has learned from it
};

[[nodiscard]] std::string_view to_string(TrialStatus status);

/// A worker's claim on a training.
struct Claim {
  std::int64_t trial = 0;
  Architecture architecture;
  nas::Effort effort;
  std::uint64_t seed = 0;
  std::string worker;
  std::int64_t attempt = 0;  ///< how many have claimed it before, and this one
};

/// Of a trial what the explorer's designs for it cost; nothing of an infeasible one.
struct TrialCosts {
  std::optional<double> latency_s;
  std::optional<double> energy_j;  ///< of an inference
  std::optional<std::int64_t> power_cycles;
  std::optional<std::int64_t> macs;
  std::optional<std::int64_t> weights;  ///< biases included
  std::optional<std::int64_t> nvm_bytes;

  bool operator==(const TrialCosts&) const = default;
};

/// A row of the table of trials.
struct TrialRecord {
  std::int64_t number = 0;  ///< from 1
  Architecture architecture;
  nas::Effort effort;
  std::uint64_t seed = 0;  ///< of its training
  TrialStatus status = TrialStatus::waiting;
  nas::Outcome outcome = nas::Outcome::infeasible;
  std::string constraint;  ///< that it breaks; empty: none
  std::string layer;       ///< that breaks it
  std::string why;         ///< the sentence that says by how much
  TrialCosts costs;
  std::string designs;  ///< "CONV_0 …; CONV_1 …", of a feasible one
  std::optional<double> accuracy;
  std::vector<double> epoch_accuracies;
  nas::Lesson lesson;
  std::string worker;        ///< that trained it, or does
  std::int64_t attempt = 0;  ///< how often it was begun
  double seconds = 0;        ///< that its training took
  double proposed_s = 0;     ///< since 1970
  double ended_s = 0;        ///< since 1970; 0: its training has not ended

  bool operator==(const TrialRecord&) const = default;
};

/// The record of a proposal. `costs` as `costs_of` gives them.
[[nodiscard]] TrialRecord record_of(const nas::Trial& trial, const TrialCosts& costs,
                                    const std::string& designs);

/// What has become of a trial, for people: its outcome, or "waiting" or "training" until there is
/// one.
[[nodiscard]] std::string_view progress_of(const TrialRecord& trial);

/// Is `a` better than `b`, both trained, as nas::better says?
[[nodiscard]] bool is_better(const TrialRecord& a, const TrialRecord& b);

/// The best of the trials that have ended; null if none of them is trained.
[[nodiscard]] const TrialRecord* best_of(const std::vector<TrialRecord>& trials);

/// The trials as CSV: the columns of docs/studies.md but for the designs.
[[nodiscard]] std::string to_csv(const std::vector<TrialRecord>& trials);

}  // namespace inas::study
