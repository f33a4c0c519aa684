#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>

#include "candidates.hpp"
#include "child_training.hpp"
#include "clock.hpp"
#include "study_state.hpp"

namespace inas::study {
namespace {

/// Networks that are tried, the best first, until one can be deployed.
constexpr std::size_t kMostCandidates = 5;

}  // namespace

const data::DataSplit& Study::State::samples_for(const Solution& solution) {
  const Shape& input = solution.layers.front().layer.ifm;
  if (input == samples.test.shape) return samples;
  if (input != averaged.test.shape) averaged = resampled(samples, input);
  return averaged;
}

Deployment Study::State::deploy_to_device(const Winner& winner) {
  try {
    const data::DataSplit& data = samples_for(winner.solution);
    return {plan.deploy(winner.solution, winner.weights,
                        first_samples(data.train, kCalibrationImages), data),
            ""};
  } catch (const InvalidArgument& error) {
    return {std::nullopt, error.what()};
  }
}

std::optional<nas::BestTrial> Study::State::with_weights(const nas::Trial& trial,
                                                         const Stop& stop) {
  if (best && best->trial.number == trial.number && !best->weights.empty()) return best;
  const Network network = build_network(settings.space, trial.architecture);
  nas::BestTrial found{trial, {}};
  found.trial.network = explorer.explore(network, settings.search.latency_requirement_s);
  if (const auto training = store->training(trial.number)) {
    found.weights = training->trained.weights;
  }
  if (found.weights.empty()) {
    say(fmt::format("training the network of trial {} again, whose weights were not kept",
                    trial.number));
    nas::TrainedNetwork trained = train_again(*trainer, network, trial, stop);
    if (!trained.completed) return std::nullopt;
    found.weights = std::move(trained.weights);
  }
  return found;
}

std::optional<Chosen> Study::State::choose(const Stop& stop) {
  std::vector<const nas::Trial*> of_search = candidates(trials);
  of_search.resize(std::min(of_search.size(), kMostCandidates));
  std::optional<Chosen> first;
  for (const nas::Trial* trial : of_search) {
    const std::optional<nas::BestTrial> candidate = with_weights(*trial, limit.whole(stop));
    if (!candidate) break;
    Chosen chosen{{nas::solution_of(settings, *candidate), candidate->weights}, {}};
    Deployment deployment = deploy_to_device(chosen.winner);
    chosen.model = std::move(deployment.model);
    if (!first) {
      first = chosen;
      result.not_deployable = deployment.why_not;
    }
    if (!chosen.model) {
      say(fmt::format("the network of trial {} cannot be deployed: {}", trial->number,
                      deployment.why_not));
      continue;
    }
    result.not_deployable.clear();
    retrain(*candidate, chosen, stop);
    return chosen;
  }
  return first;
}

void Study::State::retrain(const nas::BestTrial& candidate, Chosen& chosen, const Stop& stop) {
  nas::Retraining retrained = known_retraining(candidate);
  if (retrained.weights.empty()) {
    begins("retraining the winner");
    const Stop until = limit.retraining(stop, limit.exists() ? rest_s(chosen) : 0);
    retrained = nas::retrain(
        settings, candidate,
        [this](const Network& network, const nas::TrainingRun& run, const Stop& end,
               const nas::EpochObserver& epochs) {
          return trainer->train(network, run, end, epochs);
        },
        until, observer.epoch_ended);
    say_how_retraining_ended(retrained, stop);
    result.retraining_stopped = retrained.stopped;
  }
  take_retrained(retrained, chosen);
  if (retrained.stopped) return;  // a resumed study retrains in full
  record.final_trial = candidate.trial.number;
  record.final_epochs = retrained.epochs;
  record.facts.confusion.clear();  // of the winner before
  record.final_accuracy = {.validation = chosen.winner.solution.accuracy.validation,
                           .test = std::nullopt,
                           .deployed = std::nullopt};
  store->keep_final(record, chosen.winner.weights);
}

nas::Retraining Study::State::known_retraining(const nas::BestTrial& candidate) {
  nas::Retraining known;
  if (record.final_trial != candidate.trial.number) return known;
  if (auto weights = store->final_weights()) {
    known.weights = std::move(*weights);
    known.validation_accuracy = record.final_accuracy.validation.value_or(0);
    known.epochs = record.final_epochs;
    known.better = true;
  }
  return known;
}

void Study::State::take_retrained(nas::Retraining& retrained, Chosen& chosen) {
  if (!retrained.better) return;
  Winner better = chosen.winner;
  better.solution.accuracy.validation = retrained.validation_accuracy;
  better.weights = std::move(retrained.weights);
  Deployment deployment = deploy_to_device(better);
  if (!deployment.model) {
    say(fmt::format("the retrained weights cannot be deployed, those of the search are kept: {}",
                    deployment.why_not));
    return;
  }
  chosen.winner = std::move(better);
  chosen.model = std::move(deployment.model);
}

void Study::State::say_how_retraining_ended(const nas::Retraining& retrained,
                                            const Stop& stop) const {
  const std::int64_t wanted = settings.training.final_epochs;
  const char* const kept =
      retrained.better ? "its best epoch is kept" : "the weights of the search are kept";
  if (retrained.diverged) {
    say(fmt::format(
        "retraining diverged after {} of {} epochs, {}; try a smaller training.learning_rate",
        retrained.epochs, wanted, kept));
  } else if (retrained.stopped) {
    say(fmt::format("retraining {}, {}: {}",
                    retrained.epochs == 0
                        ? "left out"
                        : fmt::format("cut short after {} of {} epochs", retrained.epochs, wanted),
                    kept, why_stopped(stop)));
  }
}

double Study::State::rest_s(const Chosen& chosen) {
  constexpr std::int64_t kSamples = 32;
  constexpr double kFiles_s = 1;
  const Stop::Clock::time_point start = Stop::Clock::now();
  static_cast<void>(
      trainer->validation_accuracy(network_of(chosen.winner.solution), chosen.winner.weights));
  const double test_s = seconds_since(start) * static_cast<double>(counts.test) /
                        static_cast<double>(counts.validation);
  const data::Dataset& train = samples_for(chosen.winner.solution).train;
  const dump::Samples few = first_samples(train, kSamples);
  const Stop::Clock::time_point deployed_start = Stop::Clock::now();
  static_cast<void>(study::deployed_answers(chosen.model->network, few, Stop()));
  const double deployed_s = seconds_since(deployed_start) * static_cast<double>(counts.test) /
                            static_cast<double>(few.count);
  return 2 * (test_s + deployed_s + seconds_since(start)) + kFiles_s;
}

void Study::State::test(Chosen& chosen, const Stop& stop) {
  const Stop until = limit.whole(stop);
  Solution& solution = chosen.winner.solution;
  begins("testing the network");
  solution.accuracy.test =
      trainer->test_accuracy(network_of(solution), chosen.winner.weights, until);
  if (!chosen.model) return;
  const data::Dataset& data = samples_for(solution).test;
  const dump::Samples all = first_samples(data, data.size());
  begins("testing the deployed network");
  const auto answers =
      study::deployed_answers(chosen.model->network, all, until, [&](std::int64_t done) {
        if (observer.testing) observer.testing(done, all.count);
      });
  if (!answers) return;
  record.facts.confusion = confusion_of(*answers, data.labels, data.classes);
  solution.accuracy.deployed = share_right(record.facts.confusion, data.classes);
}

}  // namespace inas::study
