#include <algorithm>
#include <array>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/continuous.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/execution/nvm_layout.hpp>
#include <inas/explorer/design_space.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/pareto.hpp>

namespace inas::explorer {
namespace {

using costmodel::Device;
using costmodel::make_device;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool coin() { return between(0, 1) == 1; }

 private:
  std::mt19937_64 engine_;
};

Layer random_layer(Random& random, std::int64_t largest) {
  const Shape ifm{random.between(1, largest), random.between(1, largest),
                  random.coin() ? 1 : random.between(1, largest)};
  switch (random.between(0, 3)) {
    case 0:
      return make_global_average_pool("GAVGPOOL_0", ifm);
    case 1:
      return make_fully_connected("FC_0", {ifm.channels, 1, 1}, random.between(1, largest));
    default:
      return make_convolution("CONV_0", ifm, random.between(1, largest),
                              random.between(1, std::min<std::int64_t>(3, ifm.height)),
                              random.between(1, std::min<std::int64_t>(3, ifm.width)));
  }
}

/// The budget is a few times what the least power cycle of a small layer needs.
Device random_device(Random& random) {
  PowerSupply supply;
  supply.capacitance_f = 0.0003 + 0.0001 * static_cast<double>(random.between(0, 10));
  Platform platform;
  platform.vm_bytes = random.between(20, 500);
  return make_device(platform, supply);
}

ExplorerSettings random_settings(Random& random) {
  return {.legal = random.coin() ? Divisors::all : Divisors::published,
          .row_mac = random.coin(),
          .coalesced_dma = random.coin(),
          .multiple_batches = random.coin(),
          .ragged_tiles = random.coin()};
}

std::vector<Design> all_designs(const Device& device, const Layer& layer,
                                const ExplorerSettings& offered) {
  const ExplorerSettings settings = with_units(offered, device.profile);
  std::vector<Design> designs;
  for_each_design(layer, settings, PowerKind::intermittent, [&](const Design& with_one_batch) {
    const execution::BatchGroups groups = execution::batch_groups(
        layer, execution::tile_counts(layer, with_one_batch.tile), with_one_batch.order);
    Design design = with_one_batch;
    for (const std::int64_t K : execution::legal_batches_per_cycle(groups, with_one_batch.batch)) {
      if (K > 1 && !settings.multiple_batches) break;
      design.batches_per_cycle = K;
      designs.push_back(design);
    }
  });
  return designs;
}

std::vector<ParetoDesign> feasible_designs(const Device& device, const Layer& layer,
                                           const ExplorerSettings& settings) {
  std::vector<ParetoDesign> all;
  for (const Design& design : all_designs(device, layer, settings)) {
    if (evaluate(device, layer, design).feasible()) {
      all.push_back(pareto_values(device, layer, design));
    }
  }
  return all;
}

using Values = std::vector<double>;

bool dominates(const Values& a, const Values& b) {
  bool better = false;
  for (std::size_t index = 0; index < a.size(); ++index) {
    if (a[index] > b[index]) return false;
    better = better || a[index] < b[index];
  }
  return better;
}

Values five(const ParetoDesign& of) {
  return {of.latency_s, of.energy_per_cycle_j, static_cast<double>(of.vm_bytes), of.nvm_energy_j,
          of.management_overhead};
}

std::set<Values> undominated(const std::set<Values>& all) {
  std::set<Values> front;
  for (const Values& candidate : all) {
    if (std::none_of(all.begin(), all.end(),
                     [&](const Values& other) { return dominates(other, candidate); })) {
      front.insert(candidate);
    }
  }
  return front;
}

TEST(Pareto, LayerFrontIsWhatNoOtherDesignDominates) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const Layer layer = random_layer(random, 5);
    const Device device = random_device(random);
    const ExplorerSettings settings = random_settings(random);
    const std::vector<ParetoDesign> all = feasible_designs(device, layer, settings);

    const LayerFront front = layer_front(device, layer, settings);

    EXPECT_EQ(front.why.has_value(), all.empty());
    std::set<Values> values;
    for (const ParetoDesign& design : all) values.insert(five(design));
    std::set<Values> found;
    for (const ParetoDesign& design : front.designs) {
      EXPECT_TRUE(found.insert(five(design)).second) << to_string(design.design) << " twice";
      // The first of equals, priced as it says.
      const auto first = std::find_if(all.begin(), all.end(), [&](const ParetoDesign& other) {
        return five(other) == five(design);
      });
      ASSERT_NE(first, all.end());
      EXPECT_EQ(*first, design) << to_string(first->design) << " " << to_string(design.design);
    }
    EXPECT_EQ(found, undominated(values));
    EXPECT_TRUE(std::is_sorted(front.designs.begin(), front.designs.end(),
                               [](const auto& a, const auto& b) { return five(a) < five(b); }));
  }
}

