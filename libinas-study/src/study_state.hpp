#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <inas/data/dataset.hpp>
#include <inas/dump/dump.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/nas/retrain.hpp>
#include <inas/nas/run_limit.hpp>
#include <inas/nas/strategy.hpp>
#include <inas/nas/trainer.hpp>
#include <inas/study/study.hpp>

#include "result_files.hpp"

// A study at work: study.cpp begins and ends it, study_search.cpp searches, study_winner.cpp brings
// the best network to the device.
namespace inas::study {

/// A model of a network, or why there is none.
struct Deployment {
  std::optional<dump::Model> model;
  std::string why_not;
};

/// A network that may win, and its model for the device, if there is one.
struct Chosen {
  Winner winner;
  std::optional<dump::Model> model;
};

struct Study::State {
  State(StudyPlan with, StudyObserver told);

  StudyPlan plan;
  StudyObserver observer;
  const Settings& settings;
  nas::RunLimit limit;
  ResultFiles files;
  explorer::Explorer explorer;
  StoreOptions store_options;
  std::optional<Store> store;
  StudyRecord record;
  std::int64_t known_trials = 0;  ///< that the study has when it is resumed
  std::int64_t ended_trials = 0;  ///< of them, up to the first one that has not
  data::DataSplit samples;        ///< those that are kept for deployment
  data::DataSplit averaged;       ///< the same for a network of a lower resolution
  SampleCounts counts;
  std::unique_ptr<nas::Strategy> strategy;
  std::optional<nas::Trainer> trainer;
  std::vector<nas::Trial> trials;
  std::optional<nas::BestTrial> best;  ///< of the search, with its weights
  bool written = false;                ///< a network, by this run
  bool interrupted = false;            ///< the search, by a signal or the run limit
  StudyResult result;

  void say(const std::string& sentence) const {
    if (observer.said) observer.said(sentence);
  }
  void begins(const std::string& what) const {
    if (observer.begins) observer.begins(what);
  }
  [[nodiscard]] static const char* why_stopped(const Stop& stop) {
    return stop ? "interrupted" : "the run limit";
  }

  // study.cpp
  void open(const Location& location);
  void refuse_earlier(const Location& location);

  /// The first thing that changes.
  void begin(const Location& location);
  StudyResult run(const Stop& stop);
  void conclude(bool complete);

  // study_search.cpp
  void search(const Stop& stop);
  void end_trial(const nas::Trial& trial, const nas::BestTrial* so_far);
  void write_best(const nas::BestTrial& so_far);

  /// A resumed study has its winner retrained already, until there is a better one.
  void take_final(Winner& winner);
  void take_why_it_ended(const Stop& end, const Stop& stop);

  // study_winner.cpp
  /// The samples kept for deployment, as the network of `solution` takes them.
  const data::DataSplit& samples_for(const Solution& solution);
  Deployment deploy_to_device(const Winner& winner);

  /// A trial with its weights, trained again where they are not kept; nothing if `stop` said so.
  std::optional<nas::BestTrial> with_weights(const nas::Trial& trial, const Stop& stop);

  /// The best network that can be deployed, retrained; the best of all if none can.
  std::optional<Chosen> choose(const Stop& stop);
  void retrain(const nas::BestTrial& candidate, Chosen& chosen, const Stop& stop);

  /// What an earlier run of this study has made of the winner.
  nas::Retraining known_retraining(const nas::BestTrial& candidate);
  void take_retrained(nas::Retraining& retrained, Chosen& chosen);
  void say_how_retraining_ended(const nas::Retraining& retrained, const Stop& stop) const;

  /// About how long tests and dump will take, from a few samples of each, with as much again for
  /// what else the machine does, and a second for the files.
  double rest_s(const Chosen& chosen);
  void test(Chosen& chosen, const Stop& stop);
};

}  // namespace inas::study
