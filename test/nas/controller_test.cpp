#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <gtest/gtest.h>

#include <inas/core/error.hpp>
#include <inas/nas/controller.hpp>

namespace inas::nas {
namespace {

SearchSpace small_space() {
  return {NetworkFamily::convolution_2d, {1, 12, 12}, 4, 2, {1, 3, 5}, {4, 8}};
}

ControllerSettings without_exploration() {
  ControllerSettings settings;
  settings.exploration = 0;
  return settings;
}

double log_probability(const Controller& controller, const SearchSpace& space,
                       const Architecture& architecture) {
  const std::vector<Decision> all = decisions(space);
  const auto rows = controller.probabilities(architecture);
  double sum = 0;
  for (std::size_t index = 0; index < all.size(); ++index) {
    const auto& values = all[index].values;
    const auto at = std::find(values.begin(), values.end(), architecture[index]) - values.begin();
    sum += std::log(rows[index][static_cast<std::size_t>(at)]);
  }
  return sum;
}

TEST(Controller, ProbabilitiesOfEveryDecisionSumToOne) {
  const Controller controller(small_space(), {}, 1);
  const auto rows = controller.probabilities({3, 8, 1, 4});
  ASSERT_EQ(rows.size(), 4u);
  for (const auto& row : rows) {
    EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1, 1e-5);
    for (const double p : row) EXPECT_GT(p, 0);
  }
}

TEST(Controller, DrawsFromTheSoftmaxInsteadOfTakingItsMaximum) {
  Controller controller(small_space(), without_exploration(), 3);
  const auto p = controller.probabilities({1, 4, 1, 4})[0];
  std::map<std::int64_t, double> share;
  constexpr int kDraws = 4000;
  for (int draw = 0; draw < kDraws; ++draw) share[controller.propose()[0]] += 1.0 / kDraws;
  // Four standard deviations of a share of 4000 draws are below 0.032.
  EXPECT_NEAR(share[1], p[0], 0.032);
  EXPECT_NEAR(share[3], p[1], 0.032);
  EXPECT_NEAR(share[5], p[2], 0.032);
}

TEST(Controller, WholeProposalsAreAsFrequentAsTheProductOfTheirProbabilities) {
  // Later decisions are drawn given the earlier ones: checks that both see the same memory.
  Controller controller(small_space(), without_exploration(), 11);
  for (int round = 0; round < 15; ++round) controller.learn({5, 8, 3, 4}, 0.1);
  std::map<Architecture, int> count;
  constexpr int kDraws = 6000;
  for (int draw = 0; draw < kDraws; ++draw) ++count[controller.propose()];
  double total = 0;
  for (const std::int64_t first : {1, 3, 5}) {
    for (const std::int64_t second : {4, 8}) {
      for (const std::int64_t third : {1, 3, 5}) {
        for (const std::int64_t fourth : {4, 8}) {
          const Architecture architecture{first, second, third, fourth};
          const double p = std::exp(log_probability(controller, small_space(), architecture));
          total += p;
          const double deviation = std::sqrt(p * (1 - p) / kDraws);
          EXPECT_NEAR(count[architecture] / double{kDraws}, p, 4.5 * deviation + 1.0 / kDraws)
              << to_string(architecture);
        }
      }
    }
  }
  EXPECT_NEAR(total, 1, 1e-4);
}

TEST(Controller, FullExplorationIsUniform) {
  ControllerSettings settings;
  settings.exploration = 1;
  Controller controller(small_space(), settings, 5);
  for (int round = 0; round < 50; ++round) controller.learn({1, 4, 1, 4}, 0.1);
  std::map<Architecture, int> count;
  constexpr int kDraws = 7200;
  for (int draw = 0; draw < kDraws; ++draw) ++count[controller.propose()];
  ASSERT_EQ(count.size(), 36u);
  double chi_squared = 0;
  for (const auto& [architecture, seen] : count) chi_squared += (seen - 200) * (seen - 200) / 200.0;
  EXPECT_LT(chi_squared, 73);  // 35 degrees of freedom: exceeded once in 5000 seeds
}

TEST(Controller, ARewardMovesTheProbabilityOfTheProposalItsWay) {
  ControllerSettings settings = without_exploration();
  settings.regularization = 0;
  for (const double reward : {0.1, -0.1}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      SCOPED_TRACE(testing::Message() << "reward " << reward << " seed " << seed);
      Controller controller(small_space(), settings, seed);
      const Architecture proposal = controller.propose();
      const double before = log_probability(controller, small_space(), proposal);
      controller.learn(proposal, reward);
      const double after = log_probability(controller, small_space(), proposal);
      if (reward > 0) {
        EXPECT_GT(after, before);
      } else {
        EXPECT_LT(after, before);
      }
    }
  }
}

TEST(Controller, ARewardOfZeroWithoutRegularisationChangesNothing) {
  ControllerSettings settings;
  settings.regularization = 0;
  Controller controller(small_space(), settings, 1);
  const auto before = controller.probabilities({3, 8, 1, 4});
  controller.learn({3, 8, 1, 4}, 0);
  EXPECT_EQ(controller.probabilities({3, 8, 1, 4}), before);
}

