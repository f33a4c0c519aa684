#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <inas/core/network.hpp>
#include <inas/nas/search.hpp>

#include "strategies/factories.hpp"

namespace inas::nas {
namespace {

/// Three layers of the default job's space, without padding.
Settings settings_of(const std::string& strategy) {
  Settings settings;
  settings.space = {.family = NetworkFamily::convolution_2d,
                    .input = {1, 28, 28},
                    .classes = 10,
                    .layers = 3,
                    .kernels = {3, 5},
                    .filters = {12, 32},
                    .pools = {1, 2},
                    .strides = {1, 2},
                    .bias = true};
  settings.search.latency_requirement_s = 1.5;
  settings.search.strategy = strategy;
  settings.search.trials = 100'000;
  settings.search.budget = 24;
  settings.search.workers = 1;
  settings.strategies.set("screen.candidates", std::int64_t{100});
  settings.training.batch_size = 64;
  return settings;
}

explorer::Explorer explorer_of(const Settings& settings) {
  return explorer::Explorer(costmodel::make_device(settings.platform, settings.power),
                            settings.explorer);
}

std::unique_ptr<Strategy> strategy_of(const Settings& settings, explorer::Explorer& explorer) {
  const std::string& name = settings.search.strategy;
  if (name == "screen") return make_screen(settings, explorer);
  if (name == "evolution") return make_evolution(settings, explorer);
  if (name == "halving") return make_halving(settings, make_random(settings, explorer));
  if (name == "pareto") return make_pareto(settings, explorer);
  return make_random(settings, explorer);
}

const std::vector<std::string> kNames{"screen", "evolution", "halving", "pareto", "random"};

/// A number from −1 to 1 that is the network's own.
double hashed(const Architecture& architecture, std::uint64_t seed) {
  std::seed_seq sequence(architecture.begin(), architecture.end());
  std::vector<std::uint32_t> words(1);
  sequence.generate(words.begin(), words.end());
  std::mt19937_64 random(words[0] + seed);
  return static_cast<double>(random() >> 11) * 0x1p-52 - 1;
}

/// What a made-up network is worth: smooth in the logarithms of its MACs and weights, a little of
/// each choice and of itself alone.
double quality(const SearchSpace& space, const Architecture& architecture) {
  const Network network = build_network(space, architecture);
  double value = 0.80 + 0.02 * std::log(static_cast<double>(mac_count(network)) / 1e6) +
                 0.01 * std::log(static_cast<double>(weight_count(network)) / 1e4);
  for (std::size_t i = 0; i < architecture.size(); ++i) {
    value += (i % 3 == 0 ? 0.004 : -0.003) * static_cast<double>(architecture[i] % 4);
  }
  return value + 0.004 * hashed(architecture, 0);
}

/// A training: short ones are worse and noisier.
TrainedNetwork trained(const Settings& settings, const ChildTraining& child) {
  const double share = cost(child.effort, full_effort(settings));
  const double noise = 0.004 / std::sqrt(share);
  TrainedNetwork network;
  network.validation_accuracy = quality(settings.space, child.architecture) +
                                0.04 * std::log(share) +
                                noise * hashed(child.architecture, child.seed % 1000 + 1);
  network.completed = true;
  return network;
}

struct SearchRun {
  SearchResult result;
  std::vector<Trial> trials;
};

SearchRun run(const Settings& settings) {
  explorer::Explorer explorer = explorer_of(settings);
  const std::unique_ptr<Strategy> strategy = strategy_of(settings, explorer);
  const TrainChild train = [&](const ChildTraining& child, const Stop&) {
    return trained(settings, child);
  };
  SearchRun outcome;
  outcome.result = run_search(settings, explorer, *strategy, train, {},
                              {.trial_ended = [&](const Trial& trial, const BestTrial*) {
                                outcome.trials.push_back(trial);
                              }});
  return outcome;
}

/// The mean worth of the winners of 20 seeds.
double mean_quality(const std::string& strategy, double budget) {
  constexpr std::uint64_t kSeeds = 20;
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Settings settings = settings_of(strategy);
    settings.search.seed = seed;
    settings.search.budget = budget;
    const SearchRun outcome = run(settings);
    sum += quality(settings.space, outcome.result.best.value().trial.architecture);
  }
  return sum / kSeeds;
}

TEST(MadeUpSearch, ScreenEvolutionAndHalvingBeatRandomAtEqualCost) {
  const double random = mean_quality("random", 24);
  EXPECT_GT(mean_quality("evolution", 24), random + 0.002);
  EXPECT_GT(mean_quality("halving", 24), random + 0.002);
  EXPECT_GT(mean_quality("screen", 24), random + 0.006);
  EXPECT_GT(mean_quality("screen", 12), random + 0.002) << "at half of the cost";
}

TEST(MadeUpSearch, NoProposalIsInfeasibleAndTheBudgetIsKept) {
  for (const std::string& name : kNames) {
    SCOPED_TRACE(name);
    const SearchRun outcome = run(settings_of(name));
    EXPECT_EQ(outcome.result.infeasible + outcome.result.too_slow, 0);
    EXPECT_TRUE(outcome.result.budget_spent);
    EXPECT_FALSE(outcome.result.stopped);
    double sum = 0;
    for (const Trial& trial : outcome.trials) {
      EXPECT_LT(sum, 24);
      if (trial.outcome == Outcome::known) continue;
      ASSERT_EQ(trial.outcome, Outcome::trained) << "trial " << trial.number;
      sum += cost(trial.effort, full_effort(settings_of(name)));
    }
    EXPECT_DOUBLE_EQ(outcome.result.cost, sum);
    EXPECT_GE(sum, 24 - 1e-9);
  }
}

TEST(MadeUpSearch, ProposalsDependOnTheSeedAndNotOnTheWorkers) {
  for (const std::string& name : kNames) {
    SCOPED_TRACE(name);
    Settings settings = settings_of(name);
    const auto proposals = [&] {
      std::vector<std::pair<Architecture, Effort>> all;
      for (const Trial& trial : run(settings).trials) {
        all.emplace_back(trial.architecture, trial.effort);
      }
      return all;
    };
    const auto one = proposals();
    settings.search.workers = 3;
    EXPECT_EQ(proposals(), one);
    settings.search.seed = 2;
    EXPECT_NE(proposals(), one);
  }
}

TEST(MadeUpSearch, ASpaceOfOneOrTwoNetworksEndsWhenAllAreKnown) {
  for (const std::string& name : kNames) {
    for (const std::vector<std::int64_t>& kernels :
         {std::vector<std::int64_t>{3}, std::vector<std::int64_t>{3, 5}}) {
      SCOPED_TRACE(name + ", " + std::to_string(kernels.size()));
      Settings settings = settings_of(name);
      settings.space.layers = 1;
      settings.space.kernels = kernels;
      settings.space.filters = {12};
      settings.space.strides = {1};
      settings.space.pools = {1};
      settings.search.latency_requirement_s = 100;
      settings.search.budget = 0;
      const SearchRun outcome = run(settings);
      EXPECT_TRUE(outcome.result.used_up);
      std::set<Architecture> in_full;
      for (const Trial& trial : outcome.trials) {
        if (trial.effort == full_effort(settings)) in_full.insert(trial.architecture);
      }
      EXPECT_EQ(in_full.size(), kernels.size());
    }
  }
}

TEST(MadeUpSearch, ItEndsWhenTheFeasibleNetworksAreKnownAndOthersAreNot) {
  for (const std::string& name : kNames) {
    SCOPED_TRACE(name);
    Settings settings = settings_of(name);
    settings.space.layers = 2;
    settings.search.latency_requirement_s = 0.7;
    settings.search.budget = 0;
    settings.strategies.set("screen.start", std::int64_t{4});
    const SearchRun outcome = run(settings);
    EXPECT_TRUE(outcome.result.used_up);
    EXPECT_GT(outcome.result.trained, 1);
    EXPECT_LT(outcome.result.trials, 5'000);
  }
}

TEST(MadeUpSearch, TrainingsThatAllDivergeEndTheSearchAsAnyOther) {
  for (const std::string& name : kNames) {
    SCOPED_TRACE(name);
    const Settings settings = settings_of(name);
    explorer::Explorer explorer = explorer_of(settings);
    const std::unique_ptr<Strategy> strategy = strategy_of(settings, explorer);
    const TrainChild diverge = [](const ChildTraining&, const Stop&) {
      TrainedNetwork network;
      network.completed = true;
      network.diverged = true;
      return network;
    };
    const SearchResult result = run_search(settings, explorer, *strategy, diverge, {}, {});
    EXPECT_TRUE(result.budget_spent);
    EXPECT_FALSE(result.best.has_value());
  }
}

}  // namespace
}  // namespace inas::nas