TEST(Pareto, FrontOfALargeLayerIsUndominatedAndCoversEveryDesign) {
  const Device device = make_device({}, {});
  const Layer layer = make_convolution("CONV_0", {8, 14, 14}, 12, 3, 3);
  const ExplorerSettings settings = inas::published_space(Divisors::all);
  const LayerFront front = layer_front(device, layer, settings);
  ASSERT_FALSE(front.designs.empty());
  for (const ParetoDesign& a : front.designs) {
    for (const ParetoDesign& b : front.designs) {
      ASSERT_FALSE(dominates(five(a), five(b))) << to_string(a.design) << to_string(b.design);
    }
  }
  for (const ParetoDesign& design : feasible_designs(device, layer, settings)) {
    const Values values = five(design);
    ASSERT_TRUE(std::any_of(front.designs.begin(), front.designs.end(),
                            [&](const ParetoDesign& kept) {
                              return five(kept) == values || dominates(five(kept), values);
                            }))
        << to_string(design.design);
  }
}

TEST(Pareto, TheFastestOfAFrontIsTheBestDesign) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const Layer layer = random_layer(random, 12);
    const Device device = random_device(random);
    ExplorerSettings settings = random_settings(random);
    settings.multiple_batches = false;
    const LayerFront front = layer_front(device, layer, settings);
    const LayerResult best = best_design(device, layer, settings);
    ASSERT_EQ(front.why, best.why);
    if (best.best) {
      EXPECT_EQ(front.designs.front().latency_s, best.best->latency_s);
    }
  }
}

TEST(Pareto, ValuesFollowTheirDefinitions) {
  Platform platform;
  platform.profile = "msp430fr5994-paper";
  const Device device = make_device(platform, {});
  const Layer layer = make_convolution("CONV_0", {4, 6, 6}, 4, 3, 3);
  // reuse_I, μ = 2, ν = 2, ρ = 2, γ = 1: four cycles at n = 0 with S = 1, as many at n > 0.
  const Design design{{2, 4, 2, 2}, LoopOrder::reuse_I, 1};
  const ParetoDesign values = pareto_values(device, layer, design);
  const costmodel::NvmTraffic traffic = costmodel::nvm_traffic(device.profile, layer, design);
  EXPECT_NEAR(values.nvm_energy_j, traffic.read.energy_j + traffic.write.energy_j,
              1e-12 * values.nvm_energy_j);

  const costmodel::IntermittentCost cost = costmodel::intermittent_cost(device, layer, design);
  ASSERT_EQ(cost.cycles, (execution::PowerCycles{4, 4}));
  const auto& profile = device.profile;
  // Without failures each of the 4 input tiles is read once; with one reboot per tile, 8 times.
  const double input_tile_s =
      4 * 6 * (profile.nvm_read(2).latency_s + profile.fetch_input.latency_s);
  const double on_s = 4 * cost.first.total().latency_s + 4 * cost.later.total().latency_s;
  const double managed_s = 8 * (profile.reboot.latency_s + profile.nvm_read(4).latency_s +
                                profile.nvm_write(4).latency_s + cost.first.backup.latency_s) +
                           4 * input_tile_s;
  EXPECT_NEAR(values.management_overhead, managed_s / on_s, 1e-12);
  EXPECT_EQ(values.latency_s, cost.latency_s);
  EXPECT_EQ(values.energy_per_cycle_j, cost.max().energy_j);
  EXPECT_EQ(values.vm_bytes, cost.vm_bytes);
}

TEST(Pareto, OverheadIsAShareAndDoesNotDependOnTheHarvester) {
  Random random(7);
  PowerSupply slow;
  slow.ehm_resistance_ohm = 300;
  const Device device = make_device({}, {});
  const Device slow_device = make_device({}, slow);
  for (int repeat = 0; repeat < 20; ++repeat) {
    const Layer layer = random_layer(random, 5);
    const ExplorerSettings settings = random_settings(random);
    for (const Design& design : all_designs(device, layer, settings)) {
      const ParetoDesign values = pareto_values(device, layer, design);
      EXPECT_GT(values.management_overhead, 0);
      EXPECT_LT(values.management_overhead, 1);
      EXPECT_EQ(values.management_overhead,
                pareto_values(slow_device, layer, design).management_overhead);
    }
  }
}

