#include "strategies/halving.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "strategies/factories.hpp"
#include "strategies/short_effort.hpp"

namespace inas::nas {
namespace {

TEST(Ladder, PromotesTheBestOfEachRungOnceItIsOneInSoMany) {
  Ladder ladder(3, 3);
  ladder.add(0, {1}, 0.5);
  ladder.add(0, {2}, 0.7);
  EXPECT_EQ(ladder.promote(), std::nullopt);
  ladder.add(0, {3}, 0.6);
  EXPECT_EQ(ladder.promote(), (Ladder::Promotion{{2}, 1}));
  EXPECT_EQ(ladder.promote(), std::nullopt);  // once
  ladder.add(0, {4}, 0.8);                    // it is the best now, and the only one in three
  EXPECT_EQ(ladder.promote(), (Ladder::Promotion{{4}, 1}));
  for (std::int64_t worse = 5; worse < 10; ++worse) ladder.add(0, {worse}, 0.1);
  EXPECT_EQ(ladder.promote(), (Ladder::Promotion{{3}, 1}));
  for (std::int64_t network : {2, 3, 4}) ladder.add(1, {network}, 0.9);
  EXPECT_EQ(ladder.promote(), (Ladder::Promotion{{2}, 2})) << "the first of equals";
  EXPECT_EQ(ladder.promote(), std::nullopt);  // there is nothing above the last rung
}

/// The rule as it is written: of the highest rung that has one, the best that is among the best
/// ⌊n/η⌋ and was not promoted.
TEST(Ladder, EqualsASearchOverAllRungs) {
  for (const unsigned seed : {1U, 2U, 3U, 4U}) {
    std::mt19937 random(seed);
    const std::int64_t factor = 2 + static_cast<std::int64_t>(seed % 3);
    constexpr std::int64_t kRungs = 4;
    Ladder ladder(kRungs, factor);
    std::vector<std::vector<std::pair<double, Architecture>>> rungs(kRungs);
    std::set<std::pair<std::size_t, Architecture>> promoted;
    std::int64_t next = 0;
    for (int step = 0; step < 400; ++step) {
      std::optional<Ladder::Promotion> expected;
      for (std::size_t rung = kRungs - 1; rung-- > 0 && !expected;) {
        auto sorted = rungs[rung];
        std::stable_sort(sorted.begin(), sorted.end(),
                         [](const auto& a, const auto& b) { return a.first > b.first; });
        sorted.resize(sorted.size() / static_cast<std::size_t>(factor));
        for (const auto& [accuracy, network] : sorted) {
          if (expected || promoted.contains({rung, network})) continue;
          expected = Ladder::Promotion{network, static_cast<std::int64_t>(rung) + 1};
          promoted.insert({rung, network});
        }
      }
      ASSERT_EQ(ladder.promote(), expected) << "seed " << seed << ", step " << step;
      const Ladder::Promotion trained = expected.value_or(Ladder::Promotion{{++next}, 0});
      const double accuracy = static_cast<double>(random() % 50) / 50;
      ladder.add(trained.rung, trained.architecture, accuracy);
      rungs[static_cast<std::size_t>(trained.rung)].emplace_back(accuracy, trained.architecture);
    }
  }
}

TEST(ShortEffort, SavesEpochsFirstThenImagesAndNeverMakesATrainingUseless) {
  Settings settings;
  settings.training.epochs = 6;
  settings.training.batch_size = 50;
  settings.data.train_images = 10'000;
  EXPECT_EQ(short_effort(settings, 1), (Effort{6, 10'000}));
  EXPECT_EQ(short_effort(settings, 3), (Effort{2, 10'000}));
  EXPECT_EQ(short_effort(settings, 4), (Effort{1, 10'000}));  // 15,000 are more than there are
  EXPECT_EQ(short_effort(settings, 12), (Effort{1, 5'000}));
  EXPECT_EQ(short_effort(settings, 1'000'000), (Effort{1, 8 * 50}));
  settings.data.train_images = 300;
  EXPECT_EQ(short_effort(settings, 1'000'000), (Effort{1, 300}));
  settings.data.train_images = 0;  // all, however many
  EXPECT_EQ(short_effort(settings, 12), (Effort{1, 0}));
}

TEST(ShortEffort, CostIsTheRatioOfTheImagesSeen) {
  EXPECT_DOUBLE_EQ(cost({1, 2'500}, {3, 10'000}), 1.0 / 12);
  EXPECT_DOUBLE_EQ(cost({3, 10'000}, {3, 10'000}), 1);
  EXPECT_DOUBLE_EQ(cost({1, 0}, {4, 0}), 0.25);
}

/// Proposes 1, 2, 3 … and remembers what it is told.
class Counting final : public Strategy {
 public:
  Proposal propose() override { return {{++proposed}, {3, 9'000}}; }
  Lesson learn(const Trial& trial) override {
    told.push_back(trial.architecture);
    return {0.5, std::nullopt};
  }

  std::int64_t proposed = 0;
  std::vector<Architecture> told;
};

TEST(Halving, AsksItsProposerForTheLowestRungAndTellsItOfThatAlone) {
  Settings settings;
  settings.training.epochs = 3;
  settings.training.batch_size = 10;
  settings.data.train_images = 9'000;
  auto proposer = std::make_unique<Counting>();
  const Counting& counting = *proposer;
  const auto halving = make_halving(settings, std::move(proposer));
  std::map<std::pair<std::int64_t, std::int64_t>, int> trained;
  std::vector<Architecture> lowest;
  for (int trial = 0; trial < 200; ++trial) {
    const Proposal proposal = halving->propose();
    ++trained[{proposal.effort.epochs, proposal.effort.train_images}];
    Trial ended;
    ended.architecture = proposal.architecture;
    ended.effort = proposal.effort;
    ended.outcome = Outcome::trained;
    ended.accuracy = static_cast<double>(proposal.architecture[0] * 7 % 101) / 101;
    const bool is_lowest = proposal.effort == Effort{1, 3'000};
    if (is_lowest) lowest.push_back(proposal.architecture);
    EXPECT_EQ(halving->learn(ended).reward.has_value(), is_lowest);
  }
  EXPECT_EQ(counting.told, lowest);
  ASSERT_EQ(trained.size(), 3u);
  // Whoever was promoted need not stay among the best third.
  EXPECT_GE((trained[{1, 9'000}]), (trained[{1, 3'000}]) / 3);
  EXPECT_GE((trained[{3, 9'000}]), (trained[{1, 9'000}]) / 3);
  EXPECT_LT((trained[{1, 9'000}]), (trained[{1, 3'000}]));
  EXPECT_LT((trained[{3, 9'000}]), (trained[{1, 9'000}]));
}

/// Proposes the same network again and again, and remembers what it is told.
class Stubborn final : public Strategy {
 public:
  Proposal propose() override { return {{7}, {3, 9'000}}; }
  Lesson learn(const Trial& trial) override {
    told.push_back(trial);
    return {};
  }

  std::vector<Trial> told;
};

// A longer training's accuracy would be a reward for proposing the same again.
TEST(Halving, OfANetworkThatGoesUpAgainItsProposerIsToldWhatTheLowestRungGave) {
  Settings settings;
  settings.training.epochs = 3;
  settings.training.batch_size = 10;
  settings.data.train_images = 9'000;
  for (const bool diverges : {false, true}) {
    SCOPED_TRACE(diverges);
    auto proposer = std::make_unique<Stubborn>();
    const Stubborn& stubborn = *proposer;
    const auto halving = make_halving(settings, std::move(proposer));
    std::vector<Effort> efforts;
    for (int trial = 0; trial < 4; ++trial) {
      const Proposal proposal = halving->propose();
      efforts.push_back(proposal.effort);
      Trial ended;
      ended.architecture = proposal.architecture;
      ended.effort = proposal.effort;
      const bool has_diverged = diverges && trial == 0;
      ended.outcome = has_diverged ? Outcome::diverged : Outcome::trained;
      if (!has_diverged) ended.accuracy = 0.6 + 0.1 * trial;
      (void)halving->learn(ended);
    }
    EXPECT_EQ(efforts, (std::vector<Effort>{{1, 3'000}, {1, 9'000}, {3, 9'000}, {3, 9'000}}));
    ASSERT_EQ(stubborn.told.size(), 4U);
    for (const Trial& told : stubborn.told) {
      EXPECT_EQ(told.effort, efforts.front());
      EXPECT_EQ(told.accuracy, diverges ? std::nullopt : std::optional(0.6));
      EXPECT_EQ(told.outcome == Outcome::diverged, diverges);
    }
  }
}

TEST(Halving, ADivergedTrainingIsNotPromoted) {
  Settings settings;
  settings.strategies.set("halving.factor", std::int64_t{2});
  settings.strategies.set("halving.rungs", std::int64_t{2});
  const auto halving = make_halving(settings, std::make_unique<Counting>());
  for (std::int64_t trial = 1; trial <= 20; ++trial) {
    const Proposal proposal = halving->propose();
    EXPECT_EQ(proposal.architecture, Architecture{trial});
    Trial ended;
    ended.architecture = proposal.architecture;
    ended.effort = proposal.effort;
    ended.outcome = Outcome::diverged;
    (void)halving->learn(ended);
  }
}

}  // namespace
}  // namespace inas::nas
