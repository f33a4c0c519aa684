#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <support/architectures.hpp>

#include <inas/core/error.hpp>
#include <inas/core/strategies.hpp>
#include <inas/nas/controller.hpp>
#include <inas/nas/reward.hpp>
#include <inas/nas/strategy.hpp>

namespace inas::nas {
namespace {

Settings small_settings(const std::string& strategy) {
  Settings settings;
  settings.space = {NetworkFamily::convolution_2d, {1, 12, 12}, 4, 2, {1, 3, 5}, {4, 8}};
  settings.search.strategy = strategy;
  return settings;
}

explorer::Explorer explorer_of(const Settings& settings) {
  return explorer::Explorer(costmodel::make_device(settings.platform, settings.power),
                            settings.explorer);
}

TEST(RandomStrategy, EveryArchitectureIsEquallyLikely) {
  Settings settings = small_settings("random");
  settings.search.feasible_only = false;
  explorer::Explorer explorer = explorer_of(settings);
  const auto strategy = make_strategy(settings, explorer);
  std::map<Architecture, int> count;
  for (int draw = 0; draw < 7200; ++draw) ++count[strategy->propose().architecture];
  ASSERT_EQ(count.size(), 36u);
  double chi_squared = 0;
  for (const auto& [architecture, seen] : count) chi_squared += (seen - 200) * (seen - 200) / 200.0;
  EXPECT_LT(chi_squared, 73);
}

TEST(RandomFeasibleStrategy, ProposesEveryFeasibleArchitectureAndNoOther) {
  Settings settings = small_settings("random");
  explorer::Explorer explorer = explorer_of(settings);
  std::vector<double> latencies;
  for (const Architecture& architecture : test::all_architectures(settings.space)) {
    latencies.push_back(explorer.explore(settings.space, architecture).latency_s);
  }
  std::sort(latencies.begin(), latencies.end());
  settings.search.latency_requirement_s = latencies[latencies.size() / 3];
  std::set<Architecture> feasible;
  for (const Architecture& architecture : test::all_architectures(settings.space)) {
    if (explorer.explore(settings.space, architecture, settings.search.latency_requirement_s)
            .feasible()) {
      feasible.insert(architecture);
    }
  }
  const auto strategy = make_strategy(settings, explorer);
  std::map<Architecture, int> count;
  constexpr int kPerArchitecture = 200;
  const int draws = kPerArchitecture * static_cast<int>(feasible.size());
  for (int draw = 0; draw < draws; ++draw) ++count[strategy->propose().architecture];
  double chi_squared = 0;
  std::set<Architecture> seen;
  for (const auto& [architecture, times] : count) {
    seen.insert(architecture);
    chi_squared += (times - kPerArchitecture) * (times - kPerArchitecture) / 200.0;
  }
  EXPECT_EQ(seen, feasible);
  ASSERT_GT(feasible.size(), 8u);
  ASSERT_LT(feasible.size(), 16u) << "the bound below is for at most 14 degrees of freedom";
  EXPECT_LT(chi_squared, 40);  // 14 degrees of freedom: exceeded once in 4000 seeds
}

TEST(Strategy, TheSameSeedGivesTheSameProposalsAndAnotherOneOthers) {
  for (const StrategyInfo& info : strategies()) {
    SCOPED_TRACE(info.name);
    Settings settings = small_settings(std::string(info.name));
    explorer::Explorer explorer = explorer_of(settings);
    const auto a = make_strategy(settings, explorer);
    const auto b = make_strategy(settings, explorer);
    settings.search.seed = 2;
    const auto other = make_strategy(settings, explorer);
    bool differs = false;
    for (int draw = 0; draw < 30; ++draw) {
      const Architecture proposal = a->propose().architecture;
      EXPECT_NO_THROW(validate(settings.space, proposal));
      EXPECT_EQ(proposal, b->propose().architecture);
      differs = differs || proposal != other->propose().architecture;
    }
    EXPECT_TRUE(differs);
  }
}

Trial trial_of(const Architecture& architecture, Outcome outcome, double accuracy = 0) {
  Trial trial;
  trial.architecture = architecture;
  trial.outcome = outcome;
  trial.network.latency_s = 50;
  const bool trained = outcome == Outcome::trained || outcome == Outcome::known;
  if (trained) trial.accuracy = accuracy;
  return trial;
}

TEST(Strategy, ReinforceIsTheControllerWithThePapersReward) {
  Settings settings = small_settings("reinforce");
  settings.search.feasible_only = false;
  settings.search.latency_requirement_s = 100;
  explorer::Explorer explorer = explorer_of(settings);
  const auto strategy = make_strategy(settings, explorer);
  Controller controller(settings.space, settings.controller, settings.search.seed);
  Reward reward(settings.controller);
  const std::vector<std::pair<Outcome, double>> became{
      {Outcome::infeasible, 0}, {Outcome::trained, 0.6}, {Outcome::too_slow, 0},
      {Outcome::trained, 0.62}, {Outcome::known, 0.6},   {Outcome::diverged, 0}};
  for (const auto& [outcome, accuracy] : became) {
    SCOPED_TRACE(to_string(outcome));
    const Architecture proposal = strategy->propose().architecture;
    ASSERT_EQ(proposal, controller.propose());
    const Trial trial = trial_of(proposal, outcome, accuracy);
    const double expected = trial.accuracy ? reward.accepted(accuracy, 50, 100) : -0.1;
    controller.learn(proposal, expected);
    EXPECT_EQ(strategy->learn(trial), (Lesson{expected, reward.moving_accuracy()}));
  }
  for (int draw = 0; draw < 20; ++draw)
    EXPECT_EQ(strategy->propose().architecture, controller.propose());
}

TEST(Strategy, RandomHasNoRewardAndLearnsNothing) {
  for (const bool feasible_only : {true, false}) {
    Settings settings = small_settings("random");
    settings.search.feasible_only = feasible_only;
    explorer::Explorer explorer = explorer_of(settings);
    const auto told = make_strategy(settings, explorer);
    const auto untold = make_strategy(settings, explorer);
    for (int draw = 0; draw < 20; ++draw) {
      const Architecture proposal = told->propose().architecture;
      EXPECT_EQ(proposal, untold->propose().architecture);
      EXPECT_EQ(told->learn(trial_of(proposal, Outcome::trained, 0.5)), Lesson{});
    }
  }
}

TEST(Strategy, EachThatSettingsKnowCanBeMade) {
  ASSERT_FALSE(strategies().empty());
  for (const StrategyInfo& strategy : strategies()) {
    SCOPED_TRACE(strategy.name);
    const Settings settings = small_settings(std::string(strategy.name));
    explorer::Explorer explorer = explorer_of(settings);
    EXPECT_NO_THROW(
        validate(settings.space, make_strategy(settings, explorer)->propose().architecture));
  }
}

TEST(Strategy, PoolsAreChoicesLikeOthers) {
  Settings settings = small_settings("reinforce");
  settings.space.pools = {1, 2};
  settings.search.feasible_only = false;
  explorer::Explorer explorer = explorer_of(settings);
  for (const char* name : {"reinforce", "random"}) {
    settings.search.strategy = name;
    const auto strategy = make_strategy(settings, explorer);
    std::set<std::int64_t> pools;
    for (int draw = 0; draw < 40; ++draw) {
      const Architecture proposal = strategy->propose().architecture;
      EXPECT_NO_THROW(validate(settings.space, proposal));
      (void)strategy->learn(trial_of(proposal, Outcome::trained, 0.5));
      pools.insert(proposal.at(5));
    }
    EXPECT_EQ(pools, (std::set<std::int64_t>{1, 2}));
  }
}

TEST(RandomFeasibleStrategy, SaysSoIfNothingIsFeasible) {
  Settings settings = small_settings("random");
  settings.search.latency_requirement_s = 1e-9;
  explorer::Explorer explorer = explorer_of(settings);
  const auto strategy = make_strategy(settings, explorer);
  EXPECT_THROW((void)strategy->propose().architecture, Error);
}

}  // namespace
}  // namespace inas::nas
