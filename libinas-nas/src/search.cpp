#include <chrono>
#include <deque>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/explorer/make_solution.hpp>
#include <inas/nas/search.hpp>

#include "training_threads.hpp"

namespace inas::nas {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The seed of a child network depends on the search's seed and on the network alone, so that a
/// network has the same accuracy whenever it is proposed. splitmix64 mixes the choices.
std::uint64_t child_seed(std::uint64_t seed, const Architecture& architecture) {
  const auto mix = [](std::uint64_t value) {
    value += 0x9E3779B97F4A7C15u;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
    value = (value ^ value >> 27) * 0x94D049BB133111EBu;
    return value ^ value >> 31;
  };
  std::uint64_t state = mix(seed);
  for (const std::int64_t choice : architecture) {
    state = mix(state ^ static_cast<std::uint64_t>(choice));
  }
  return state;
}

/// A training, from its order to its end.
struct Training {
  std::int64_t trial = 0;  ///< that ordered it
  bool ended = false;
  ChildResult result;
};

/// How many networks the space has, as far as a double counts.
double count_networks(const SearchSpace& space) {
  double count = 1;
  for (const Decision& decision : decisions(space)) {
    count *= static_cast<double>(decision.values.size());
  }
  return count;
}

/// A proposal of which it is not known yet what becomes of it.
struct Pending {
  Trial trial;
  std::shared_ptr<Training> training;  ///< null if nothing is to be trained
  bool first = false;                  ///< ordered the training, instead of sharing it
};

class Search {
 public:
  Search(const Settings& settings, explorer::Explorer& explorer, Strategy& strategy,
         Trainings& trainings, const Stop& stop, const SearchObserver& observer,
         const SearchBegin& begin)
      : settings_(settings),
        explorer_(explorer),
        strategy_(strategy),
        trainings_(trainings),
        stop_(stop),
        observer_(observer),
        begin_(begin),
        networks_(count_networks(settings.space)) {}

