#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/explorer/make_solution.hpp>
#include <inas/nas/search.hpp>

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

/// One training, from its order to its end.
struct Training {
  Network network;
  std::uint64_t seed = 0;
  bool ended = false;
  TrainedNetwork result;
  double seconds = 0;
  std::exception_ptr error;
};

/// Threads that train networks in the order in which they were ordered.
class Workers {
 public:
  Workers(std::int64_t count, const TrainChild& train, const Stop& stop)
      : train_(train), stop_(stop.or_when(abandon_)) {
    for (std::int64_t worker = 0; worker < count; ++worker) {
      // The token ends the threads already started, too, should starting another one fail.
      threads_.emplace_back([this](const std::stop_token& closing) { work(closing); });
    }
  }

  /// Abandons what is still in training: nobody waits for it. The threads are closed first, so that
  /// none takes up another order when its training ends.
  ~Workers() {
    for (std::jthread& thread : threads_) thread.request_stop();
    abandon_ = true;
  }

  void order(std::shared_ptr<Training> training) {
    {
      const std::lock_guard lock(mutex_);
      orders_.push_back(std::move(training));
    }
    changed_.notify_all();
  }

  /// Waits until `training` has ended, calling `waiting` about ten times a second.
  void wait(const Training& training, const std::function<void()>& waiting) {
    std::unique_lock lock(mutex_);
    while (!training.ended) {
      const bool ended =
          changed_.wait_for(lock, std::chrono::milliseconds(100), [&] { return training.ended; });
      if (!ended && waiting) {
        lock.unlock();
        waiting();
        lock.lock();
      }
    }
  }

 private:
  void work(const std::stop_token& closing) {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, closing, [this] { return !orders_.empty(); });
      if (closing.stop_requested()) return;
      const std::shared_ptr<Training> training = std::move(orders_.front());
      orders_.pop_front();
      lock.unlock();
      const Clock::time_point start = Clock::now();
      try {
        training->result = train_(training->network, training->seed, stop_);
      } catch (...) {
        training->error = std::current_exception();
      }
      training->seconds = seconds_since(start);
      lock.lock();
      training->ended = true;
      changed_.notify_all();
    }
  }

  const TrainChild& train_;
  std::atomic<bool> abandon_{false};
  Stop stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<Training>> orders_;
  std::vector<std::jthread> threads_;  // last: they end before what they use
};

bool better(const Trial& a, const Trial& b) {
  if (*a.accuracy != *b.accuracy) return *a.accuracy > *b.accuracy;
  return a.network.latency_s < b.network.latency_s;
}

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
         const TrainChild& train, const Stop& stop, const SearchObserver& observer)
      : settings_(settings),
        explorer_(explorer),
        strategy_(strategy),
        stop_(stop),
        observer_(observer),
        networks_(count_networks(settings.space)),
        workers_(settings.search.workers, train, stop) {}

  SearchResult run() {
    for (std::int64_t number = 1; number <= settings_.search.trials; ++number) {
      // Which trials the strategy knows when it proposes depends on the number of workers alone:
      // the oldest training is waited for when one more than there are workers are ordered, and
      // never before. The one more keeps a worker busy whose network was faster than the oldest.
      while (too_much_pending()) settle_oldest();
      settle_ready();
      if (out_of_time()) break;
      result_.used_up = used_up();
      if (result_.used_up) break;
      propose(number);
    }
    while (!pending_.empty()) settle_oldest();
    result_.stopped = !result_.used_up && result_.trials < settings_.search.trials;
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool out_of_time() const {
    const double limit_s = settings_.search.time_limit_s;
    return stop_ || (limit_s > 0 && seconds_since(start_) >= limit_s);
  }

  [[nodiscard]] bool too_much_pending() const {
    return trainings_pending_ > settings_.search.workers ||
           std::ssize(pending_) > settings_.search.workers + kKnownAhead;
  }

  [[nodiscard]] bool used_up() const {
    return nothing_new_ >= kNothingNew ||
           static_cast<double>(trainings_.size() + rejected_.size()) >= networks_;
  }

  void propose(std::int64_t number) {
    Pending pending;
    Trial& trial = pending.trial;
    trial.number = number;
    trial.architecture = strategy_.propose();
    trial.network = explorer_.explore(settings_.space, trial.architecture,
                                      settings_.search.latency_requirement_s);
    if (trial.network.why) {
      trial.outcome = trial.network.why->constraint == explorer::Constraint::responsiveness
                          ? Outcome::too_slow
                          : Outcome::infeasible;
      remember_rejected(trial.architecture);
    } else {
      auto& training = trainings_[trial.architecture];
      if (!training) {
        training = std::make_shared<Training>();
        training->network = build_network(settings_.space, trial.architecture);
        training->seed = child_seed(settings_.search.seed, trial.architecture);
        workers_.order(training);
        pending.first = true;
        ++trainings_pending_;
      }
      nothing_new_ = pending.first ? 0 : nothing_new_ + 1;
      pending.training = training;
      trial.outcome = pending.first ? Outcome::trained : Outcome::known;
    }
    pending_.push_back(std::move(pending));
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
      workers_.wait(*pending.training, observer_.waiting);
      if (pending.training->error) std::rethrow_exception(pending.training->error);
      if (!pending.training->result.completed) return;
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
        settle_trained(pending);
        break;
    }
    trial.lesson = strategy_.learn(trial);
    ++result_.trials;
    if (trial.outcome == Outcome::trained) {
      std::vector<Tensor> weights = std::move(pending.training->result.weights);
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
      trial.seconds = training.seconds;
      training.network = {};
    }
    if (training.result.useless()) {
      trial.outcome = Outcome::diverged;
      training.result.weights.clear();
      ++result_.diverged;
      return;
    }
    trial.accuracy = training.result.validation_accuracy;
    ++(pending.first ? result_.trained : result_.known);
  }

  const Settings& settings_;
  explorer::Explorer& explorer_;
  Strategy& strategy_;
  const Stop& stop_;
  const SearchObserver& observer_;
  Clock::time_point start_ = Clock::now();
  double networks_;                                              ///< of the space
  std::map<Architecture, std::shared_ptr<Training>> trainings_;  ///< all ever ordered
  std::set<Architecture> rejected_;  ///< infeasible or too slow; not all in a large space
  std::int64_t nothing_new_ = 0;     ///< proposals since the last new one
  std::deque<Pending> pending_;      ///< in trial order
  std::int64_t trainings_pending_ = 0;
  SearchResult result_;
  Workers workers_;  // last: its threads end first
};

}  // namespace

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
                        const TrainChild& train, const Stop& stop, const SearchObserver& observer) {
  return Search(settings, explorer, strategy, train, stop, observer).run();
}

}  // namespace inas::nas
