#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include <inas/nas/controller.hpp>
#include <inas/nas/search.hpp>

namespace inas::nas {
namespace {

Settings search_settings(std::int64_t trials, std::int64_t workers) {
  Settings settings;
  settings.space = {NetworkFamily::convolution_2d, {1, 12, 12}, 4, 2, {1, 3, 5, 7, 9}, {4, 8, 16}};
  settings.search.trials = trials;
  settings.search.workers = workers;
  settings.search.latency_requirement_s = 3;
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

  TrainedNetwork operator()(const Network& network, std::uint64_t seed,
                            const std::atomic<bool>& stop) {
    int call = 0;
    {
      const std::lock_guard lock(mutex_);
      call = calls_++;
      architectures_.insert(weight_count(network));
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
  std::multiset<std::int64_t> architectures_;
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
        EXPECT_EQ(other->trials[index].reward, fast.trials[index].reward);
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
      EXPECT_EQ(trial.reward, -0.1);
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

TEST(Search, ErrorsOfTrainingReachTheCaller) {
  const Settings settings = search_settings(100, 2);
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  const auto strategy = make_strategy(settings, explorer);
  const std::atomic<bool> stop{false};
  const TrainChild failing = [](const Network&, std::uint64_t,
                                const std::atomic<bool>&) -> TrainedNetwork {
    throw std::runtime_error("out of memory");
  };
  EXPECT_THROW((void)run_search(settings, explorer, *strategy, failing, stop, {}),
               std::runtime_error);
}

}  // namespace
}  // namespace inas::nas
