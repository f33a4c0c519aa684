#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
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

/// Deb et al. 2002 for two objectives, both to be small: the place of who goes, the last by front,
/// then by the distance of its neighbours in its front, the youngest of equals.
std::size_t worst_of(const std::vector<Point>& points) {
  const auto beats = [](const Point& a, const Point& b) {
    return a != b && a[0] <= b[0] && a[1] <= b[1];
  };
  std::vector<std::size_t> last;
  std::vector<std::size_t> left(points.size());
  std::iota(left.begin(), left.end(), std::size_t{0});
  while (!left.empty()) {  // fronts are peeled off
    last.clear();
    for (const std::size_t i : left) {
      if (std::none_of(left.begin(), left.end(),
                       [&](std::size_t j) { return beats(points[j], points[i]); })) {
        last.push_back(i);
      }
    }
    std::erase_if(
        left, [&](std::size_t i) { return std::find(last.begin(), last.end(), i) != last.end(); });
  }
  // On a front of two objectives the neighbours in one are those in the other.
  std::vector<std::size_t> sorted = last;
  std::sort(sorted.begin(), sorted.end(),
            [&](std::size_t a, std::size_t b) { return points[a] < points[b]; });
  const Point& first = points[sorted.front()];
  const Point& end = points[sorted.back()];
  std::size_t worst = last.front();
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t place = 0; place < sorted.size(); ++place) {
    double distance = std::numeric_limits<double>::infinity();
    if (place > 0 && place + 1 < sorted.size()) {
      const Point& before = points[sorted[place - 1]];
      const Point& behind = points[sorted[place + 1]];
      distance = (behind[0] - before[0]) / (end[0] - first[0]) +
                 (before[1] - behind[1]) / (first[1] - end[1]);
    }
    const bool is_worse =
        distance < least || (std::isinf(distance) && std::isinf(least) && sorted[place] >= worst);
    if (!is_worse) continue;
    worst = sorted[place];
    least = distance;
  }
  return worst;
}

/// Is `child` a mix of the choices of two of `parents`, one choice of which may be another?
bool descends(const Architecture& child, const std::vector<Architecture>& parents) {
  for (const Architecture& one : parents) {
    for (const Architecture& other : parents) {
      int foreign = 0;
      for (std::size_t i = 0; i < child.size(); ++i) {
        foreign += child[i] != one[i] && child[i] != other[i] ? 1 : 0;
      }
      if (foreign <= 1) return true;
    }
  }
  return false;
}

TEST(Pareto, ChildrenAreOfThoseWhomFrontsAndCrowdingLeave) {
  Settings settings;
  settings.space = {NetworkFamily::convolution_2d, {1, 16, 16}, 4, 3, {1, 3, 5},
                    {4, 6, 8, 10, 12, 16}};
  settings.search.latency_requirement_s = 1;
  constexpr std::size_t kSize = 4;
  settings.strategies.set("pareto.population", static_cast<std::int64_t>(kSize));
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  std::mt19937_64 random(5);
  int strangers = 0;
  for (settings.search.seed = 1; settings.search.seed <= 4; ++settings.search.seed) {
    const auto strategy = make_pareto(settings, explorer);
    std::vector<Architecture> survivors;
    std::vector<Point> points;
    for (int number = 0; number < 80; ++number) {
      const Architecture proposal = strategy->propose().architecture;
      if (number >= static_cast<int>(kSize)) {
        EXPECT_TRUE(descends(proposal, survivors))
            << "seed " << settings.search.seed << ", proposal " << number << ": "
            << inas::to_string(proposal);
        Architecture stranger;
        for (const Decision& decision : decisions(settings.space)) {
          stranger.push_back(decision.values[random() % decision.values.size()]);
        }
        strangers += descends(stranger, survivors) ? 1 : 0;
      }
      Trial ended;
      ended.architecture = proposal;
      ended.network = explorer.explore(settings.space, proposal, 1);
      ASSERT_TRUE(ended.network.feasible());
      ended.outcome = Outcome::trained;
      ended.accuracy = 0.5 + 0.1 * std::sqrt(ended.network.latency_s) +
                       0.02 * static_cast<double>(random() % 1000) / 1000;
      (void)strategy->learn(ended);
      survivors.push_back(proposal);
      points.push_back({-*ended.accuracy, ended.network.latency_s});
      if (survivors.size() <= kSize) continue;
      const auto worst = static_cast<std::ptrdiff_t>(worst_of(points));
      survivors.erase(survivors.begin() + worst);
      points.erase(points.begin() + worst);
    }
  }
  EXPECT_LT(strangers, 4 * 76 / 2) << "random networks would do as well";
}

}  // namespace
}  // namespace inas::nas
