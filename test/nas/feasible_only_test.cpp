#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <support/architectures.hpp>

#include <inas/core/error.hpp>
#include <inas/nas/controller.hpp>
#include <inas/nas/search.hpp>

namespace inas::nas {
namespace {

/// Kernels that do not fit behind each other, and a requirement that a third of the rest meets.
Settings tight_settings(const std::string& strategy) {
  Settings settings;
  settings.space = {NetworkFamily::convolution_2d, {1, 12, 12}, 4, 2, {1, 3, 5, 9}, {4, 8}};
  settings.search.strategy = strategy;
  return settings;
}

explorer::Explorer explorer_of(const Settings& settings) {
  return explorer::Explorer(costmodel::make_device(settings.platform, settings.power),
                            settings.explorer);
}

std::set<Architecture> feasible_networks(const Settings& settings, explorer::Explorer& explorer) {
  std::set<Architecture> feasible;
  for (const Architecture& architecture : test::all_architectures(settings.space)) {
    if (explorer.explore(settings.space, architecture, settings.search.latency_requirement_s)
            .feasible()) {
      feasible.insert(architecture);
    }
  }
  return feasible;
}

/// Sets a requirement that a third of the networks that can run meets.
void tighten(Settings& settings, explorer::Explorer& explorer) {
  std::vector<double> latencies;
  for (const Architecture& architecture : test::all_architectures(settings.space)) {
    const auto result = explorer.explore(settings.space, architecture);
    if (result.feasible()) latencies.push_back(result.latency_s);
  }
  std::sort(latencies.begin(), latencies.end());
  settings.search.latency_requirement_s = latencies[latencies.size() / 3];
}

/// A filter that accepts the beginnings of the given architectures.
ProposalFilter beginnings_of(std::set<Architecture> wholes) {
  return [wholes = std::move(wholes)](std::span<const std::int64_t> beginning) {
    return std::any_of(wholes.begin(), wholes.end(), [&](const Architecture& whole) {
      return std::equal(beginning.begin(), beginning.end(), whole.begin());
    });
  };
}

SearchSpace small_space() { return tight_settings("reinforce").space; }

TEST(FilteredController, ProbabilitiesAreThoseOfTheOthersDividedByTheirSum) {
  const std::set<Architecture> wholes{{1, 4, 3, 8}, {1, 8, 1, 4}, {5, 4, 1, 4}, {1, 4, 9, 4}};
  const Controller free(small_space(), {}, 3);
  const Controller filtered(small_space(), {}, 3, beginnings_of(wholes));
  const auto p = free.probabilities({1, 4, 3, 8});
  const auto q = filtered.probabilities({1, 4, 3, 8});
  const std::vector<std::vector<bool>> allowed{
      {true, false, true, false}, {true, true}, {false, true, false, true}, {false, true}};
  for (std::size_t row = 0; row < p.size(); ++row) {
    double sum = 0;
    for (std::size_t choice = 0; choice < p[row].size(); ++choice) {
      if (allowed[row][choice]) sum += p[row][choice];
    }
    for (std::size_t choice = 0; choice < p[row].size(); ++choice) {
      EXPECT_NEAR(q[row][choice], allowed[row][choice] ? p[row][choice] / sum : 0, 1e-6)
          << row << ", " << choice;
    }
  }
}

TEST(FilteredController, ProposesEveryAcceptedArchitectureAndNoOther) {
  const std::set<Architecture> wholes{{1, 4, 3, 8}, {1, 8, 1, 4}, {5, 4, 1, 4}, {9, 4, 1, 4}};
  for (const double exploration : {0.0, 1.0}) {
    ControllerSettings settings;
    settings.exploration = exploration;
    Controller controller(small_space(), settings, 4, beginnings_of(wholes));
    std::map<Architecture, int> seen;
    for (int draw = 0; draw < 2000; ++draw) ++seen[controller.propose()];
    std::set<Architecture> proposed;
    for (const auto& [architecture, count] : seen) proposed.insert(architecture);
    EXPECT_EQ(proposed, wholes);
    if (exploration == 1) {
      // The first kernel is 1, 5 or 9 with the same probability; four standard deviations.
      EXPECT_NEAR(seen[Architecture({9, 4, 1, 4})], 2000 / 3.0, 4 * 21.1);
    }
  }
}

TEST(FilteredController, AFilterThatAcceptsEverythingChangesNothing) {
  Controller free(small_space(), {}, 6);
  Controller filtered(small_space(), {}, 6, [](std::span<const std::int64_t>) { return true; });
  for (int trial = 0; trial < 40; ++trial) {
    const Architecture proposal = free.propose();
    ASSERT_EQ(filtered.propose(), proposal);
    free.learn(proposal, 0.1);
    filtered.learn(proposal, 0.1);
  }
  EXPECT_EQ(free.probabilities({1, 4, 1, 4}), filtered.probabilities({1, 4, 1, 4}));
}

TEST(FilteredController, LearningKeepsRefusedChoicesAtZeroAndTheOthersFinite) {
  const std::set<Architecture> wholes{{1, 4, 3, 8}, {1, 8, 1, 4}, {5, 4, 1, 4}, {9, 4, 1, 4}};
  Controller controller(small_space(), {}, 5, beginnings_of(wholes));
  const double before = controller.probabilities({9, 4, 1, 4})[0][3];
  for (int trial = 0; trial < 150; ++trial) {
    const Architecture proposal = controller.propose();
    controller.learn(proposal, proposal[0] == 9 ? 0.1 : -0.1);
  }
  const auto rows = controller.probabilities({9, 4, 1, 4});
  EXPECT_EQ(rows[0][1], 0);
  EXPECT_GT(rows[0][3], before);
  for (const auto& row : rows) {
    EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1, 1e-5);
  }
}

TEST(FilteredController, StartsAnewBehindABeginningWithoutContinuation) {
  // Kernel 5 is accepted and leads nowhere.
  const std::set<Architecture> wholes{{1, 4, 3, 8}};
  const ProposalFilter exact = beginnings_of(wholes);
  Controller controller(small_space(), {}, 5, [&](std::span<const std::int64_t> beginning) {
    return exact(beginning) || (beginning.size() == 1 && beginning[0] == 5);
  });
  for (int draw = 0; draw < 50; ++draw) {
    EXPECT_EQ(controller.propose(), (Architecture{1, 4, 3, 8}));
  }
}

TEST(FilteredController, NothingAcceptedIsAnError) {
  Controller controller(small_space(), {}, 5, [](std::span<const std::int64_t>) { return false; });
  EXPECT_THROW((void)controller.propose(), NoFeasibleNetwork);
  EXPECT_THROW(controller.learn({1, 4, 1, 4}, 0.1), InvalidArgument);
}

TEST(FeasibleOnly, EveryStrategyProposesFeasibleNetworksOnly) {
  for (const StrategyInfo& info : strategies()) {
    Settings settings = tight_settings(std::string(info.name));
    explorer::Explorer explorer = explorer_of(settings);
    tighten(settings, explorer);
    const std::set<Architecture> feasible = feasible_networks(settings, explorer);
    ASSERT_LT(feasible.size(), 40u);
    const auto strategy = make_strategy(settings, explorer);
    std::set<Architecture> seen;
    for (int draw = 0; draw < 2500; ++draw) {
      const Proposal proposal = strategy->propose();
      seen.insert(proposal.architecture);
      Trial trial;
      trial.architecture = proposal.architecture;
      trial.effort = proposal.effort;
      trial.network = explorer.explore(settings.space, proposal.architecture);
      trial.outcome = Outcome::trained;
      trial.accuracy = draw % 2 == 0 ? 0.501 : 0.499;
      (void)strategy->learn(trial);
    }
    EXPECT_EQ(seen, feasible) << info.name;
  }
}

TEST(FeasibleOnly, HoldsWhereNvmRulesNetworksOut) {
  Settings settings = tight_settings("reinforce");
  explorer::Explorer plenty = explorer_of(settings);
  std::vector<std::int64_t> bytes;
  for (const Architecture& architecture : test::all_architectures(settings.space)) {
    const explorer::NetworkResult result = plenty.explore(settings.space, architecture);
    if (result.feasible()) bytes.push_back(result.nvm_bytes);
  }
  std::sort(bytes.begin(), bytes.end());
  settings.platform.nvm_bytes = bytes[bytes.size() / 3];
  explorer::Explorer explorer = explorer_of(settings);
  const std::set<Architecture> feasible = feasible_networks(settings, explorer);
  const auto strategy = make_strategy(settings, explorer);
  for (int draw = 0; draw < 300; ++draw)
    EXPECT_EQ(feasible.count(strategy->propose().architecture), 1u);
}

TEST(FeasibleOnly, RandomProposalsAreUniformOverTheFeasibleNetworks) {
  Settings settings = tight_settings("random");
  explorer::Explorer explorer = explorer_of(settings);
  tighten(settings, explorer);
  const std::set<Architecture> feasible = feasible_networks(settings, explorer);
  const auto strategy = make_strategy(settings, explorer);
  std::map<Architecture, double> count;
  for (std::size_t draw = 0; draw < 100 * feasible.size(); ++draw)
    ++count[strategy->propose().architecture];
  double chi_squared = 0;
  for (const Architecture& architecture : feasible) {
    chi_squared += (count[architecture] - 100) * (count[architecture] - 100) / 100;
  }
  const auto freedom = static_cast<double>(feasible.size() - 1);
  EXPECT_LE(chi_squared, freedom + 4.5 * std::sqrt(2 * freedom));
}

TEST(FeasibleOnly, NoFeasibleNetworkIsSaid) {
  for (const StrategyInfo& strategy : strategies()) {
    Settings settings = tight_settings(std::string(strategy.name));
    settings.search.latency_requirement_s = 1e-9;
    explorer::Explorer explorer = explorer_of(settings);
    EXPECT_THROW((void)make_strategy(settings, explorer)->propose().architecture,
                 NoFeasibleNetwork);
  }
}

TEST(FeasibleOnly, NoTrialIsSpentOnAnInfeasibleNetworkUnlessThePapersBehaviourIsAskedFor) {
  Settings settings = tight_settings("reinforce");
  explorer::Explorer explorer = explorer_of(settings);
  tighten(settings, explorer);
  settings.search.trials = 80;
  const std::atomic<bool> stop{false};
  const TrainChild train = [](const ChildTraining& child, const Stop&) {
    TrainedNetwork trained;
    trained.validation_accuracy = static_cast<double>(weight_count(child.network) % 100) / 100;
    trained.completed = true;
    return trained;
  };
  for (const bool feasible_only : {true, false}) {
    settings.search.feasible_only = feasible_only;
    const auto strategy = make_strategy(settings, explorer);
    const SearchResult result = run_search(settings, explorer, *strategy, train, stop, {});
    EXPECT_EQ(result.trials, 80);
    if (feasible_only) {
      EXPECT_EQ(result.infeasible + result.too_slow, 0);
    } else {
      EXPECT_GT(result.infeasible, 0);
      EXPECT_GT(result.too_slow, 0);
    }
  }
}

}  // namespace
}  // namespace inas::nas
