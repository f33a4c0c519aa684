#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <span>
#include <vector>

#include <gtest/gtest.h>
#include <library/paper_spaces.hpp>

#include <inas/core/space_stage.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/costmodel/schedule.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/make_solution.hpp>
#include <inas/explorer/space_map.hpp>

/// Networks as scheduled by the energy ledger: what the explorer makes of a layer's best designs.
namespace inas::explorer {
namespace {

using costmodel::Device;

/// The paper's spaces, at budgets from a few batches to whole networks.
struct RandomNetworks {
  std::vector<SearchSpace> spaces{library::paper_space("har"), library::paper_space("kws"),
                                  library::paper_space("cifar10")};
  std::vector<double> capacitances{3e-4, 6e-4, 1e-3, 5e-3, 2e-2};
  std::mt19937_64 random{7};

  Architecture architecture(const SearchSpace& space) {
    Architecture choices;
    for (const Decision& decision : decisions(space)) {
      choices.push_back(decision.values[random() % decision.values.size()]);
    }
    return choices;
  }
};

Device device_of(double capacitance_f) {
  PowerSupply supply;
  supply.capacitance_f = capacitance_f;
  return costmodel::make_device({}, supply);
}

/// The latency of these designs as scheduled, K aside; infinite if the ledger holds a batch not.
double scheduled_s(const Device& device, const Network& network, std::vector<Design> designs) {
  const costmodel::SchedulePrices prices(device);
  for (std::size_t index = 0; index < designs.size(); ++index) {
    designs[index].batches_per_cycle = 0;
    const auto layer =
        costmodel::scheduled_layer(device, prices, network.layers[index], designs[index]);
    if (!costmodel::fits(prices.ledger(), layer.walked)) {
      return std::numeric_limits<double>::infinity();
    }
  }
  return costmodel::schedule(device, network.layers, designs).latency_s;
}

TEST(Schedules, LieBetweenTheBoundAndTheSumByLayers) {
  RandomNetworks networks;
  std::int64_t feasible = 0;
  std::int64_t with_ledger = 0;
  double gained = 0;
  for (const SearchSpace& space : networks.spaces) {
    for (const double capacitance_f : networks.capacitances) {
      const Device device = device_of(capacitance_f);
      Explorer explorer(device, {});
      for (int round = 0; round < 200; ++round) {
        const NetworkResult result = explorer.explore(space, networks.architecture(space));
        if (!result.feasible()) continue;
        ++feasible;
        ASSERT_LE(result.latency_s, result.by_layers_s);
        ASSERT_TRUE(result.bound_s.has_value());
        ASSERT_LE(*result.bound_s, result.latency_s);
        with_ledger += result.ledger.kept() ? 1 : 0;
        gained += result.by_layers_s / result.latency_s;
      }
    }
  }
  EXPECT_GT(feasible, 2000);
  EXPECT_GT(with_ledger, feasible * 8 / 10);
  EXPECT_GT(gained / static_cast<double>(feasible), 1.2);
}

TEST(Schedules, TheFastestOfTheWaysThatFitNvmIsTaken) {
  RandomNetworks networks;
  int changed = 0;
  for (const SearchSpace& space : networks.spaces) {
    Device device = device_of(1e-3);
    Explorer explorer(device, {});
    for (int round = 0; round < 60; ++round) {
      const Growth grown = grow(space, networks.architecture(space));
      if (grown.misfit) continue;
      const Network network{grown.layers};
      std::vector<Design> by_layers;
      std::vector<Design> fluid;
      double by_layers_s = 0;
      for (const Layer& layer : network.layers) {
        const LayerResult found = explorer.explore(layer);
        if (!found.best || !found.fluid) break;
        by_layers.push_back(found.best->design);
        fluid.push_back(found.fluid->design);
        by_layers_s += found.best->latency_s;
      }
      if (fluid.size() != network.layers.size()) continue;
      const std::int64_t by_layers_bytes = nvm_bytes(device, network, by_layers);
      const std::int64_t fluid_bytes = nvm_bytes(device, network, fluid);
      const double first_s = std::min(by_layers_s, scheduled_s(device, network, by_layers));
      const double fluid_s = scheduled_s(device, network, fluid);
      changed += by_layers_bytes != fluid_bytes ? 1 : 0;
      for (const std::int64_t bytes : {std::max(by_layers_bytes, fluid_bytes), by_layers_bytes,
                                       fluid_bytes, std::min(by_layers_bytes, fluid_bytes) - 1}) {
        device.platform.nvm_bytes = bytes;
        double expected_s = std::numeric_limits<double>::infinity();
        if (by_layers_bytes <= bytes) expected_s = first_s;
        if (fluid_bytes <= bytes) expected_s = std::min(expected_s, fluid_s);
        const NetworkResult result = Explorer(device, {}).explore(network);
        if (std::isinf(expected_s)) {
          ASSERT_TRUE(result.why.has_value());
          EXPECT_EQ(result.why->constraint, Constraint::nvm_capacity);
        } else {
          EXPECT_EQ(result.latency_s, expected_s);
          EXPECT_EQ(result.nvm_bytes, nvm_bytes(device, network, result.designs()));
          EXPECT_LE(result.nvm_bytes, bytes);
        }
      }
    }
  }
  EXPECT_GT(changed, 0);
}

TEST(Schedules, AreThoseOfTheSolutionThatIsMadeOfThem) {
  RandomNetworks networks;
  for (const double capacitance_f : networks.capacitances) {
    Settings settings;
    settings.space = networks.spaces[0];
    settings.power.capacitance_f = capacitance_f;
    const Device device = costmodel::make_device(settings.platform, settings.power);
    Explorer explorer(device, settings.explorer);
    for (int round = 0; round < 20; ++round) {
      const Architecture architecture = networks.architecture(settings.space);
      const Growth grown = grow(settings.space, architecture);
      const NetworkResult result = explorer.explore(settings.space, architecture);
      if (!result.feasible()) continue;
      const Network network{grown.layers};
      const Solution solution = make_solution(settings, architecture, network, result);
      EXPECT_EQ(solution.latency_s, result.latency_s);
      EXPECT_EQ(solution.by_layers_s, result.by_layers_s);
      EXPECT_EQ(solution.power_cycles, result.power_cycles);
      EXPECT_EQ(solution.ledger, result.ledger);
      const NetworkResult priced = price_solution(solution);
      EXPECT_EQ(priced.latency_s, result.latency_s);
      EXPECT_EQ(priced.power_cycles, result.power_cycles);
      EXPECT_EQ(priced.units, result.units);
      // As many cycles as the tables that are dumped make, none beyond the budget.
      std::vector<execution::WalkedLayer> layers;
      for (const LayerSolution& layer : solution.layers) {
        layers.push_back(execution::walked_layer(layer.layer, layer.design, layer.units));
      }
      std::int64_t cycles = 0;
      execution::for_each_power_cycle(
          solution.ledger, layers, [](const auto&) {}, [&] { ++cycles; });
      EXPECT_EQ(cycles, solution.power_cycles);
      for (const auto& cycle :
           costmodel::scheduled_cycles(device, network.layers, result.designs())) {
        ASSERT_LE(cycle.cost.total().energy_j, solution.energy_budget_j);
      }
    }
  }
}

/// Spaces of both kinds of networks, chains and graphs.
std::vector<SearchSpace> small_spaces() {
  SearchSpace chains = library::paper_space("har");
  chains.layers = 2;
  return {chains, library::small_blocks()};
}

/// A listed map has the latencies that Explorer gives, where NVM matters, too.
TEST(Schedules, AListedMapHasEveryNetworkAsScheduled) {
  for (const SearchSpace& space : small_spaces()) {
    for (const double capacitance_f : {4e-4, 5e-3}) {
      Device device = device_of(capacitance_f);
      const std::int64_t most = SpaceMap(space, device, {}).max_nvm_bytes();
      for (const std::int64_t nvm_bytes : {std::int64_t{212'992}, most / 2}) {
        device.platform.nvm_bytes = nvm_bytes;
        const SpaceMap map(space, device, {});
        Explorer explorer(device, {});
        int executable = 0;
        for (std::size_t index = 0; index < map.latencies_s().size(); ++index) {
          const Architecture architecture = map.architecture(static_cast<std::int64_t>(index));
          const NetworkResult result = explorer.explore(space, architecture);
          const double listed_s = map.latencies_s()[index];
          ASSERT_EQ(std::isfinite(listed_s), result.feasible()) << index;
          if (!result.feasible()) continue;
          ++executable;
          ASSERT_EQ(listed_s, result.latency_s) << index;
          ASSERT_EQ(map.min_latency_s(architecture), result.latency_s);
        }
        EXPECT_GT(executable, 10);
      }
    }
  }
}

/// Every latency of a sample is that of a network, and their shares are those of the space, to six
/// standard errors.
TEST(Schedules, ASampleOfACountedMapHasEachNetworkEquallyLikely) {
  constexpr int kDrawn = 20'000;
  for (const SearchSpace& space : small_spaces()) {
    Device device = device_of(5e-3);
    const std::int64_t most = SpaceMap(space, device, {}).max_nvm_bytes();
    for (const std::int64_t nvm_bytes : {std::int64_t{212'992}, most / 2}) {
      device.platform.nvm_bytes = nvm_bytes;
      SpaceMapOptions options;
      const SpaceMap listed(space, device, {}, options);
      options.list_limit = 0;
      const SpaceMap counted(space, device, {}, options);
      std::mt19937_64 random(5);
      EXPECT_TRUE(listed.sample_scheduled_s(10, random).empty());
      const std::vector<double> found = counted.sample_scheduled_s(kDrawn, random);
      ASSERT_EQ(found.size(), static_cast<std::size_t>(kDrawn));
      EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
      // Those that exceed NVM are drawn, too, and infinite.
      const auto executable = counted.counts().executable().approximate();
      const std::set<double> latencies_s(listed.latencies_s().begin(), listed.latencies_s().end());
      for (const double latency_s : std::set<double>(found.begin(), found.end())) {
        ASSERT_TRUE(latencies_s.contains(latency_s)) << latency_s;
      }
      for (const double percent : {10.0, 50.0, 90.0}) {
        const double limit_s = listed.latency_percentile(percent).value();
        const double share = listed.networks_within(limit_s) / executable;
        const auto within = std::upper_bound(found.begin(), found.end(), limit_s) - found.begin();
        EXPECT_NEAR(static_cast<double>(within) / kDrawn, share,
                    6 * std::sqrt(share * (1 - share) / kDrawn));
      }
    }
  }
}

/// A counted map rules nothing out that a schedule makes feasible.
TEST(Schedules, ACountedMapDrawsAndAllowsWhatAListedOneDoes) {
  for (const SearchSpace& space : small_spaces()) {
    for (const double requirement_s : {0.17, 0.2, 0.3, 0.5}) {
      for (const std::int64_t nvm_bytes : {std::int64_t{212'992}, std::int64_t{9'000}}) {
        Device device = device_of(5e-3);
        device.platform.nvm_bytes = nvm_bytes;
        SpaceMapOptions options{.latency_requirement_s = requirement_s};
        const SpaceMap listed(space, device, {}, options);
        options.list_limit = 0;
        const SpaceMap counted(space, device, {}, options);
        std::set<Architecture> feasible;
        for (std::size_t index = 0; index < listed.latencies_s().size(); ++index) {
          const Architecture whole = listed.architecture(static_cast<std::int64_t>(index));
          const bool meets = listed.latencies_s()[index] <= requirement_s;
          ASSERT_EQ(counted.can_be_feasible(whole), meets);
          if (!meets) continue;
          feasible.insert(whole);
          for (std::size_t length = 0; length < whole.size(); ++length) {
            ASSERT_TRUE(counted.can_be_feasible(std::span(whole).first(length)));
          }
        }
        std::mt19937_64 random(5);
        std::set<Architecture> drawn;
        for (int draw = 0; draw < 300 && !feasible.empty(); ++draw) {
          drawn.insert(counted.sample_feasible(random).value());
        }
        for (const Architecture& architecture : drawn) ASSERT_TRUE(feasible.contains(architecture));
        EXPECT_GE(drawn.size(), std::min<std::size_t>(feasible.size(), 60) * 9 / 10);
        EXPECT_LE(counted.counts().feasible_least, listed.counts().feasible);
        EXPECT_GE(counted.counts().feasible_most, listed.counts().feasible);
      }
    }
  }
}

}  // namespace
}  // namespace inas::explorer