/// The change of log p(observed) per step on `rewarded`, half the difference between a reward and
/// its opposite, which removes what is quadratic in the step.
double response(std::uint64_t seed, const Architecture& rewarded, const Architecture& observed,
                double reward, int steps) {
  ControllerSettings settings = without_exploration();
  settings.regularization = 0;
  Controller up(small_space(), settings, seed);
  Controller down(small_space(), settings, seed);
  for (int step = 0; step < steps; ++step) {
    up.learn(rewarded, reward);
    down.learn(rewarded, -reward);
  }
  return (log_probability(up, small_space(), observed) -
          log_probability(down, small_space(), observed)) /
         2;
}

TEST(Controller, AStepFollowsTheGradientOfTheProbabilityThatItReports) {
  // A step along ∇log p(a) changes log p(b) by ∇log p(b)·∇log p(a), which is symmetric in a and b.
  // A step along anything else than the gradient of what probabilities() reports is not.
  const std::vector<Architecture> all{{1, 4, 1, 4}, {3, 8, 1, 4}, {5, 4, 3, 8}, {3, 8, 5, 8}};
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    double largest = 0;
    for (const Architecture& a : all) largest = std::max(largest, response(seed, a, a, 0.01, 1));
    ASSERT_GT(largest, 1e-4);
    for (const Architecture& a : all) {
      for (const Architecture& b : all) {
        EXPECT_NEAR(response(seed, a, b, 0.01, 1), response(seed, b, a, 0.01, 1), 2e-3 * largest)
            << "seed " << seed << ", " << to_string(a) << " and " << to_string(b);
      }
    }
  }
}

TEST(Controller, StepsAreThoseOfRmsPropWhoseMeanSquareStartsAtOne) {
  // While gradients are far below one, the mean square is 0.9^n after n steps, so a step is
  // proportional to the reward and 1/√0.9 times the one before. With a mean that starts at zero
  // the step would not depend on the reward at all.
  const Architecture proposal{3, 8, 1, 4};
  const double one = response(1, proposal, proposal, 0.01, 1);
  EXPECT_NEAR(response(1, proposal, proposal, 0.005, 1) / one, 0.5, 2e-3);
  EXPECT_NEAR(response(1, proposal, proposal, 0.01, 2) / one - 1, 1 / std::sqrt(0.9), 5e-3);
}

TEST(Controller, TheFirstStepHasTheLengthOfTheUpdateRule) {
  // The gradient of the L2 term is 2·regularization·w, the step of it rate·gradient/√0.9 to nine
  // digits: at this rate exactly −w. All weights become zero and every choice equally likely.
  ControllerSettings settings;
  settings.regularization = 1e-4;
  settings.learning_rate = std::sqrt(0.9) / (2 * settings.regularization);
  Controller controller(small_space(), settings, 1);
  controller.learn({3, 8, 1, 4}, 0);
  for (const auto& row : controller.probabilities({3, 8, 1, 4})) {
    for (const double p : row) EXPECT_NEAR(p, 1.0 / static_cast<double>(row.size()), 1e-7);
  }
}

TEST(Controller, RegularisationFlattensThePolicy) {
  ControllerSettings settings;
  settings.regularization = 0.1;
  Controller controller(small_space(), settings, 1);
  for (int round = 0; round < 300; ++round) controller.learn({3, 8, 1, 4}, 0);
  for (const auto& row : controller.probabilities({3, 8, 1, 4})) {
    for (const double p : row) EXPECT_NEAR(p, 1.0 / static_cast<double>(row.size()), 0.02);
  }
}

TEST(Controller, TheLearningRateDecaysInStairs) {
  // With a decay to nothing after two steps, the third reward can no longer move the policy.
  ControllerSettings settings;
  settings.decay_rate = 0;
  settings.decay_steps = 2;
  Controller controller(small_space(), settings, 1);
  const Architecture proposal{3, 8, 1, 4};
  std::vector<std::vector<std::vector<double>>> history{controller.probabilities(proposal)};
  for (int step = 0; step < 3; ++step) {
    controller.learn(proposal, 0.1);
    history.push_back(controller.probabilities(proposal));
  }
  EXPECT_NE(history[1], history[0]);
  EXPECT_NE(history[2], history[1]);
  EXPECT_EQ(history[3], history[2]);
}

TEST(Controller, LearnsWhichChoicesAreRewarded) {
  ControllerSettings settings;
  Controller controller(small_space(), settings, 2);
  const auto share_of_good = [&] {
    int good = 0;
    for (int draw = 0; draw < 300; ++draw) good += controller.propose()[2] == 5 ? 1 : 0;
    return good / 300.0;
  };
  const double before = share_of_good();
  for (int trial = 0; trial < 400; ++trial) {
    const Architecture proposal = controller.propose();
    controller.learn(proposal, proposal[2] == 5 ? 0.1 : -0.1);
  }
  const double after = share_of_good();
  EXPECT_LT(before, 0.6);
  EXPECT_GT(after, 0.8);
}

TEST(Controller, TheSameSeedGivesTheSameProposals) {
  Controller a(small_space(), {}, 7);
  Controller b(small_space(), {}, 7);
  Controller c(small_space(), {}, 8);
  bool differs = false;
  for (int trial = 0; trial < 50; ++trial) {
    const Architecture proposal = a.propose();
    ASSERT_EQ(proposal, b.propose());
    differs = differs || proposal != c.propose();
    a.learn(proposal, 0.05);
    b.learn(proposal, 0.05);
  }
  EXPECT_TRUE(differs);
}

TEST(Controller, AForeignArchitectureIsRefused) {
  Controller controller(small_space(), {}, 1);
  EXPECT_THROW(controller.learn({2, 4, 1, 4}, 0.1), InvalidArgument);
}

}  // namespace
}  // namespace inas::nas
