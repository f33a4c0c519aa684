#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <string>

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
              << inas::to_string(architecture);
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

/// The policy and its update again, plainly: doubles, loops, and the gradient of the loss by
/// central differences. It shares nothing with the controller but the order in which the initial
/// weights are drawn.
class PlainPolicy {
 public:
  PlainPolicy(const SearchSpace& space, const ControllerSettings& settings, std::uint64_t seed)
      : decisions_(decisions(space)), settings_(settings) {
    std::mt19937_64 random(seed);
    const auto uniform = [&](std::int64_t count, double bound) {
      const std::size_t first = weights_.size();
      for (std::int64_t index = 0; index < count; ++index) {
        const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
        // The controller's weights are floats.
        weights_.push_back(static_cast<float>((2 * unit - 1) * bound));
      }
      return first;
    };
    const auto zeros = [&](std::int64_t count) {
      const std::size_t first = weights_.size();
      weights_.resize(first + static_cast<std::size_t>(count), 0.0);
      return first;
    };
    const auto glorot = [&](std::int64_t inputs, std::int64_t outputs) {
      return uniform(inputs * outputs, std::sqrt(6.0 / static_cast<double>(inputs + outputs)));
    };
    start_ = uniform(settings.embedding, 1);
    for (const Decision& decision : decisions_) {
      const auto choices = static_cast<std::int64_t>(decision.values.size());
      if (embeddings_.count(decision.name) == 0) {
        embeddings_[decision.name] = uniform(choices * settings.embedding, 1);
      }
      classifiers_.push_back(glorot(settings.cells, choices));
      biases_.push_back(zeros(choices));
    }
    input_to_gates_ = glorot(settings.embedding, 4 * settings.cells);
    hidden_to_gates_ = glorot(settings.cells, 4 * settings.cells);
    gate_bias_ = zeros(4 * settings.cells);
    mean_squares_.assign(weights_.size(), 1.0);
  }

  [[nodiscard]] std::vector<std::vector<double>> probabilities(const Architecture& taken) const {
    const auto cells = static_cast<std::size_t>(settings_.cells);
    const auto width = static_cast<std::size_t>(settings_.embedding);
    std::vector<double> hidden(cells, 0.0);
    std::vector<double> cell(cells, 0.0);
    std::size_t input = start_;
    std::vector<std::vector<double>> rows;
    for (std::size_t index = 0; index < decisions_.size(); ++index) {
      std::vector<double> gates(4 * cells);
      for (std::size_t gate = 0; gate < gates.size(); ++gate) {
        gates[gate] = weights_[gate_bias_ + gate];
        for (std::size_t row = 0; row < width; ++row) {
          gates[gate] += weights_[input + row] * weights_[input_to_gates_ + row * 4 * cells + gate];
        }
        for (std::size_t row = 0; row < cells; ++row) {
          gates[gate] += hidden[row] * weights_[hidden_to_gates_ + row * 4 * cells + gate];
        }
      }
      const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
      for (std::size_t at = 0; at < cells; ++at) {
        cell[at] = sigmoid(gates[cells + at]) * cell[at] +
                   sigmoid(gates[at]) * std::tanh(gates[2 * cells + at]);
        hidden[at] = sigmoid(gates[3 * cells + at]) * std::tanh(cell[at]);
      }
      const auto& values = decisions_[index].values;
      std::vector<double> row(values.size());
      double sum = 0;
      for (std::size_t choice = 0; choice < row.size(); ++choice) {
        double logit = weights_[biases_[index] + choice];
        for (std::size_t at = 0; at < cells; ++at) {
          logit += hidden[at] * weights_[classifiers_[index] + at * row.size() + choice];
        }
        row[choice] = std::exp(logit);
        sum += row[choice];
      }
      for (double& p : row) p /= sum;
      rows.push_back(row);
      input = embeddings_.at(decisions_[index].name) + choice_of(taken, index) * width;
    }
    return rows;
  }

