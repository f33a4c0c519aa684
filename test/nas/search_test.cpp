#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/nas/controller.hpp>
#include <inas/nas/search.hpp>

namespace inas::nas {
namespace {

Settings search_settings(std::int64_t trials, std::int64_t workers) {
  Settings settings;
  settings.space = {NetworkFamily::convolution_2d, {1, 12, 12}, 4, 2, {1, 3, 5, 7, 9}, {4, 8, 16}};
  settings.search.strategy = "reinforce";
  settings.search.trials = trials;
  settings.search.workers = workers;
  settings.search.parallelism = workers + 1;
  settings.search.latency_requirement_s = 3;
  settings.search.feasible_only = false;               // so that there are rejected proposals, too
  settings.explorer = published_space(Divisors::all);  // in which 3 s rule networks out
  return settings;
}

/// An accuracy that depends on the network and the seed alone.
double made_up_accuracy(const Network& network, std::uint64_t seed) {
  return static_cast<double>((weight_count(network) * 7919 + static_cast<std::int64_t>(seed % 97)) %
                             1000) /
         1000;
}

/// Stands in for training: takes `delay_ms(n)` for the n-th call and remembers what it was asked.
class FakeTraining {
 public:
  explicit FakeTraining(std::function<int(int)> delay_ms) : delay_ms_(std::move(delay_ms)) {}

  TrainedNetwork operator()(const ChildTraining& child, const Stop& stop) {
    const Network& network = child.network;
    const std::uint64_t seed = child.seed;
    int call = 0;
    {
      const std::lock_guard lock(mutex_);
      call = calls_++;
    }
    for (int waited = 0; waited < delay_ms_(call) && !stop; ++waited) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    TrainedNetwork trained;
    trained.validation_accuracy = made_up_accuracy(network, seed);
    trained.weights = {{"w", {1}, {static_cast<float>(trained.validation_accuracy)}}};
    trained.completed = !stop;
    return trained;
  }

  [[nodiscard]] int calls() const { return calls_; }