Network small_network(Random& random) {
  Network network;
  const Shape input{random.between(1, 2), random.between(2, 4), random.coin() ? 1 : 3};
  const std::int64_t kernel = random.between(1, 2);
  network.layers.push_back(make_convolution("CONV_0", input, random.between(1, 3), kernel,
                                            input.width == 1 ? 1 : kernel));
  network.layers.push_back(
      random.coin()
          ? make_global_average_pool("GAVGPOOL_0", network.layers.back().ofm)
          : make_fully_connected("FC_0", network.layers.back().ofm, random.between(1, 3)));
  if (random.coin()) {
    network.layers.push_back(make_fully_connected("FC_END", network.layers.back().ofm, 2));
  }
  return network;
}

/// (latency, energy, VM) of every combination of designs, each value triple once. Layers keep their
/// own distinct triples only, which loses no combination's values.
std::set<Values> all_networks(const Device& device, const Network& network,
                              const ExplorerSettings& settings) {
  std::set<Values> combined{{0, 0, 0}};
  for (const Layer& layer : network.layers) {
    std::set<Values> of_layer;
    for (const ParetoDesign& design : feasible_designs(device, layer, settings)) {
      of_layer.insert(
          {design.latency_s, design.energy_per_cycle_j, static_cast<double>(design.vm_bytes)});
    }
    std::set<Values> next;
    for (const Values& before : combined) {
      for (const Values& values : of_layer) {
        next.insert({before[0] + values[0], std::max(before[1], values[1]),
                     std::max(before[2], values[2])});
      }
    }
    combined = std::move(next);
  }
  return combined;
}

/// `undominated` for many values: they come in ascending order, so only kept ones can dominate.
std::set<Values> undominated_of_many(const std::set<Values>& all) {
  std::set<Values> front;
  for (const Values& candidate : all) {
    if (std::none_of(front.begin(), front.end(),
                     [&](const Values& other) { return dominates(other, candidate); })) {
      front.insert(candidate);
    }
  }
  return front;
}

Values three(const ParetoNetwork& of) {
  return {of.latency_s, of.energy_per_cycle_j, static_cast<double>(of.vm_bytes)};
}

TEST(Pareto, NetworkFrontEqualsAllCombinationsOfDesigns) {
  std::size_t points = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const Network network = small_network(random);
    const Device device = random_device(random);
    ExplorerSettings settings = random_settings(random);
    if (network.layers.size() == 3) settings.multiple_batches = false;
    const std::set<Values> all = all_networks(device, network, settings);

    const NetworkFront front = network_front(device, network, settings);

    EXPECT_EQ(front.why.has_value(), all.empty());
    EXPECT_EQ(front.epsilon, 0);
    std::set<Values> found;
    for (const ParetoNetwork& point : front.networks) {
      found.insert(three(point));
      // What the point says is what its designs cost.
      ParetoNetwork again{.designs = point.designs};
      for (std::size_t index = 0; index < network.layers.size(); ++index) {
        const DesignEvaluation priced =
            evaluate(device, network.layers[index], point.designs.at(index));
        again.latency_s += priced.latency_s;
        again.energy_per_cycle_j = std::max(again.energy_per_cycle_j, priced.energy_max_j);
        again.vm_bytes = std::max(again.vm_bytes, priced.vm_bytes);
      }
      EXPECT_EQ(again, point);
    }
    EXPECT_EQ(found.size(), front.networks.size());
    EXPECT_EQ(found, undominated_of_many(all));
    points += front.networks.size();
  }
  EXPECT_GT(points, 100u) << "the cases are too easy";
}