  void learn(const Architecture& proposal, double reward) {
    constexpr double kStep = 1e-5;
    std::vector<double> gradient(weights_.size());
    for (std::size_t at = 0; at < weights_.size(); ++at) {
      const double weight = weights_[at];
      weights_[at] = weight + kStep;
      const double above = loss(proposal, reward);
      weights_[at] = weight - kStep;
      const double below = loss(proposal, reward);
      weights_[at] = weight;
      gradient[at] = (above - below) / (2 * kStep);
    }
    const double rate =
        settings_.learning_rate *
        std::pow(settings_.decay_rate, static_cast<double>(steps_ / settings_.decay_steps));
    for (std::size_t at = 0; at < weights_.size(); ++at) {
      mean_squares_[at] = 0.9 * mean_squares_[at] + 0.1 * gradient[at] * gradient[at];
      weights_[at] -= rate * gradient[at] / std::sqrt(mean_squares_[at] + 1e-10);
    }
    ++steps_;
  }

 private:
  [[nodiscard]] std::size_t choice_of(const Architecture& architecture, std::size_t index) const {
    const auto& values = decisions_[index].values;
    return static_cast<std::size_t>(std::find(values.begin(), values.end(), architecture[index]) -
                                    values.begin());
  }

  [[nodiscard]] double loss(const Architecture& proposal, double reward) const {
    const auto rows = probabilities(proposal);
    double sum = 0;
    for (std::size_t index = 0; index < rows.size(); ++index) {
      sum -= reward * std::log(rows[index][choice_of(proposal, index)]);
    }
    for (const double weight : weights_) sum += settings_.regularization * weight * weight;
    return sum;
  }

  std::vector<Decision> decisions_;
  ControllerSettings settings_;
  std::vector<double> weights_;  // all of them; the members below say where each part begins
  std::size_t start_ = 0;
  std::map<std::string, std::size_t> embeddings_;
  std::vector<std::size_t> classifiers_;
  std::vector<std::size_t> biases_;
  std::size_t input_to_gates_ = 0;
  std::size_t hidden_to_gates_ = 0;
  std::size_t gate_bias_ = 0;
  std::vector<double> mean_squares_;
  std::int64_t steps_ = 0;
};

TEST(Controller, UpdatesEqualThoseOfAFiniteDifferenceGradient) {
  ControllerSettings settings = without_exploration();
  settings.cells = 3;
  settings.embedding = 2;
  settings.regularization = 0.02;
  settings.learning_rate = 0.5;
  settings.decay_rate = 0.5;
  settings.decay_steps = 2;
  // Rewards far beyond the search's, so that the squares of the gradient count in the mean.
  const std::vector<std::pair<Architecture, double>> trials{
      {{3, 8, 1, 4}, 0.8}, {{5, 4, 5, 8}, -0.5}, {{3, 4, 1, 8}, 0.3}, {{1, 8, 3, 4}, 1.0}};
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Controller controller(small_space(), settings, seed);
    PlainPolicy plain(small_space(), settings, seed);
    for (std::size_t step = 0; step <= trials.size(); ++step) {
      for (const auto& [architecture, reward] : trials) {
        const auto found = controller.probabilities(architecture);
        const auto expected = plain.probabilities(architecture);
        ASSERT_EQ(found.size(), expected.size());
        for (std::size_t index = 0; index < expected.size(); ++index) {
          ASSERT_EQ(found[index].size(), expected[index].size());
          for (std::size_t choice = 0; choice < expected[index].size(); ++choice) {
            EXPECT_NEAR(found[index][choice], expected[index][choice], 2e-6)
                << "seed " << seed << ", after " << step << " steps, decision " << index;
          }
        }
      }
      if (step == trials.size()) break;
      controller.learn(trials[step].first, trials[step].second);
      plain.learn(trials[step].first, trials[step].second);
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
