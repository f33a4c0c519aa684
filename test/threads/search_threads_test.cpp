#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <inas/nas/search.hpp>

#include "strategies/factories.hpp"

namespace inas::nas {
namespace {

Settings search_settings(std::int64_t trials, std::int64_t workers) {
  Settings settings;
  settings.space = {NetworkFamily::convolution_2d, {1, 12, 12}, 4, 2, {1, 3, 5, 7, 9}, {4, 8}};
  settings.search.trials = trials;
  settings.search.workers = workers;
  settings.search.parallelism = workers + 1;
  settings.search.feasible_only = false;  // kernels that do not fit are rejected trials
  settings.explorer = published_space();
  return settings;
}

explorer::Explorer explorer_of(const Settings& settings) {
  return explorer::Explorer(costmodel::make_device(settings.platform, settings.power),
                            settings.explorer);
}

struct SearchRun {
  SearchResult result;
  std::vector<Trial> trials;
};

SearchRun run(const Settings& settings, explorer::Explorer& explorer, const TrainChild& train,
              const Stop& stop, const std::function<void()>& waiting = {}) {
  const auto strategy = make_random(settings, explorer);
  SearchRun outcome;
  outcome.result =
      run_search(settings, explorer, *strategy, train, stop,
                 {.trial_ended = [&](const Trial& trial,
                                     const BestTrial*) { outcome.trials.push_back(trial); },
                  .waiting = waiting});
  return outcome;
}

/// Counters of these tests are relaxed: they order nothing that the search has to order itself.
void add_one(std::atomic<int>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }
int value_of(const std::atomic<int>& counter) { return counter.load(std::memory_order_relaxed); }

/// A training that only `stop` ends.
class EndlessTraining {
 public:
  TrainedNetwork operator()(const ChildTraining&, const Stop& stop) {
    add_one(begun);
    while (!stop) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return {};
  }

  std::atomic<int> begun{0};
};

TEST(SearchThreads, SeveralWorkersMakeTheTrialsOfOne) {
  const auto run_with = [](std::int64_t workers) {
    Settings settings = search_settings(150, workers);
    settings.search.parallelism = 6;
    explorer::Explorer explorer = explorer_of(settings);
    // The workers ask the explorer while the search does.
    const TrainChild train = [&](const ChildTraining& child, const Stop&) {
      const Network& network = child.network;
      const std::uint64_t seed = child.seed;
      const double latency_s = explorer.explore(network).latency_s;
      TrainedNetwork trained;
      trained.validation_accuracy = static_cast<double>(seed % 1000) / 1000;
      trained.weights = {{"w", {1}, {static_cast<float>(latency_s)}}};
      trained.completed = true;
      return trained;
    };
    return run(settings, explorer, train, {});
  };
  const SearchRun one = run_with(1);
  const SearchRun four = run_with(4);
  ASSERT_EQ(one.trials.size(), 150U);
  ASSERT_EQ(four.trials.size(), one.trials.size());
  for (std::size_t index = 0; index < one.trials.size(); ++index) {
    const Trial& trial = four.trials[index];
    const Trial& expected = one.trials[index];
    SCOPED_TRACE(expected.number);
    EXPECT_EQ(trial.number, expected.number);
    EXPECT_EQ(trial.architecture, expected.architecture);
    EXPECT_EQ(trial.outcome, expected.outcome);
    EXPECT_EQ(trial.accuracy, expected.accuracy);
    EXPECT_EQ(trial.network.layers, expected.network.layers);
  }
  ASSERT_TRUE(one.result.best && four.result.best);
  EXPECT_EQ(four.result.best->trial.number, one.result.best->trial.number);
  EXPECT_EQ(four.result.best->weights, one.result.best->weights);
  EXPECT_GT(one.result.trained, 20);
  EXPECT_GT(one.result.known, 20);
  EXPECT_GT(one.result.infeasible, 20);
}

TEST(SearchThreads, AStopOfAnotherThreadEndsTheTrainingsUnderWay) {
  const Settings settings = search_settings(1000, 3);
  explorer::Explorer explorer = explorer_of(settings);
  EndlessTraining training;
  std::atomic<bool> stop{false};
  std::jthread stopper([&] {
    while (value_of(training.begun) < 3) std::this_thread::yield();
    stop = true;
  });
  const SearchRun outcome = run(settings, explorer, std::ref(training), stop);
  EXPECT_TRUE(outcome.result.stopped);
  EXPECT_EQ(outcome.result.trained, 0);
}

TEST(SearchThreads, AStopByTimeEndsTheTrainingsUnderWay) {
  const Settings settings = search_settings(1000, 3);
  explorer::Explorer explorer = explorer_of(settings);
  EndlessTraining training;
  const SearchRun outcome = run(settings, explorer, std::ref(training),
                                Stop().or_at(Stop::Clock::now() + std::chrono::milliseconds(50)));
  EXPECT_TRUE(outcome.result.stopped);
  EXPECT_EQ(outcome.result.trained, 0);
}

TEST(SearchThreads, TrainingsThatFailAtTheSameTimeFailTheSearch) {
  const Settings settings = search_settings(1000, 3);
  explorer::Explorer explorer = explorer_of(settings);
  std::atomic<int> begun{0};
  const TrainChild train = [&](const ChildTraining&, const Stop&) -> TrainedNetwork {
    add_one(begun);
    while (value_of(begun) < 3) std::this_thread::yield();
    throw std::runtime_error("out of memory");
  };
  try {
    (void)run(settings, explorer, train, {});
    ADD_FAILURE() << "no exception";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "out of memory");
  }
}

TEST(SearchThreads, AnObserverThatThrowsEndsTheTrainingsUnderWay) {
  const Settings settings = search_settings(1000, 3);
  explorer::Explorer explorer = explorer_of(settings);
  EndlessTraining training;
  const auto waiting = [&] {
    if (value_of(training.begun) == 3) throw std::runtime_error("the screen is full");
  };
  EXPECT_THROW((void)run(settings, explorer, std::ref(training), {}, waiting), std::runtime_error);
  EXPECT_EQ(value_of(training.begun), 3);
}

}  // namespace
}  // namespace inas::nas