  SearchResult run() {
    for (std::int64_t number = 1; number <= settings_.search.trials; ++number) {
      // Which trials the strategy knows when it proposes depends on the parallelism alone: the
      // oldest training is waited for when so many are open, and never before.
      while (too_much_pending()) settle_oldest();
      settle_ready();
      if (number == begin_.known_trials + 1) start_ = Clock::now();
      if (number > begin_.ended_trials && stop_) break;
      if (number > begin_.known_trials && out_of_time()) break;
      result_.budget_spent = number > begin_.known_trials && budget_spent();
      if (result_.budget_spent) break;
      result_.used_up = used_up();
      if (result_.used_up) break;
      propose(number);
    }
    while (!pending_.empty()) settle_oldest();
    result_.stopped =
        !result_.used_up && !result_.budget_spent && result_.trials < settings_.search.trials;
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool out_of_time() const {
    const double limit_s = settings_.search.time_limit_s;
    return limit_s > 0 && begin_.spent_s + seconds_since(start_) >= limit_s;
  }

  [[nodiscard]] bool too_much_pending() const {
    return trainings_pending_ >= settings_.search.parallelism ||
           std::ssize(pending_) >= settings_.search.parallelism + kKnownAhead;
  }

  /// Of the trainings that were ordered, whether they have ended or not: the same trials whoever
  /// trains.
  [[nodiscard]] bool budget_spent() const {
    return settings_.search.budget > 0 && result_.cost >= settings_.search.budget;
  }

  [[nodiscard]] bool used_up() const {
    return nothing_new_ >= kNothingNew ||
           static_cast<double>(fully_trained_ + std::ssize(rejected_)) >= networks_;
  }

  void propose(std::int64_t number) {
    Pending pending;
    Trial& trial = pending.trial;
    trial.number = number;
    Proposal proposal = strategy_.propose();
    trial.architecture = std::move(proposal.architecture);
    trial.effort = proposal.effort;
    trial.network = explorer_.explore(settings_.space, trial.architecture,
                                      settings_.search.latency_requirement_s);
    if (trial.network.why) {
      trial.outcome = trial.network.why->constraint == explorer::Constraint::responsiveness
                          ? Outcome::too_slow
                          : Outcome::infeasible;
      remember_rejected(trial.architecture);
      if (observer_.proposed) observer_.proposed(trial);
    } else {
      find_training(pending);
    }
    pending_.push_back(std::move(pending));
  }

  void find_training(Pending& pending) {
    Trial& trial = pending.trial;
    auto& training = known_[{trial.architecture, trial.effort}];
    pending.first = !training;
    trial.outcome = pending.first ? Outcome::trained : Outcome::known;
    trial.seed = child_seed(settings_.search.seed, trial.architecture);
    if (observer_.proposed) observer_.proposed(trial);
    if (pending.first) {
      training = std::make_shared<Training>();
      training->trial = trial.number;
      trainings_.order({.trial = trial.number,
                        .architecture = trial.architecture,
                        .network = build_network(settings_.space, trial.architecture),
                        .effort = trial.effort,
                        .seed = trial.seed});
      ++trainings_pending_;
      result_.cost += cost(trial.effort, full_effort(settings_));
      if (trial.effort == full_effort(settings_)) ++fully_trained_;
    }
    nothing_new_ = pending.first ? 0 : nothing_new_ + 1;
    pending.training = training;
  }

  void remember_rejected(const Architecture& architecture) {
    constexpr std::int64_t kMost = 100'000;  // that are remembered; later ones count as new
    const bool is_new = rejected_.count(architecture) == 0;
    nothing_new_ = is_new ? 0 : nothing_new_ + 1;
    if (is_new && std::ssize(rejected_) < kMost) rejected_.insert(architecture);
  }

  /// Settles the trials at the front that wait for no training of their own.
  void settle_ready() {
    while (!pending_.empty() && !pending_.front().first) settle_oldest();
  }

  /// Settles the oldest trial, waiting for its training. A trial whose training was abandoned by
  /// `stop` does not count; those behind it whose training has ended do.
  void settle_oldest() {
    Pending pending = std::move(pending_.front());
    pending_.pop_front();
    if (pending.first) --trainings_pending_;
    if (pending.training) {
      Training& training = *pending.training;
      if (!training.ended) training.result = trainings_.wait(training.trial, observer_.waiting);
      training.ended = true;
      if (!training.result.trained.completed) return;
    }
    settle(pending);
  }

  void settle(Pending& pending) {
    Trial& trial = pending.trial;
    switch (trial.outcome) {
      case Outcome::infeasible:
        ++result_.infeasible;
        break;
      case Outcome::too_slow:
        ++result_.too_slow;
        break;
      case Outcome::trained:
      case Outcome::known:
      case Outcome::diverged:
      case Outcome::cut_short:
      case Outcome::too_long:
        settle_trained(pending);
        break;
    }
    trial.lesson = strategy_.learn(trial);
    ++result_.trials;
    if (is_trained(trial.outcome)) {
      std::vector<Tensor> weights = std::move(pending.training->result.trained.weights);
      if (!result_.best || better(trial, result_.best->trial)) {
        result_.best = BestTrial{trial, std::move(weights)};
      }
    }
    if (observer_.trial_ended) {
      observer_.trial_ended(trial, result_.best ? &*result_.best : nullptr);
    }
  }

  void settle_trained(Pending& pending) {
    Trial& trial = pending.trial;
    Training& training = *pending.training;
    if (pending.first) {
      trial.seconds = training.result.seconds;
      trial.epoch_accuracies = training.result.trained.epoch_accuracies;
    }
    TrainedNetwork& trained = training.result.trained;
    if (trained.useless()) {
      trial.outcome = trained.too_long ? Outcome::too_long : Outcome::diverged;
      trained.weights.clear();
      ++(trained.too_long ? result_.too_long : result_.diverged);
      return;
    }
    trial.accuracy = trained.validation_accuracy;
    ++(pending.first ? result_.trained : result_.known);
    if (pending.first && trained.too_long) {
      trial.outcome = Outcome::cut_short;
      ++result_.cut_short;
    }
  }

  const Settings& settings_;
  explorer::Explorer& explorer_;
  Strategy& strategy_;
  Trainings& trainings_;
  const Stop& stop_;
  const SearchObserver& observer_;
  SearchBegin begin_;
  Clock::time_point start_ = Clock::now();  ///< of what is not known yet
  double networks_;                         ///< of the space
  std::map<std::pair<Architecture, Effort>, std::shared_ptr<Training>> known_;  ///< ever ordered
  std::int64_t fully_trained_ = 0;   ///< of them: networks, or to be
  std::set<Architecture> rejected_;  ///< infeasible or too slow; not all in a large space
  std::int64_t nothing_new_ = 0;     ///< proposals since the last new one
  std::deque<Pending> pending_;      ///< in trial order
  std::int64_t trainings_pending_ = 0;
  SearchResult result_;
};

}  // namespace

bool better(const Merit& a, const Merit& b) {
  if (a.effort != b.effort) return a.effort > b.effort;
  if (a.accuracy != b.accuracy) return a.accuracy > b.accuracy;
  return a.latency_s < b.latency_s;
}

bool better(const Trial& a, const Trial& b) {
  const auto merit = [](const Trial& trial) {
    return Merit{trial.effort, trial.accuracy.value(), trial.network.latency_s};
  };
  return better(merit(a), merit(b));
}

Solution solution_of(const Settings& settings, const BestTrial& best) {
  const Network network = build_network(settings.space, best.trial.architecture);
  Solution solution =
      explorer::make_solution(settings, best.trial.architecture, network, best.trial.network);
  solution.accuracy.validation = best.trial.accuracy;
  solution.trial = best.trial.number;
  return solution;
}

void check_search(const Settings& settings, const data::DataSplit& data) {
  static_cast<void>(to_json(settings));  // throws what the first solution would
  data::check_data(data, settings.space);
  const bool normalised = settings.training.recipe == TrainingRecipe::batch_norm;
  const std::int64_t least = normalised ? kLeastNormalisedBatch : 1;
  const auto require_images = [&](const char* key, std::int64_t found) {
    if (found < least && (found != 0 || data.train.size() < least)) {
      throw InvalidArgument(fmt::format(
          "{}: found {} of {} training images, allowed: at least {} with the training.recipe {}",
          key, found, data.train.size(), least, to_string(settings.training.recipe)));
    }
    if (found > data.train.size()) {
      throw InvalidArgument(fmt::format(
          "{}: found {}, allowed: at most {}, the training images that validation leaves, or 0 for "
          "all of them",
          key, found, data.train.size()));
    }
  };
  require_images("data.train_images", settings.data.train_images);
  if (settings.training.final_epochs > 0) {
    require_images("training.final_train_images", settings.training.final_train_images);
  }
}

SearchResult run_search(const Settings& settings, explorer::Explorer& explorer, Strategy& strategy,
                        Trainings& trainings, const Stop& stop, const SearchObserver& observer,
                        const SearchBegin& begin) {
  return Search(settings, explorer, strategy, trainings, stop, observer, begin).run();
}

SearchResult run_search(const Settings& settings, explorer::Explorer& explorer, Strategy& strategy,
                        const TrainChild& train, const Stop& stop, const SearchObserver& observer) {
  TrainingThreads threads(settings.search.workers, train, stop);
  return run_search(settings, explorer, strategy, threads, stop, observer);
}

}  // namespace inas::nas
