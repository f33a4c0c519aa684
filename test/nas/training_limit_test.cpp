#include <atomic>

#include <gtest/gtest.h>

#include <inas/nas/training_limit.hpp>

namespace inas::nas {
namespace {

constexpr double kPassedAtOnce_s = 1e-9;
constexpr double kNeverPassed_s = 1e9;

/// Ends one epoch after the other until it is told to stop; `most` epochs at most, and the first
/// `sure` of them in any case.
ObservedTraining epochs_until_stopped(std::int64_t sure, std::int64_t most) {
  return [sure, most](const Stop& until, const EpochObserver& observer) {
    TrainedNetwork trained;
    for (std::int64_t epoch = 1; epoch <= most; ++epoch) {
      if (epoch > sure && until) return trained;
      trained.epoch_accuracies.push_back(0.1);
      if (observer) observer(epoch, 0.1);
    }
    trained.completed = true;
    return trained;
  };
}

TrainedNetwork within(double limit_s, const Stop& stop, std::int64_t sure) {
  return train_within(limit_s, stop, [&](const Stop& until) {
    return epochs_until_stopped(sure, sure + 1'000'000'000)(until, {});
  });
}

TEST(TrainingLimit, WhatItEndsIsCompletedWithTheEpochsThatHadEnded) {
  const TrainedNetwork none = within(kPassedAtOnce_s, {}, 0);
  EXPECT_TRUE(none.completed && none.too_long && none.useless());
  const TrainedNetwork some = within(kPassedAtOnce_s, {}, 2);
  EXPECT_TRUE(some.completed && some.too_long);
  EXPECT_FALSE(some.useless());
  EXPECT_GE(some.epoch_accuracies.size(), 2u);
}

TEST(TrainingLimit, WhatTheStopEndsIsNotCompletedWhateverTheLimit) {
  const std::atomic<bool> stop{true};
  for (const double limit_s : {0.0, kPassedAtOnce_s, kNeverPassed_s}) {
    const TrainedNetwork trained = within(limit_s, stop, 2);
    EXPECT_FALSE(trained.completed || trained.too_long) << limit_s;
  }
}

TEST(TrainingLimit, WhatEndsBeforeItOrWithoutOneIsAsIfThereWereNone) {
  for (const double limit_s : {0.0, kNeverPassed_s}) {
    const TrainedNetwork trained = train_within(limit_s, {}, [](const Stop& until) {
      EXPECT_FALSE(until);
      return epochs_until_stopped(0, 3)(until, {});
    });
    EXPECT_TRUE(trained.completed) << limit_s;
    EXPECT_FALSE(trained.too_long) << limit_s;
    EXPECT_EQ(trained.epoch_accuracies.size(), 3u) << limit_s;
  }
}

TEST(TrainingLimit, TheFirstEpochsOfATrainingAreMadeAgain) {
  const TrainedNetwork trained = train_epochs(2, {}, epochs_until_stopped(0, 5));
  EXPECT_TRUE(trained.completed);
  EXPECT_EQ(trained.epoch_accuracies.size(), 2u);
  const std::atomic<bool> stop{true};
  EXPECT_FALSE(train_epochs(2, stop, epochs_until_stopped(0, 5)).completed);
}

}  // namespace
}  // namespace inas::nas
