#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/explorer/infeasibility.hpp>
#include <inas/nas/search.hpp>
#include <inas/study/records.hpp>

namespace inas::study {
namespace {

template <class T>
std::string text_of(const std::optional<T>& number) {
  return number ? fmt::format("{}", *number) : std::string();
}

}  // namespace

std::string_view to_string(StudyState state) {
  switch (state) {
    case StudyState::searching:
      return "searching";
    case StudyState::searched:
      return "searched";
    case StudyState::complete:
      return "complete";
  }
  return "";
}

std::string_view to_string(TrialStatus status) {
  switch (status) {
    case TrialStatus::waiting:
      return "waiting";
    case TrialStatus::training:
      return "training";
    case TrialStatus::trained:
      return "trained";
    case TrialStatus::ended:
      return "ended";
  }
  return "";
}

TrialRecord record_of(const nas::Trial& trial, const TrialCosts& costs,
                      const std::string& designs) {
  TrialRecord record;
  record.number = trial.number;
  record.architecture = trial.architecture;
  record.effort = trial.effort;
  record.seed = trial.seed;
  record.outcome = trial.outcome;
  record.costs = costs;
  record.designs = designs;
  if (const auto& why = trial.network.why) {
    record.constraint = explorer::to_string(why->constraint);
    record.layer = why->layer;
    record.why = explorer::describe(*why);
  }
  return record;
}

std::string_view progress_of(const TrialRecord& trial) {
  const bool open = trial.status == TrialStatus::waiting || trial.status == TrialStatus::training;
  return open ? to_string(trial.status) : nas::to_string(trial.outcome);
}

bool is_better(const TrialRecord& a, const TrialRecord& b) {
  const auto merit = [](const TrialRecord& trial) {
    return nas::Merit{trial.effort, trial.accuracy.value(), trial.costs.latency_s.value()};
  };
  return nas::better(merit(a), merit(b));
}

const TrialRecord* best_of(const std::vector<TrialRecord>& trials) {
  const TrialRecord* best = nullptr;
  for (const TrialRecord& trial : trials) {
    if (trial.status != TrialStatus::ended || !nas::is_trained(trial.outcome)) continue;
    if (best == nullptr || is_better(trial, *best)) best = &trial;
  }
  return best;
}

std::string to_csv(const std::vector<TrialRecord>& trials) {
  std::string text =
      "trial,architecture,epochs,train_images,status,outcome,constraint,layer,latency_s,energy_j,"
      "power_cycles,macs,weights,nvm_bytes,accuracy,epoch_accuracies,reward,moving_accuracy,worker,"
      "attempts,seconds\n";
  for (const TrialRecord& trial : trials) {
    const TrialCosts& costs = trial.costs;
    text += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{:.3f}\n", trial.number,
        fmt::join(trial.architecture, " "), trial.effort.epochs, trial.effort.train_images,
        to_string(trial.status), nas::to_string(trial.outcome), trial.constraint, trial.layer,
        text_of(costs.latency_s), text_of(costs.energy_j), text_of(costs.power_cycles),
        text_of(costs.macs), text_of(costs.weights), text_of(costs.nvm_bytes),
        text_of(trial.accuracy), fmt::join(trial.epoch_accuracies, " "),
        text_of(trial.lesson.reward), text_of(trial.lesson.moving_accuracy), trial.worker,
        trial.attempt, trial.seconds);
  }
  return text;
}

}  // namespace inas::study
