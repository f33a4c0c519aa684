#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <inas/core/settings.hpp>
#include <inas/core/solution.hpp>
#include <inas/core/stop.hpp>
#include <inas/nas/search.hpp>
#include <inas/study/deployment.hpp>
#include <inas/study/location.hpp>
#include <inas/study/store.hpp>
#include <inas/study/worker.hpp>

/// A study: search, retraining, tests and files for the device, stored as it goes.
///
///   Study study(plan, observer);            // makes every check; nothing has changed before
///   const StudyResult result = study.run(stop);
///
/// The network that wins is the most accurate one that can be deployed: where the files for the
/// device cannot be made of it (a map too large for 16 bits, say), the next best takes its place.
namespace inas::study {

/// What is to be done, and where it is kept.
struct StudyPlan {
  Settings settings;
  /// Go on with the study that is there; without, one that is there is refused.
  bool resume = false;
  /// Replace the results of an earlier run in the folder.
  bool overwrite = false;
  /// Where the study is stored; none: in the folder of the results.
  std::optional<Location> location = std::nullopt;
  LeaseTimes leases = {};
  /// Makes the files for the device of a network, or throws InvalidArgument.
  std::function<dump::Model(const Solution& solution, const std::vector<Tensor>& weights,
                            const dump::Samples& calibration, const data::DataSplit& data)>
      deploy = study::deploy;
  /// When the program began: what the limit of the whole run counts from.
  Stop::Clock::time_point begun = Stop::Clock::now();
};

/// Called from the thread that runs the study.
struct StudyObserver {
  std::function<void(const std::string& sentence)> said = {};
  /// Something else begins that may take a while: "loading the data". What follows ends it.
  std::function<void(const std::string& what)> begins = {};
  /// The search begins, or goes on behind so many trials that have ended.
  std::function<void(std::int64_t known_trials)> search_begins = {};
  std::function<void(const nas::Trial& trial, const nas::BestTrial* best)> trial_ended = {};
  /// About ten times a second while networks are trained.
  std::function<void()> waiting = {};
  std::function<void(std::int64_t epoch, double validation_accuracy)> epoch_ended = {};
  std::function<void(std::int64_t done, std::int64_t count)> testing = {};
};

struct StudyResult {
  nas::SearchResult search;          ///< without weights
  std::optional<Solution> solution;  ///< the winner; none if nothing was trained that is of use
  std::string not_deployable;        ///< why there are no files for the device; empty: there are
  bool retraining_stopped = false;
};

/// The samples of a study's data set, in its three parts.
struct SampleCounts {
  std::int64_t train = 0;
  std::int64_t validation = 0;
  std::int64_t test = 0;
  bool synthetic = false;  ///< the set says that it was made, not measured
};

class Study {
 public:
  /// Loads the data, maps the space if the strategy asks for it, and begins the study or opens it.
  /// Makes every check that can be made before the first trial; nothing has changed in the folder
  /// or the database before all have been passed. Throws Error, and nas::NoFeasibleNetwork.
  Study(StudyPlan plan, StudyObserver observer);
  ~Study();

  [[nodiscard]] SampleCounts samples() const;
  /// The folder of the results.
  [[nodiscard]] std::string folder() const;

  /// Everything, or until `stop` says so: the search ends then and what is there is written. Files
  /// in the folder are those of the best network so far at any moment.
  [[nodiscard]] StudyResult run(const Stop& stop);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace inas::study
