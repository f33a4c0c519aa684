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

/// The best trial so far: the highest validation accuracy, then the lower latency, then the earlier
/// one.
struct BestTrial {
  Trial trial;
  std::vector<Tensor> weights;
};

/// The solution of a trial, complete but for the accuracies of the test part.
[[nodiscard]] Solution solution_of(const Settings& settings, const BestTrial& best);

/// Trains one child network; `Trainer::train` bound to its data, or a stand-in.
using TrainChild =
    std::function<TrainedNetwork(const Network& network, std::uint64_t seed, const Stop& stop)>;

/// Called in trial order, always from the thread that called run_search. What it throws ends the
/// search: trainings under way are abandoned, and it is thrown on.
struct SearchObserver {
  /// A trial has ended; `best` is null until there is a feasible one.
  std::function<void(const Trial& trial, const BestTrial* best)> trial_ended;
  /// Called about ten times a second while child networks are training.
  std::function<void()> waiting;
};

struct SearchResult {
  std::optional<BestTrial> best;
  std::int64_t trials = 0;      ///< ended
  std::int64_t trained = 0;     ///< networks trained
  std::int64_t known = 0;       ///< proposals of a network trained before
  std::int64_t infeasible = 0;  ///< by geometry, NVM capacity, C0 or C1
  std::int64_t too_slow = 0;    ///< by C2
  std::int64_t diverged = 0;    ///< proposals of networks whose training diverged
  bool stopped = false;         ///< by `stop` or the time limit, before the last trial
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

/// Runs settings.search.trials trials: propose, explore, train if feasible and new, learn.
///
/// The explorer runs before training, so an infeasible network costs microseconds. Up to
/// settings.search.workers networks train at the same time, and one more waits for its turn, so
/// that no worker idles while the oldest is slow. Trials reach the strategy in their order, and
/// which of them it knows when it proposes depends on the number of workers alone, not on how long
/// training takes: the same seed and number of workers give the same trials. Behind an unfinished
/// training at most kKnownAhead proposals of known networks wait for their turn.
///
/// When `stop` says so, or the time limit has passed, nothing more is proposed; on `stop`,
/// trainings under way are abandoned and their trials do not count; on the time limit they are
/// finished. Errors of `train`, the strategy and the observer are thrown from here, after the
/// trainings still under way have been abandoned and all workers have ended.
[[nodiscard]] SearchResult run_search(const Settings& settings, explorer::Explorer& explorer,
                                      Strategy& strategy, const TrainChild& train, const Stop& stop,
                                      const SearchObserver& observer);

}  // namespace inas::nas
