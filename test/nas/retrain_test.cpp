#include <chrono>

#include <gtest/gtest.h>

#include <inas/nas/retrain.hpp>
#include <inas/nas/run_limit.hpp>

namespace inas::nas {
namespace {

const std::vector<Tensor> kChild{{"w", {1}, {1.0F}}};
const std::vector<Tensor> kRetrained{{"w", {1}, {2.0F}}};

Settings retraining_settings(std::int64_t epochs) {
  Settings settings;
  settings.space.layers = 1;
  settings.training.final_epochs = epochs;
  settings.training.final_train_images = 123;
  settings.search.seed = 7;
  return settings;
}

BestTrial child(double accuracy) {
  BestTrial best{.trial = {}, .weights = kChild};
  best.trial.architecture = {3, 8};
  best.trial.accuracy = accuracy;
  return best;
}

TrainWinner gives(const TrainedNetwork& network) {
  return [network](const Network&, const TrainingRun&, const Stop&, const EpochObserver&) {
    return network;
  };
}

TrainedNetwork trained(std::vector<double> accuracies) {
  TrainedNetwork network;
  network.epoch_accuracies = accuracies;
  for (const double accuracy : accuracies) {
    network.validation_accuracy = std::max(network.validation_accuracy, accuracy);
  }
  network.weights = kRetrained;
  network.completed = true;
  return network;
}

TEST(Retrain, TheBetterWeightsAreKept) {
  const Settings settings = retraining_settings(2);
  const Retraining better = retrain(settings, child(0.5), gives(trained({0.4, 0.6})), {}, {});
  EXPECT_TRUE(better.better);
  EXPECT_EQ(better.weights, kRetrained);
  EXPECT_EQ(better.validation_accuracy, 0.6);
  EXPECT_EQ(better.epochs, 2);
  const Retraining worse = retrain(settings, child(0.5), gives(trained({0.4, 0.5})), {}, {});
  EXPECT_FALSE(worse.better);
  EXPECT_EQ(worse.weights, kChild);
  EXPECT_EQ(worse.validation_accuracy, 0.5);
}

TEST(Retrain, ItTrainsAsTheSettingsSay) {
  TrainingRun seen;
  std::string last;
  const TrainWinner train = [&](const Network& network, const TrainingRun& run, const Stop&,
                                const EpochObserver&) {
    seen = run;
    last = network.layers.back().name;
    return trained({0.6});
  };
  (void)retrain(retraining_settings(4), child(0.5), train, {}, {});
  EXPECT_EQ(seen.epochs, 4);
  EXPECT_EQ(seen.train_images, 123);
  EXPECT_EQ(seen.seed, 7u);
  EXPECT_EQ(last, "FC_END");
}

TEST(Retrain, ADivergingRetrainingKeepsTheChild) {
  TrainedNetwork network = trained({});
  network.diverged = true;
  const Retraining result = retrain(retraining_settings(3), child(0.5), gives(network), {}, {});
  EXPECT_TRUE(result.diverged);
  EXPECT_FALSE(result.better);
  EXPECT_EQ(result.weights, kChild);
}

TEST(Retrain, AStoppedRetrainingKeepsItsBestEpochIfThatIsBetter) {
  TrainedNetwork network = trained({0.7});
  network.completed = false;
  const Retraining result = retrain(retraining_settings(3), child(0.5), gives(network), {}, {});
  EXPECT_TRUE(result.stopped);
  EXPECT_TRUE(result.better);
  EXPECT_EQ(result.epochs, 1);
  network = trained({});
  network.completed = false;
  EXPECT_EQ(retrain(retraining_settings(3), child(0.5), gives(network), {}, {}).weights, kChild);
}

TEST(Retrain, NothingIsTrainedForNoEpochsOrWithoutTime) {
  const TrainWinner never = [](const Network&, const TrainingRun&, const Stop&,
                               const EpochObserver&) -> TrainedNetwork {
    ADD_FAILURE() << "trained";
    return {};
  };
  const Retraining none = retrain(retraining_settings(0), child(0.5), never, {}, {});
  EXPECT_FALSE(none.stopped);
  EXPECT_EQ(none.weights, kChild);
  const std::atomic<bool> stop{true};
  EXPECT_TRUE(retrain(retraining_settings(3), child(0.5), never, stop, {}).stopped);
}

using std::chrono::hours;

/// A run limit of ten hours, seen some hours after the start: the test takes no time.
RunLimit ten_hours(double time_limit_s, int hours_ago) {
  SearchSettings search;
  search.run_limit_s = 10 * 3600;
  search.time_limit_s = time_limit_s;
  return {search, Stop::Clock::now() - hours(hours_ago)};
}

TEST(RunLimit, TheSearchGetsHalfOfIt) {
  EXPECT_FALSE(ten_hours(0, 4).search({}));
  EXPECT_TRUE(ten_hours(0, 6).search({}));
}

TEST(RunLimit, ATimeLimitOfItsOwnGivesTheSearchNineTenths) {
  EXPECT_FALSE(ten_hours(3600, 8).search({}));
  EXPECT_TRUE(ten_hours(3600, 10).search({}));
}

TEST(RunLimit, RetrainingLeavesWhatTheRestNeeds) {
  EXPECT_FALSE(ten_hours(0, 6).retraining({}, 3 * 3600));
  EXPECT_TRUE(ten_hours(0, 8).retraining({}, 3 * 3600));
  EXPECT_TRUE(ten_hours(0, 1).retraining({}, 11 * 3600));
}

TEST(RunLimit, TheWholeEndsAtIt) {
  EXPECT_FALSE(ten_hours(0, 9).whole({}));
  EXPECT_TRUE(ten_hours(0, 11).whole({}));
}

TEST(RunLimit, WithoutOneOnlyTheSignalEnds) {
  const RunLimit none(SearchSettings{}, Stop::Clock::now() - hours(1000));
  std::atomic<bool> signal{false};
  EXPECT_FALSE(none.exists());
  for (const Stop& stop : {none.search(signal), none.retraining(signal, 1e9), none.whole(signal)}) {
    signal = false;
    EXPECT_FALSE(stop);
    signal = true;
    EXPECT_TRUE(stop);
  }
}

}  // namespace
}  // namespace inas::nas