 private:
  std::function<int(int)> delay_ms_;
  std::mutex mutex_;
  int calls_ = 0;
};

struct SearchRun {
  SearchResult result;
  std::vector<Trial> trials;
  int calls = 0;
};

SearchRun run(const Settings& settings, std::function<int(int)> delay_ms) {
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  const auto strategy = make_strategy(settings, explorer);
  FakeTraining training(std::move(delay_ms));
  const std::atomic<bool> stop{false};
  SearchRun outcome;
  outcome.result =
      run_search(settings, explorer, *strategy, std::ref(training), stop,
                 {.trial_ended = [&](const Trial& trial,
                                     const BestTrial*) { outcome.trials.push_back(trial); },
                  .waiting = {}});
  outcome.calls = training.calls();
  return outcome;
}

TEST(Search, TrialsDoNotDependOnHowLongTrainingTakes) {
  for (const std::int64_t workers : {1, 2, 3}) {
    SCOPED_TRACE(workers);
    const Settings settings = search_settings(60, workers);
    const SearchRun fast = run(settings, [](int) { return 0; });
    const SearchRun first_slow = run(settings, [](int call) { return call % 2 == 0 ? 6 : 0; });
    const SearchRun second_slow = run(settings, [](int call) { return call % 3 == 1 ? 6 : 0; });
    ASSERT_EQ(fast.trials.size(), 60u);
    for (const SearchRun* other : {&first_slow, &second_slow}) {
      ASSERT_EQ(other->trials.size(), fast.trials.size());
      for (std::size_t index = 0; index < fast.trials.size(); ++index) {
        EXPECT_EQ(other->trials[index].number, static_cast<std::int64_t>(index + 1));
        EXPECT_EQ(other->trials[index].architecture, fast.trials[index].architecture);
        EXPECT_EQ(other->trials[index].outcome, fast.trials[index].outcome);
        EXPECT_EQ(other->trials[index].accuracy, fast.trials[index].accuracy);
        EXPECT_EQ(other->trials[index].lesson, fast.trials[index].lesson);
      }
    }
  }
}

TEST(Search, EveryFeasibleNetworkIsTrainedOnceAndNoOther) {
  const SearchRun outcome = run(search_settings(300, 2), [](int) { return 0; });
  std::map<Architecture, double> accuracies;
  int trained = 0;
  int rejected = 0;
  for (const Trial& trial : outcome.trials) {
    if (trial.outcome == Outcome::infeasible || trial.outcome == Outcome::too_slow) {
      EXPECT_TRUE(trial.network.why.has_value());
      EXPECT_FALSE(trial.accuracy.has_value());
      EXPECT_EQ(trial.lesson.reward, -0.1);
      ++rejected;
      continue;
    }
    EXPECT_LE(trial.network.latency_s, 3);
    const auto [known, is_new] = accuracies.emplace(trial.architecture, *trial.accuracy);
    EXPECT_EQ(is_new, trial.outcome == Outcome::trained);
    EXPECT_EQ(known->second, *trial.accuracy);
    trained += is_new ? 1 : 0;
  }
  EXPECT_EQ(outcome.calls, trained);
  EXPECT_GT(trained, 5);
  EXPECT_GT(rejected, 5);
  EXPECT_LT(trained + rejected, 300) << "the test needs a network that is proposed twice";
  EXPECT_EQ(outcome.result.trained, trained);
  EXPECT_EQ(outcome.result.infeasible + outcome.result.too_slow, rejected);
  EXPECT_EQ(outcome.result.known, 300 - trained - rejected);
}

TEST(Search, TheBestHasTheHighestAccuracyAndItsOwnWeights) {
  const SearchRun outcome = run(search_settings(100, 2), [](int) { return 0; });
  ASSERT_TRUE(outcome.result.best.has_value());
  const BestTrial& best = *outcome.result.best;
  for (const Trial& trial : outcome.trials) {
    if (trial.accuracy) {
      EXPECT_LE(*trial.accuracy, *best.trial.accuracy);
    }
  }
  ASSERT_EQ(best.weights.size(), 1u);
  EXPECT_EQ(best.weights[0].values[0], static_cast<float>(*best.trial.accuracy));
}

TEST(Search, AStopAbandonsWhatIsUnderWayAndKeepsWhatHasEnded) {
  const Settings settings = search_settings(1'000'000, 2);
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  const auto strategy = make_strategy(settings, explorer);
  std::atomic<bool> stop{false};
  // Trainings from the fifth on do not end by themselves: only the stop ends them.
  FakeTraining training([](int call) { return call < 4 ? 0 : 1'000'000'000; });
  int ended = 0;
  const SearchResult result =
      run_search(settings, explorer, *strategy, std::ref(training), stop,
                 {.trial_ended = [&](const Trial& trial,
                                     const BestTrial*) { ended += trial.accuracy ? 1 : 0; },
                  .waiting = [&] { stop = true; }});
  EXPECT_TRUE(result.stopped);
  EXPECT_TRUE(result.best.has_value());
  EXPECT_EQ(result.trained, 4);
  EXPECT_EQ(ended, result.trained + result.known);
}

/// Proposes a list over and over, and remembers what it was told.
class ScriptedStrategy final : public Strategy {
 public:
  explicit ScriptedStrategy(std::vector<Architecture> script) {
    // Trained as much as settings without any of their own say.
    for (Architecture& architecture : script) {
      script_.push_back({std::move(architecture), full_effort(Settings())});
    }
  }
  explicit ScriptedStrategy(std::vector<Proposal> script) : script_(std::move(script)) {}

  Proposal propose() override {
    learned_before.push_back(static_cast<std::int64_t>(learned.size()));
    return script_[(learned_before.size() - 1) % script_.size()];
  }
  Lesson learn(const Trial& trial) override {
    learned.push_back(trial);
    return {static_cast<double>(trial.number), -1.5};
  }

  std::vector<std::int64_t> learned_before;  ///< of each proposal: trials known by then
  std::vector<Trial> learned;

 private:
  std::vector<Proposal> script_;
};

/// Feasible networks of search_settings' space, all of different weight counts.
const std::vector<Architecture> kFeasible{{1, 4, 1, 4}, {3, 4, 1, 4}, {5, 4, 3, 4}, {1, 8, 1, 8},
                                          {3, 8, 3, 8}, {5, 8, 1, 8}, {3, 4, 5, 8}, {1, 4, 5, 4}};

std::int64_t weights_of(const Settings& settings, const Architecture& architecture) {
  return weight_count(build_network(settings.space, architecture));
}

struct ScriptedRun {
  SearchResult result;
  std::vector<Trial> trials;
  std::vector<std::int64_t> best_numbers;  ///< after each trial; 0: none
  bool on_callers_thread = true;
};

ScriptedRun run(const Settings& settings, ScriptedStrategy& strategy, const TrainChild& train,
                const Stop& stop, const std::function<void()>& waiting = {}) {
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  ScriptedRun outcome;
  const auto caller = std::this_thread::get_id();
  outcome.result =
      run_search(settings, explorer, strategy, train, stop,
                 {.trial_ended =
                      [&](const Trial& trial, const BestTrial* best) {
                        outcome.trials.push_back(trial);
                        outcome.best_numbers.push_back(best == nullptr ? 0 : best->trial.number);
                        outcome.on_callers_thread &= std::this_thread::get_id() == caller;
                      },
                  .waiting = waiting});
  return outcome;
}

TrainedNetwork trained_network(double accuracy) {
  TrainedNetwork trained;
  trained.validation_accuracy = accuracy;
  trained.weights = {{"w", {1}, {static_cast<float>(accuracy)}}};
  trained.completed = true;
  return trained;
}

TrainedNetwork train_at_once(const ChildTraining& child, const Stop&) {
  const Network& network = child.network;
  const std::uint64_t seed = child.seed;
  return trained_network(made_up_accuracy(network, seed));
}

Settings generous_settings(std::int64_t trials, std::int64_t workers) {
  Settings settings = search_settings(trials, workers);
  settings.search.latency_requirement_s = 1e6;
  return settings;
}

TEST(Search, AProposalKnowsAllRewardsButThoseOfOneTrainingPerWorker) {
  for (const std::int64_t workers : {1, 2, 3}) {
    SCOPED_TRACE(workers);
    const auto trials = static_cast<std::int64_t>(kFeasible.size());
    ScriptedStrategy strategy(kFeasible);
    FakeTraining training([](int call) { return call % 3; });
    const std::atomic<bool> stop{false};
    (void)run(generous_settings(trials, workers), strategy, std::ref(training), stop);
    ASSERT_EQ(strategy.learned_before.size(), kFeasible.size());
    for (std::int64_t before = 0; before < trials; ++before) {
      EXPECT_EQ(strategy.learned_before[static_cast<std::size_t>(before)],
                std::max<std::int64_t>(0, before - workers))
          << "proposal " << before + 1;
    }
  }
}

TEST(Search, ARejectedProposalIsRewardedBeforeTheNextOne) {
  ScriptedStrategy strategy({{9, 4, 7, 4}});
  const std::atomic<bool> stop{false};
  (void)run(generous_settings(4, 2), strategy, train_at_once, stop);
  EXPECT_EQ(strategy.learned_before, (std::vector<std::int64_t>{0, 1, 2, 3}));
}

TEST(Search, StrategiesAreToldWholeTrialsInTheirOrder) {
  Settings settings = search_settings(40, 3);
  ScriptedStrategy strategy(
      {{3, 4, 1, 4}, {9, 4, 7, 4}, {1, 4, 1, 4}, {5, 16, 5, 16}, {1, 8, 1, 8}});
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  // Just enough for the others, too little for 5 16 5 16.
  double enough_s = 0;
  for (const Architecture& architecture :
       std::vector<Architecture>{{3, 4, 1, 4}, {1, 4, 1, 4}, {1, 8, 1, 8}}) {
    enough_s = std::max(enough_s, explorer.explore(settings.space, architecture).latency_s);
  }
  settings.search.latency_requirement_s = enough_s;
  FakeTraining training([](int call) { return 3 - call % 3; });
  const std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(settings, strategy, std::ref(training), stop);
  ASSERT_EQ(outcome.trials.size(), 40u);
  ASSERT_EQ(strategy.learned.size(), 40u);
  for (std::size_t index = 0; index < 40; ++index) {
    const Trial& trial = outcome.trials[index];
    SCOPED_TRACE(trial.number);
    EXPECT_EQ(trial.outcome, index % 5 == 1   ? Outcome::infeasible
                             : index % 5 == 3 ? Outcome::too_slow
                             : index < 5      ? Outcome::trained
                                              : Outcome::known);
    const Trial& told = strategy.learned[index];
    EXPECT_EQ(told.number, static_cast<std::int64_t>(index + 1));
    EXPECT_EQ(told.architecture, trial.architecture);
    EXPECT_EQ(told.outcome, trial.outcome);
    EXPECT_EQ(told.accuracy, trial.accuracy);
    EXPECT_EQ(told.accuracy.has_value(),
              trial.outcome == Outcome::trained || trial.outcome == Outcome::known);
    EXPECT_EQ(told.network.latency_s, trial.network.latency_s);
    EXPECT_EQ(told.network.why, trial.network.why);
    EXPECT_EQ(told.seconds, trial.seconds);
    EXPECT_EQ(told.lesson, Lesson{});
    EXPECT_EQ(trial.lesson, (Lesson{static_cast<double>(trial.number), -1.5}));
  }
  EXPECT_EQ(training.calls(), 3);
  EXPECT_TRUE(outcome.on_callers_thread);
}

TEST(Search, AProposalThatIsStillInTrainingSharesItsResult) {
  ScriptedStrategy strategy({kFeasible[0], kFeasible[0], kFeasible[1], kFeasible[0]});
  FakeTraining training([](int) { return 10; });
  const std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(generous_settings(4, 3), strategy, std::ref(training), stop);
  // All four were proposed before any trial had ended.
  EXPECT_EQ(strategy.learned_before, (std::vector<std::int64_t>{0, 0, 0, 0}));
  EXPECT_EQ(training.calls(), 2);
  ASSERT_EQ(outcome.trials.size(), 4u);
  for (const std::size_t index : {1u, 3u}) {
    EXPECT_EQ(outcome.trials[index].outcome, Outcome::known);
    EXPECT_EQ(outcome.trials[index].accuracy, outcome.trials[0].accuracy);
    EXPECT_EQ(outcome.trials[index].seconds, 0);
  }
}

TEST(Search, AsManyNetworksTrainAtTheSameTimeAsThereAreWorkers) {
  std::mutex mutex;
  std::condition_variable changed;
  int running = 0;
  int most = 0;
  const TrainChild train = [&](const ChildTraining&, const Stop&) {
    std::unique_lock lock(mutex);
    most = std::max(most, ++running);
    changed.notify_all();
    // The bound only ends a test that would hang otherwise.
    changed.wait_for(lock, std::chrono::seconds(20), [&] { return most >= 3; });
    --running;
    return trained_network(0.5);
  };
  ScriptedStrategy strategy(kFeasible);
  const std::atomic<bool> stop{false};
  (void)run(generous_settings(8, 3), strategy, train, stop);
  EXPECT_EQ(most, 3);
}

TEST(Search, ANetworksSeedDependsOnItAndTheSearchsSeedAlone) {
  const auto seeds = [](std::int64_t workers, std::uint64_t seed,
                        std::vector<Architecture> script) {
    Settings settings = generous_settings(static_cast<std::int64_t>(script.size()), workers);
    settings.search.seed = seed;
    std::mutex mutex;
    std::map<std::int64_t, std::uint64_t> seen;
    ScriptedStrategy strategy(std::move(script));
    const std::atomic<bool> stop{false};
    (void)run(
        settings, strategy,
        [&](const ChildTraining& child, const Stop&) {
          const Network& network = child.network;
          const std::uint64_t child_seed = child.seed;
          const std::lock_guard lock(mutex);
          seen[weight_count(network)] = child_seed;
          return trained_network(0.5);
        },
        stop);
    return seen;
  };
  const auto forward = seeds(1, 1, kFeasible);
  ASSERT_EQ(forward.size(), kFeasible.size()) << "the networks need different weight counts";
  EXPECT_EQ(seeds(3, 1, {kFeasible.rbegin(), kFeasible.rend()}), forward);
  std::set<std::uint64_t> different;
  for (const auto& [weights, seed] : forward) different.insert(seed);
  for (const auto& [weights, seed] : seeds(1, 2, kFeasible)) different.insert(seed);
  EXPECT_EQ(different.size(), 2 * kFeasible.size());
}

TEST(Search, AmongEqualAccuraciesTheLowerLatencyThenTheEarlierTrialIsBest) {
  const Settings settings = generous_settings(5, 2);
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  std::vector<Architecture> by_latency = kFeasible;
  std::sort(by_latency.begin(), by_latency.end(), [&](const auto& a, const auto& b) {
    return explorer.explore(settings.space, a).latency_s <
           explorer.explore(settings.space, b).latency_s;
  });
  ScriptedStrategy strategy(
      {by_latency[4], by_latency[6], by_latency[2], by_latency[3], by_latency[2]});
  const std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(
      settings, strategy, [](const ChildTraining&, const Stop&) { return trained_network(0.5); },
      stop);
  EXPECT_EQ(outcome.best_numbers, (std::vector<std::int64_t>{1, 1, 3, 3, 3}));
  ASSERT_TRUE(outcome.result.best.has_value());
  EXPECT_EQ(outcome.result.best->trial.outcome, Outcome::trained);
  EXPECT_EQ(outcome.result.best->weights.size(), 1u);
}

TEST(Search, ANetworkIsTrainedAgainForAnotherEffortAndOnlyTheMostTrainedAreBest) {
  const Effort little{1, 100};
  const Effort full = full_effort(Settings());
  ASSERT_LT(little, full);
  ScriptedStrategy strategy(std::vector<Proposal>{
      {kFeasible[0], little}, {kFeasible[1], full}, {kFeasible[0], full}, {kFeasible[0], little}});
  std::map<std::int64_t, Effort> efforts;
  std::mutex mutex;
  const TrainChild train = [&](const ChildTraining& child, const Stop&) {
    const std::lock_guard lock(mutex);
    efforts[child.trial] = child.effort;
    return trained_network(child.trial == 1 ? 0.9 : 0.1 * static_cast<double>(child.trial));
  };
  const std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(generous_settings(4, 1), strategy, train, stop);
  EXPECT_EQ(efforts, (std::map<std::int64_t, Effort>{{1, little}, {2, full}, {3, full}}));
  EXPECT_EQ(outcome.trials[3].outcome, Outcome::known);
  EXPECT_EQ(outcome.trials[3].accuracy, 0.9);
  EXPECT_EQ(outcome.result.best->trial.number, 3);
}

TEST(Search, WithoutAFeasibleNetworkThereIsNoBest) {
  ScriptedStrategy strategy({{9, 4, 7, 4}});
  const std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(generous_settings(3, 2), strategy, train_at_once, stop);
  EXPECT_FALSE(outcome.result.best.has_value());
  EXPECT_EQ(outcome.result.infeasible, 3);
  EXPECT_EQ(outcome.best_numbers, (std::vector<std::int64_t>{0, 0, 0}));
  EXPECT_FALSE(outcome.result.stopped);
}

TEST(Search, AStopKeepsTrainingsThatHaveEndedBehindAnAbandonedOne) {
  const Settings settings = generous_settings(100, 2);
  ScriptedStrategy strategy(kFeasible);
  std::atomic<bool> stop{false};
  std::atomic<int> ended{0};
  const std::int64_t endless = weights_of(settings, kFeasible[0]);
  const ScriptedRun outcome = run(
      settings, strategy,
      [&](const ChildTraining& child, const Stop& abandon) {
        const Network& network = child.network;
        if (weight_count(network) != endless) {
          ++ended;
          return train_at_once(child, abandon);
        }
        while (!abandon) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return TrainedNetwork{};
      },
      stop, [&] { stop = ended == 2; });
  EXPECT_TRUE(outcome.result.stopped);
  EXPECT_EQ(outcome.result.trained, 2);
  ASSERT_EQ(outcome.trials.size(), 2u);
  EXPECT_EQ(outcome.trials[0].number, 2);
  EXPECT_EQ(outcome.trials[1].number, 3);
  EXPECT_TRUE(outcome.result.best.has_value());
}

TEST(Search, AStopBeforeTheStartProposesNothing) {
  ScriptedStrategy strategy(kFeasible);
  const std::atomic<bool> stop{true};
  const ScriptedRun outcome = run(generous_settings(5, 2), strategy, train_at_once, stop);
  EXPECT_TRUE(outcome.result.stopped);
  EXPECT_EQ(outcome.result.trials, 0);
  EXPECT_TRUE(strategy.learned_before.empty());
}

TEST(Search, AStopAfterTheLastTrialHasStoppedNothing) {
  ScriptedStrategy strategy(kFeasible);
  std::atomic<bool> stop{false};
  const TrainChild train = [&](const ChildTraining& child, const Stop& abandon) {
    stop = true;  // too late: this training ends regardless
    return train_at_once(child, abandon);
  };
  const ScriptedRun outcome = run(generous_settings(1, 1), strategy, train, stop);
  EXPECT_EQ(outcome.result.trials, 1);
  EXPECT_FALSE(outcome.result.stopped);
}

TEST(Search, AfterTheTimeLimitWhatIsUnderWayIsFinished) {
  Settings settings = generous_settings(100, 2);
  settings.search.time_limit_s = 0.2;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
  std::atomic<int> calls{0};
  ScriptedStrategy strategy(kFeasible);
  const std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(
      settings, strategy,
      [&](const ChildTraining& child, const Stop& abandon) {
        ++calls;
        std::this_thread::sleep_until(end);
        return train_at_once(child, abandon);
      },
      stop);
  EXPECT_TRUE(outcome.result.stopped);
  EXPECT_EQ(outcome.result.trained, calls);
  EXPECT_EQ(strategy.learned.size(), strategy.learned_before.size());
  EXPECT_LE(calls, 3);
}

/// A training that ends when it is told to, or, so that a fault is no endless test, after a while.
/// Counts those that were not told.
class EndlessTraining {
 public:
  TrainedNetwork operator()(const ChildTraining&, const Stop& stop) {
    ++begun;
    for (int waited = 0; waited < 20'000 && !stop; ++waited) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ran_on += stop ? 0 : 1;
    return {};
  }

  std::atomic<int> begun{0};
  std::atomic<int> ran_on{0};
};

TEST(Search, AnObserverThatThrowsEndsTheTrainingsUnderWay) {
  EndlessTraining training;
  ScriptedStrategy strategy(kFeasible);
  const std::atomic<bool> stop{false};
  EXPECT_THROW((void)run(generous_settings(8, 2), strategy, std::ref(training), stop,
                         [&] {
                           if (training.begun == 2) throw std::runtime_error("the screen is full");
                         }),
               std::runtime_error);
  EXPECT_EQ(training.begun, 2);
  EXPECT_EQ(training.ran_on, 0);
}

TEST(Search, AnErrorAtATrialsEndEndsTheTrainingsUnderWay) {
  const Settings settings = generous_settings(8, 3);
  const std::int64_t quick = weights_of(settings, kFeasible[0]);
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  ScriptedStrategy strategy(kFeasible);
  EndlessTraining endless;
  const TrainChild train = [&](const ChildTraining& child, const Stop& stop) {
    const Network& network = child.network;
    if (weight_count(network) != quick) return endless(child, stop);
    while (endless.begun < 2) std::this_thread::yield();
    return trained_network(0.5);
  };
  EXPECT_THROW((void)run_search(settings, explorer, strategy, train, {},
                                {.trial_ended =
                                     [](const Trial&, const BestTrial*) {
                                       throw std::runtime_error("the disk is full");
                                     },
                                 .waiting = {}}),
               std::runtime_error);
  EXPECT_EQ(endless.ran_on, 0);
}

TEST(Search, AFailedTrainingEndsTheOthersUnderWay) {
  const Settings settings = generous_settings(8, 2);
  const std::int64_t failing = weights_of(settings, kFeasible[0]);
  ScriptedStrategy strategy(kFeasible);
  EndlessTraining endless;
  const std::atomic<bool> stop{false};
  const TrainChild train = [&](const ChildTraining& child, const Stop& abandon) {
    const Network& network = child.network;
    if (weight_count(network) != failing) return endless(child, abandon);
    while (endless.begun == 0) std::this_thread::yield();
    throw std::runtime_error("out of memory");
  };
  EXPECT_THROW((void)run(settings, strategy, train, stop), std::runtime_error);
  EXPECT_EQ(endless.ran_on, 0);
}

TrainedNetwork diverged_network() {
  TrainedNetwork trained;
  trained.weights = {{"w", {1}, {0.0F}}};
  trained.completed = true;
  trained.diverged = true;
  return trained;
}

TEST(Search, ADivergedTrainingIsAnOutcomeOfItsOwnAndNeverBest) {
  const Settings settings = generous_settings(4, 1);
  const std::int64_t diverging = weights_of(settings, kFeasible[0]);
  ScriptedStrategy strategy({kFeasible[0], kFeasible[1], kFeasible[0], kFeasible[1]});
  std::atomic<int> calls{0};
  const std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(
      settings, strategy,
      [&](const ChildTraining& child, const Stop&) {
        const Network& network = child.network;
        ++calls;
        // Worse than any accuracy that is one.
        return weight_count(network) == diverging ? diverged_network() : trained_network(0);
      },
      stop);
  EXPECT_EQ(calls, 2);
  ASSERT_EQ(outcome.trials.size(), 4u);
  for (const std::size_t index : {0u, 2u}) {
    EXPECT_EQ(outcome.trials[index].outcome, Outcome::diverged);
    EXPECT_FALSE(outcome.trials[index].accuracy.has_value());
  }
  EXPECT_EQ(outcome.trials[1].outcome, Outcome::trained);
  EXPECT_EQ(outcome.trials[3].outcome, Outcome::known);
  EXPECT_EQ(outcome.best_numbers, (std::vector<std::int64_t>{0, 2, 2, 2}));
  EXPECT_EQ(outcome.result.diverged, 2);
  EXPECT_EQ(outcome.result.trained, 1);
  EXPECT_EQ(outcome.result.known, 1);
}

TEST(Search, ATrainingThatDivergesAfterASoundEpochCountsByThatEpoch) {
  ScriptedStrategy strategy({kFeasible[0]});
  const std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(
      generous_settings(1, 1), strategy,
      [](const ChildTraining&, const Stop&) {
        TrainedNetwork trained = trained_network(0.5);
        trained.epoch_accuracies = {0.5};
        trained.diverged = true;
        return trained;
      },
      stop);
  EXPECT_EQ(outcome.trials.at(0).outcome, Outcome::trained);
  EXPECT_TRUE(outcome.result.best.has_value());
}

TEST(Search, ATrainingThatIsTooLongCountsByItsEpochsAndSaysSo) {
  const Settings settings = generous_settings(5, 1);
  const std::int64_t endless = weights_of(settings, kFeasible[0]);
  ScriptedStrategy strategy({kFeasible[0], kFeasible[1], kFeasible[0], kFeasible[1], kFeasible[0]});
  const std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(
      settings, strategy,
      [&](const ChildTraining& child, const Stop&) {
        const bool none_ended = weight_count(child.network) == endless;
        TrainedNetwork trained = trained_network(none_ended ? 0 : 0.25);
        if (!none_ended) trained.epoch_accuracies = {0.25};
        trained.too_long = true;
        return trained;
      },
      stop);
  ASSERT_EQ(outcome.trials.size(), 5u);
  for (const std::size_t index : {0u, 2u, 4u}) {
    EXPECT_EQ(outcome.trials[index].outcome, Outcome::too_long);
    EXPECT_FALSE(outcome.trials[index].accuracy.has_value());
  }
  EXPECT_EQ(outcome.trials[1].outcome, Outcome::cut_short);
  EXPECT_EQ(outcome.trials[1].accuracy, 0.25);
  EXPECT_EQ(outcome.trials[3].outcome, Outcome::known);
  EXPECT_EQ(outcome.best_numbers, (std::vector<std::int64_t>{0, 2, 2, 2, 2}));
  EXPECT_EQ(outcome.result.too_long, 3);
  EXPECT_EQ(outcome.result.cut_short, 1);
  EXPECT_EQ(outcome.result.trained, 1);
  EXPECT_EQ(outcome.result.diverged, 0);
}

TEST(Search, ItEndsWhenEveryNetworkOfTheSpaceIsKnown) {
  Settings settings = generous_settings(1'000'000, 2);
  settings.space.layers = 1;
  settings.space.kernels = {3, 9, 13};  // the last does not fit
  settings.space.filters = {4, 8};
  ScriptedStrategy strategy({{3, 4}, {3, 4}, {9, 4}, {13, 8}, {3, 8}, {13, 4}, {9, 8}, {3, 4}});
  const std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(settings, strategy, train_at_once, stop);
  EXPECT_TRUE(outcome.result.used_up);
  EXPECT_FALSE(outcome.result.stopped);
  EXPECT_EQ(outcome.result.trials, 7);
  EXPECT_EQ(outcome.result.trained, 4);
  EXPECT_EQ(outcome.result.infeasible, 2);
}

TEST(Search, ItEndsWhenNothingNewHasBeenProposedForLong) {
  ScriptedStrategy strategy({kFeasible[0], {9, 4, 7, 4}, kFeasible[1]});
  const std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(generous_settings(1'000'000, 2), strategy, train_at_once, stop);
  EXPECT_TRUE(outcome.result.used_up);
  EXPECT_EQ(outcome.result.trials, 3 + kNothingNew);
}

TEST(Search, NotAsManyAreKnownAgainAreNoReasonToEnd) {
  ScriptedStrategy strategy({kFeasible[0]});
  const std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(generous_settings(kNothingNew, 2), strategy, train_at_once, stop);
  EXPECT_FALSE(outcome.result.used_up);
  EXPECT_FALSE(outcome.result.stopped);
  EXPECT_EQ(outcome.result.trials, kNothingNew);
}

TEST(Search, FewKnownProposalsWaitBehindATraining) {
  EndlessTraining training;
  ScriptedStrategy strategy({kFeasible[0]});
  std::atomic<bool> stop{false};
  const ScriptedRun outcome = run(generous_settings(1'000'000, 2), strategy, std::ref(training),
                                  stop, [&] { stop = true; });
  EXPECT_TRUE(outcome.result.stopped);
  EXPECT_EQ(outcome.result.trials, 0);
  EXPECT_EQ(std::ssize(strategy.learned_before), 2 + kKnownAhead + 1);
}

TEST(Search, AStopByTimeAbandonsWhatIsUnderWay) {
  EndlessTraining training;
  ScriptedStrategy strategy(kFeasible);
  const Settings settings = generous_settings(8, 2);
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  const SearchResult result =
      run_search(settings, explorer, strategy, std::ref(training),
                 Stop().or_at(Stop::Clock::now() + std::chrono::milliseconds(50)), {});
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(result.trials, 0);
  EXPECT_EQ(training.ran_on, 0);
}

TEST(CheckSearch, WhatWouldFailAfterTheFirstTrainingIsRefusedBefore) {
  Settings settings = search_settings(1, 1);
  data::DataSplit data;
  data.train.shape = settings.space.input;
  data.train.classes = settings.space.classes;
  data.train.labels.resize(250);
  const auto refused = [&](const std::string& word) {
    test::expect_error([&] { check_search(settings, data); }, word);
  };
  settings.data.train_images = 250;
  EXPECT_NO_THROW(check_search(settings, data));
  settings.data.train_images = 251;
  refused("data.train_images: found 251, allowed: at most 250");
  settings.data.train_images = 0;
  settings.training.final_train_images = 1000;
  refused("training.final_train_images: found 1000, allowed: at most 250");
  settings.training.final_train_images = 0;
  settings.training.recipe = TrainingRecipe::batch_norm;
  settings.data.train_images = 1;
  refused("data.train_images: found 1 of 250 training images, allowed: at least 2");
  settings.data.train_images = 0;
  settings.training.recipe = TrainingRecipe::plain;
  settings.training.final_train_images = 1000;
  settings.training.final_epochs = 0;
  EXPECT_NO_THROW(check_search(settings, data)) << "nothing is retrained";
  settings.suffix = "\xff";
  refused("UTF-8");
  settings.suffix.clear();
  settings.space.input = {3, 12, 12};
  refused("input");
}

TEST(Search, AnErrorIsThrownAfterAllWorkersHaveEnded) {
  const Settings settings = generous_settings(8, 2);
  const std::int64_t failing = weights_of(settings, kFeasible[0]);
  ScriptedStrategy strategy(kFeasible);
  std::atomic<int> running{0};
  const std::atomic<bool> stop{false};
  const TrainChild train = [&](const ChildTraining& child, const Stop& abandon) {
    const Network& network = child.network;
    if (weight_count(network) == failing) {
      while (running == 0) std::this_thread::yield();
      throw std::runtime_error("out of memory");
    }
    ++running;
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    TrainedNetwork trained = train_at_once(child, abandon);
    --running;
    return trained;
  };
  EXPECT_THROW((void)run(settings, strategy, train, stop), std::runtime_error);
  EXPECT_EQ(running, 0);
}

TEST(Search, ErrorsOfTrainingReachTheCaller) {
  const Settings settings = search_settings(100, 2);
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  const auto strategy = make_strategy(settings, explorer);
  const std::atomic<bool> stop{false};
  const TrainChild failing = [](const ChildTraining&, const Stop&) -> TrainedNetwork {
    throw std::runtime_error("out of memory");
  };
  EXPECT_THROW((void)run_search(settings, explorer, *strategy, failing, stop, {}),
               std::runtime_error);
}

}  // namespace
}  // namespace inas::nas