TEST(Pareto, AThinnedFrontStaysWithinItsEpsilon) {
  const Device device = make_device({}, {});
  Network network;
  network.layers.push_back(make_convolution("CONV_0", {3, 16, 16}, 8, 3, 3));
  network.layers.push_back(make_convolution("CONV_1", network.layers.back().ofm, 8, 3, 3));
  const ExplorerSettings settings = inas::published_space(Divisors::all);
  const NetworkFront exact = network_front(device, network, settings, 1'000'000);
  ASSERT_EQ(exact.epsilon, 0);
  ASSERT_GT(exact.networks.size(), 200u);
  const auto most = static_cast<std::int64_t>(exact.networks.size() / 2);

  const NetworkFront thinned = network_front(device, network, settings, most);

  EXPECT_LE(thinned.networks.size(), static_cast<std::size_t>(most));
  EXPECT_GT(thinned.epsilon, 0);
  for (const ParetoNetwork& point : exact.networks) {
    EXPECT_TRUE(std::any_of(thinned.networks.begin(), thinned.networks.end(),
                            [&](const ParetoNetwork& kept) {
                              return kept.energy_per_cycle_j <= point.energy_per_cycle_j &&
                                     kept.vm_bytes <= point.vm_bytes &&
                                     kept.latency_s <= (1 + thinned.epsilon) * point.latency_s;
                            }))
        << point.latency_s;
  }
}

TEST(Pareto, TheFastestNetworkIsTheExplorersResult) {
  const Device device = make_device({}, {});
  SearchSpace space{.family = NetworkFamily::convolution_2d,
                    .input = {1, 12, 12},
                    .classes = 10,
                    .layers = 2,
                    .kernels = {1, 3},
                    .filters = {4, 8}};
  const Network network = build_network(space, {3, 8, 3, 4});
  const ExplorerSettings settings = inas::published_space(Divisors::all);
  const NetworkFront front = network_front(device, network, settings);
  Explorer explorer(device, settings);
  EXPECT_EQ(front.networks.front().latency_s, explorer.explore(network).latency_s);
}

TEST(Pareto, NetworksThatNvmRulesOutAreCounted) {
  Device device = make_device({}, {});
  Network network;
  network.layers.push_back(make_convolution("CONV_0", {32, 9, 9}, 4, 5, 5));
  network.layers.push_back(make_fully_connected("FC_0", network.layers[0].ofm, 10));
  const NetworkFront all = network_front(device, network, {});
  EXPECT_EQ(all.left_out, 0);
  // Designs of several steps have two copies of their output, which others do not need.
  std::int64_t least = device.platform.nvm_bytes;
  for (const ParetoNetwork& point : all.networks) {
    std::vector<execution::ExecutedLayer> executed;
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
      executed.push_back({network.layers[l], point.designs[l]});
    }
    least = std::min(least, execution::nvm_need_bytes(executed, device.platform.data_bytes));
  }
  device.platform.nvm_bytes = least;
  const NetworkFront within = network_front(device, network, {});
  EXPECT_FALSE(within.why);
  EXPECT_GT(within.left_out, 0);
  EXPECT_EQ(within.left_out + static_cast<std::int64_t>(within.networks.size()),
            static_cast<std::int64_t>(all.networks.size()));
  device.platform.nvm_bytes = least - 1;
  const NetworkFront none = network_front(device, network, {});
  ASSERT_TRUE(none.why);
  EXPECT_EQ(none.why->constraint, Constraint::nvm_capacity);
}

TEST(Pareto, AnInfeasibleNetworkSaysWhichLayerAndWhy) {
  PowerSupply supply;
  supply.capacitance_f = 1e-5;
  const Device device = make_device({}, supply);
  Network network{{make_fully_connected("FC_0", {2, 1, 1}, 2)}};
  const NetworkFront front = network_front(device, network, {});
  ASSERT_TRUE(front.why);
  EXPECT_EQ(front.why->constraint, Constraint::atomicity);
  EXPECT_EQ(front.why->layer, "FC_0");
  EXPECT_EQ(front.why->layer_index, 0);
  EXPECT_TRUE(front.networks.empty());
}

TEST(Pareto, BadInputIsRefused) {
  PowerSupply continuous;
  continuous.kind = PowerKind::continuous;
  const Layer layer = make_fully_connected("FC_0", {2, 1, 1}, 2);
  EXPECT_THROW((void)layer_front(make_device({}, continuous), layer, {}), InvalidArgument);
  EXPECT_THROW((void)network_front(make_device({}, continuous), {{layer}}, {}), InvalidArgument);
  EXPECT_THROW((void)network_front(make_device({}, {}), {{layer}}, {}, 0), InvalidArgument);
  EXPECT_THROW((void)pareto_values(make_device({}, {}), layer, {{1, 1, 3, 1}}), InvalidArgument);
}

}  // namespace
}  // namespace inas::explorer
