#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <inas/core/settings.hpp>
#include <inas/core/solution.hpp>
#include <inas/core/stop.hpp>
#include <inas/data/dataset.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/nas/strategy.hpp>
#include <inas/nas/trainer.hpp>
#include <inas/nas/trial.hpp>

namespace inas::nas {

/// The best trial so far: of those that were trained most the highest validation accuracy, then the
/// lower latency, then the earlier one.
struct BestTrial {
  Trial trial;
  std::vector<Tensor> weights;
};

/// What makes a trained network better than another: trained more, then more accurate, then faster.
/// Of equals the earlier one is better.
struct Merit {
  Effort effort;
  double accuracy = 0;
  double latency_s = 0;
};
[[nodiscard]] bool better(const Merit& a, const Merit& b);
/// Of trials that are trained.
[[nodiscard]] bool better(const Trial& a, const Trial& b);

/// The solution of a trial, complete but for the accuracies of the test part.
[[nodiscard]] Solution solution_of(const Settings& settings, const BestTrial& best);

/// A training of a proposed network.
struct ChildTraining {
  std::int64_t trial = 0;  ///< the first that needs it
  Architecture architecture;
  Network network;
  Effort effort;
  std::uint64_t seed = 0;  ///< depends on the search's seed and on the network alone
};

struct ChildResult {
  TrainedNetwork trained;
  double seconds = 0;  ///< that the training took
};

/// Who carries out trainings, several at a time: threads of this process (`run_search` with a
/// TrainChild), or workers elsewhere.
class Trainings {
 public:
  /// Abandons the trainings that nobody has waited for.
  virtual ~Trainings() = default;

  /// Adds a training, of another trial than those before.
  virtual void order(const ChildTraining& child) = 0;
  /// Waits for the training that was ordered for `trial`, calling `waiting` about ten times a
  /// second. Once for each. Not completed if it was abandoned. Throws what the training threw.
  [[nodiscard]] virtual ChildResult wait(std::int64_t trial,
                                         const std::function<void()>& waiting) = 0;
};

/// Trains one child network; `Trainer::train` bound to its data, or a stand-in.
using TrainChild = std::function<TrainedNetwork(const ChildTraining& child, const Stop& stop)>;

/// Called in trial order, always from the thread that called run_search. What it throws ends the
/// search: trainings under way are abandoned, and it is thrown on.
struct SearchObserver {
  /// A trial has been proposed and explored; its training, if it has one of its own (its outcome is
  /// Outcome::trained), is ordered next.
  std::function<void(const Trial& trial)> proposed = {};
  /// A trial has ended; `best` is null until there is a feasible one.
  std::function<void(const Trial& trial, const BestTrial* best)> trial_ended = {};
  /// Called about ten times a second while child networks are training.
  std::function<void()> waiting = {};
};

/// How far a search is that goes on where it was ended: its trials are made again, from the
/// trainings that are known.
struct SearchBegin {
  std::int64_t known_trials = 0;  ///< made by then: no limit of time or cost applies to them
  /// The first so many have ended: they are made again whatever `stop` says, so that nothing that
  /// was found is lost.
  std::int64_t ended_trials = 0;
  double spent_s = 0;  ///< of the time limit
};

struct SearchResult {
  std::optional<BestTrial> best;
  std::int64_t trials = 0;      ///< ended
  std::int64_t trained = 0;     ///< networks trained
  std::int64_t known = 0;       ///< proposals of a network trained before
  std::int64_t infeasible = 0;  ///< by geometry, NVM capacity, C0 or C1
  std::int64_t too_slow = 0;    ///< by C2
  std::int64_t diverged = 0;    ///< proposals of networks whose training diverged
  std::int64_t cut_short = 0;   ///< of the networks trained, by training.time_limit_s
  std::int64_t too_long = 0;    ///< proposals of networks of which no epoch ended within it
  double cost = 0;              ///< of the trainings that were ordered, in full ones
  bool stopped = false;         ///< by `stop` or the time limit, before the last trial
  bool budget_spent = false;    ///< ended before the last trial because of settings.search.budget
  /// Ended before the last trial because there was nothing new: every network of the space had been
  /// proposed, or none of the last kNothingNew proposals was one for the first time.
  bool used_up = false;
};

/// After so many proposals in a row that had all been made before, the search ends.
inline constexpr std::int64_t kNothingNew = 300;
/// So many proposals of known networks wait behind a training at most: what they take is bounded.
inline constexpr std::int64_t kKnownAhead = 64;

/// Throws InvalidArgument for what would otherwise fail only after the first training: settings
/// that cannot be written into a solution, or more images asked for than `data` has.
void check_search(const Settings& settings, const data::DataSplit& data);

/// Runs settings.search.trials trials, or as many as settings.search.budget allows: propose,
/// explore, train if feasible and new, learn.
///
/// The explorer runs before training, so an infeasible network costs microseconds. Up to
/// settings.search.parallelism trainings are open at the same time, whoever carries them out.
/// Trials reach the strategy in their order, and which of them it knows when it proposes depends on
/// the parallelism alone, not on how long training takes nor on who trains: the same seed and
/// parallelism give the same trials. Behind an unfinished training at most kKnownAhead proposals of
/// known networks wait for their turn.
///
/// When `stop` says so, or the time limit has passed, nothing more is proposed; on `stop`,
/// trainings under way are abandoned and their trials do not count; on the time limit they are
/// finished. Errors of `trainings`, the strategy and the observer are thrown from here, after the
/// trainings still under way have been abandoned and all workers have ended.
[[nodiscard]] SearchResult run_search(const Settings& settings, explorer::Explorer& explorer,
                                      Strategy& strategy, Trainings& trainings, const Stop& stop,
                                      const SearchObserver& observer,
                                      const SearchBegin& begin = {});

/// The same, trained by settings.search.workers threads of this process.
[[nodiscard]] SearchResult run_search(const Settings& settings, explorer::Explorer& explorer,
                                      Strategy& strategy, const TrainChild& train, const Stop& stop,
                                      const SearchObserver& observer);

}  // namespace inas::nas
