#include <algorithm>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include <inas/nas/pareto.hpp>

#include "strategies/factories.hpp"

namespace inas::nas {
namespace {

std::vector<Point> random_points(std::size_t count, std::size_t objectives, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Point> points(count, Point(objectives));
  for (Point& point : points) {
    for (double& value : point) value = static_cast<double>(random() % 12);  // with equals
  }
  return points;
}

TEST(Dominance, IsNowhereWorseAndSomewhereBetter) {
  EXPECT_TRUE(dominates({1, 2}, {1, 3}));
  EXPECT_FALSE(dominates({1, 2}, {1, 2}));
  EXPECT_FALSE(dominates({0, 3}, {1, 2}));
  EXPECT_FALSE(dominates({1, 3}, {1, 2}));
}

/// The front of a point is the length of the longest chain of points that dominate one another
/// above it.
TEST(Fronts, EqualTheLongestChainsOfDominance) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    for (const std::size_t objectives : {2U, 3U, 5U}) {
      const std::vector<Point> points = random_points(60, objectives, seed);
      std::vector<std::int64_t> chains(points.size(), 0);
      for (std::size_t round = 0; round < points.size(); ++round) {
        for (std::size_t i = 0; i < points.size(); ++i) {
          for (std::size_t j = 0; j < points.size(); ++j) {
            bool no_worse = true;
            for (std::size_t k = 0; k < objectives; ++k) {
              no_worse = no_worse && points[j][k] <= points[i][k];
            }
            if (no_worse && points[j] != points[i]) {
              chains[i] = std::max(chains[i], chains[j] + 1);
            }
          }
        }
      }
      EXPECT_EQ(fronts(points), chains) << "seed " << seed << ", " << objectives << " objectives";
    }
  }
  EXPECT_TRUE(fronts({}).empty());
}

TEST(Crowding, IsTheDistanceOfTheNeighboursInEachObjectiveOverItsRange) {
  const double infinite = std::numeric_limits<double>::infinity();
  const std::vector<Point> points{{0, 9}, {4, 3}, {1, 8}, {10, 0}};
  EXPECT_EQ(crowding_distances(points),
            (std::vector<double>{infinite, 0.9 + 8.0 / 9, 0.4 + 6.0 / 9, infinite}));
  // Equal in an objective: it adds nothing.
  EXPECT_EQ(crowding_distances(std::vector<Point>{{1, 5}, {2, 5}, {3, 5}}),
            (std::vector<double>{infinite, 1, infinite}));
  EXPECT_EQ(crowding_distances(std::vector<Point>{{1, 5}}), std::vector<double>{0});
}

class ParetoOfTrials : public testing::Test {
 protected:
  ParetoOfTrials()
      : explorer_(costmodel::make_device(settings_.platform, settings_.power), settings_.explorer) {
    settings_.space = {NetworkFamily::convolution_2d, {1, 12, 12}, 4, 2, {1, 3, 5}, {4, 8}};
  }

  Trial trial(Architecture architecture, double accuracy, Effort effort = {3, 100}) {
    Trial ended;
    ended.architecture = std::move(architecture);
    ended.network = explorer_.explore(settings_.space, ended.architecture);
    ended.outcome = Outcome::trained;
    ended.accuracy = accuracy;
    ended.effort = effort;
    return ended;
  }

  std::vector<std::size_t> front(const std::vector<Trial>& trials,
                                 const std::vector<Objective>& objectives) {
    return pareto_front(trials, objectives, settings_.space, explorer_.device());
  }

  Settings settings_;
  explorer::Explorer explorer_;
};

