#include "strategies/evolution.hpp"

#include <map>

#include <gtest/gtest.h>
#include <support/architectures.hpp>

#include "strategies/factories.hpp"

namespace inas::nas {
namespace {

TEST(AgeingPopulation, WhoJoinsAFullOneTakesThePlaceOfTheOldestHoweverGood) {
  AgeingPopulation population(3);
  population.add({{1}, 0.99});
  population.add({{2}, 0.1});
  population.add({{3}, 0.2});
  population.add({{4}, 0.3});
  ASSERT_EQ(population.members().size(), 3u);
  EXPECT_EQ(population.members().front(), (AgeingPopulation::Member{{2}, 0.1}));
  EXPECT_EQ(population.members().back(), (AgeingPopulation::Member{{4}, 0.3}));
}

TEST(AgeingPopulation, AParentIsTheBestOfItsSample) {
  AgeingPopulation population(4);
  for (std::int64_t i = 0; i < 4; ++i) population.add({{i}, 0.1 * static_cast<double>(i)});
  std::mt19937_64 random(1);
  std::map<std::int64_t, double> parents;
  constexpr int kDraws = 40'000;
  for (int draw = 0; draw < kDraws; ++draw) {
    ++parents[population.best_of(2, random).architecture[0]];
  }
  // The best of two drawn with replacement is number i in (i + 1)² − i² of 16 cases.
  for (std::int64_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(parents[i] / kDraws, static_cast<double>(2 * i + 1) / 16, 0.01) << i;
  }
}

int differences(const Architecture& a, const Architecture& b) {
  int count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

TEST(Evolution, ChildrenAreNewFeasibleNeighboursOfTheYoungest) {
  Settings settings;
  settings.space = {NetworkFamily::convolution_2d, {1, 16, 16}, 4, 3, {1, 3, 5}, {4, 8, 16}};
  settings.search.latency_requirement_s = 1;
  settings.strategies.set("evolution.population", std::int64_t{6});
  explorer::Explorer explorer(costmodel::make_device(settings.platform, settings.power),
                              settings.explorer);
  const auto strategy = make_evolution(settings, explorer);
  std::vector<Architecture> trained;
  for (int trial = 0; trial < 60; ++trial) {
    const Architecture proposal = strategy->propose().architecture;
    EXPECT_TRUE(explorer.explore(settings.space, proposal, 1).feasible());
    EXPECT_EQ(std::count(trained.begin(), trained.end(), proposal), 0);
    if (trial >= 6) {
      EXPECT_TRUE(std::any_of(trained.end() - 6, trained.end(), [&](const Architecture& parent) {
        return differences(parent, proposal) == 1;
      })) << inas::to_string(proposal);
    }
    Trial ended;
    ended.architecture = proposal;
    ended.outcome = Outcome::trained;
    ended.accuracy = 0.5 + 0.001 * static_cast<double>(proposal[0]);
    (void)strategy->learn(ended);
    trained.push_back(proposal);
  }
}

}  // namespace
}  // namespace inas::nas
