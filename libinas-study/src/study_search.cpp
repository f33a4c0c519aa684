#include <utility>

#include <fmt/format.h>

#include "child_training.hpp"
#include "clock.hpp"
#include "stored_trainings.hpp"
#include "study_state.hpp"
#include "trial_costs.hpp"

namespace inas::study {

void Study::State::search(const Stop& stop) {
  const Stop::Clock::time_point start = Stop::Clock::now();
  const double spent_s = record.search_s;
  const Stop end = limit.search(stop);
  const nas::TrainChild train = child_training(*trainer, settings.training);
  const nas::SearchObserver told{
      .proposed =
          [this](const nas::Trial& trial) {
            store->propose(record_of(trial, costs_of(settings, explorer.device(), trial),
                                     designs_text(trial)));
          },
      .trial_ended =
          [&](const nas::Trial& trial, const nas::BestTrial* so_far) {
            record.search_s = spent_s + seconds_since(start);
            end_trial(trial, so_far);
          },
      .waiting = observer.waiting};
  if (observer.search_begins) observer.search_begins(ended_trials);
  StoredTrainings trainings(*store, settings.space, train, settings.search.workers, plan.leases,
                            end);
  result.search = nas::run_search(
      settings, explorer, *strategy, trainings, end, told,
      {.known_trials = known_trials, .ended_trials = ended_trials, .spent_s = spent_s});
  interrupted = result.search.stopped && end;
  best = std::move(result.search.best);
  result.search.best.reset();
  take_why_it_ended(end, stop);
  files.draw(trials, settings, best ? best->trial.number : 0);
  if (files.earlier_stays()) {
    say(fmt::format("the results of an earlier run in {} are still there",
                    files.folder().path().string()));
  }
}

void Study::State::end_trial(const nas::Trial& trial, const nas::BestTrial* so_far) {
  store->end(trial, so_far == nullptr ? 0 : so_far->trial.number, record.search_s);
  // Whatever ends the process, the best network so far is there. Of trials that are made again
  // only the best has its weights.
  if (so_far != nullptr && so_far->trial.number == trial.number && !so_far->weights.empty()) {
    write_best(*so_far);
  }
  trials.push_back(trial);
  trials.back().network.layers = {};  // needed no more
  files.log(trials, written);
  if (observer.trial_ended) observer.trial_ended(trial, so_far);
}

void Study::State::write_best(const nas::BestTrial& so_far) {
  Winner winner{nas::solution_of(settings, so_far), so_far.weights};
  if (so_far.trial.number == record.final_trial) take_final(winner);
  const Deployment deployment = deploy_to_device(winner);
  if (!deployment.model && written) return;  // the best that can be deployed stays
  files.write(winner, deployment.model);
  written = true;
}

void Study::State::take_final(Winner& winner) {
  if (auto weights = store->final_weights()) {
    winner.weights = std::move(*weights);
    winner.solution.accuracy = record.final_accuracy;
  }
}

void Study::State::take_why_it_ended(const Stop& end, const Stop& stop) {
  const nas::SearchResult& search = result.search;
  std::string& why = record.facts.search_end;
  if (search.used_up) {
    why = "no network is left to propose that is not known";
  } else if (search.budget_spent) {
    why = fmt::format("the budget of {:g} full trainings is spent", settings.search.budget);
  } else if (search.stopped) {
    why = end ? why_stopped(stop) : "the time limit";
  }
  if (!why.empty()) say(fmt::format("the search ended after {} trials: {}", search.trials, why));
}

}  // namespace inas::study