TEST_F(ParetoOfTrials, TheFrontIsWhatNoneOfTheFullyTrainedDominates) {
  const std::vector<Trial> trials{
      trial({5, 8, 5, 8}, 0.9),             // 0: the most accurate
      trial({5, 8, 5, 4}, 0.7),             // 1: beaten by 2 if that is faster
      trial({3, 4, 3, 4}, 0.8),             // 2
      trial({1, 4, 1, 4}, 0.3),             // 3: the fastest
      trial({3, 8, 3, 4}, 0.99, {1, 100}),  // 4: trained less
      trial({3, 4, 3, 4}, 0.8),             // 5: known
  };
  ASSERT_LT(trials[2].network.latency_s, trials[1].network.latency_s);
  ASSERT_LT(trials[3].network.latency_s, trials[2].network.latency_s);
  ASSERT_LT(trials[2].network.latency_s, trials[0].network.latency_s);
  EXPECT_EQ(front(trials, {Objective::accuracy, Objective::latency}),
            (std::vector<std::size_t>{3, 2, 0}));
  EXPECT_EQ(front(trials, {Objective::accuracy}), (std::vector<std::size_t>{0}));
  EXPECT_TRUE(front({}, {Objective::accuracy}).empty());
}

TEST_F(ParetoOfTrials, FrontsEqualAComparisonOfAllPairsInAllObjectives) {
  std::mt19937 random(3);
  std::vector<Trial> trials;
  for (const std::int64_t a : {1, 3, 5}) {
    for (const std::int64_t b : {4, 8}) {
      for (const std::int64_t c : {1, 3}) {
        trials.push_back(trial({a, b, c, 8}, static_cast<double>(random() % 8) / 8));
      }
    }
  }
  const std::vector<Objective> all{Objective::accuracy, Objective::latency, Objective::energy,
                                   Objective::weights, Objective::nvm};
  const auto values = [&](const Trial& of) {
    return objective_values(of, all, settings_.space, explorer_.device());
  };
  std::vector<std::size_t> expected;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    bool beaten = false;
    for (const Trial& other : trials) {
      const Point mine = values(trials[i]);
      const Point its = values(other);
      bool no_worse = true;
      for (std::size_t k = 0; k < all.size(); ++k) no_worse = no_worse && its[k] <= mine[k];
      beaten = beaten || (no_worse && its != mine);
    }
    if (!beaten) expected.push_back(i);
  }
  std::vector<std::size_t> found = front(trials, all);
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end(), [&](std::size_t a, std::size_t b) {
    return trials[a].network.latency_s < trials[b].network.latency_s;
  }));
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, expected);
}

TEST_F(ParetoOfTrials, ValuesAreWhatTheirNamesSay) {
  const Trial one = trial({3, 8, 3, 4}, 0.75);
  const std::vector<Objective> all{Objective::accuracy, Objective::latency, Objective::weights,
                                   Objective::nvm, Objective::energy};
  const Point point = objective_values(one, all, settings_.space, explorer_.device());
  EXPECT_EQ(point[0], -0.75);
  EXPECT_EQ(point[1], one.network.latency_s);
  EXPECT_EQ(point[2], 3 * 3 * 8 + 3 * 3 * 8 * 4 + 4 * 4);
  EXPECT_EQ(point[3], static_cast<double>(one.network.nvm_bytes));
  // Between what all but the last power cycle hold at least and what all of them hold at most.
  EXPECT_GT(point[4], 0);
  EXPECT_LE(point[4],
            static_cast<double>(one.network.power_cycles) * one.network.energy_max_j * (1 + 1e-9));
}

TEST_F(ParetoOfTrials, TheOptionsOfTheStrategyAddObjectives) {
  EXPECT_EQ(objectives(settings_.strategies),
            (std::vector{Objective::accuracy, Objective::latency}));
  settings_.strategies.set("pareto.nvm", true);
  settings_.strategies.set("pareto.energy", true);
  settings_.strategies.set("pareto.weights", true);
  EXPECT_EQ(objectives(settings_.strategies),
            (std::vector{Objective::accuracy, Objective::latency, Objective::energy,
                         Objective::weights, Objective::nvm}));
}

}  // namespace
}  // namespace inas::nas
