#include <gtest/gtest.h>
#include <library/library_model.hpp>
#include <library/library_searcher.hpp>
#include <library/paper_spaces.hpp>
#include <oracle/comparison.hpp>
#include <oracle/random_cases.hpp>

#include <inas/explorer/design_space.hpp>

// The explorer and the oracle must choose the same design, bit for bit in every figure, and give
// the same reason where there is none: for random layers, supplies, faults and both divisor sets.

namespace {

using oracle::Comparison;
using oracle::Exploration;
using oracle::Generator;
using oracle::Layer;
using oracle::Lists;
using oracle::Rules;
using oracle::Supply;

constexpr std::uint64_t kSeed = 1'999'330;
constexpr std::size_t kCases = 3000;
constexpr oracle::Int kExtent = 37;

struct Case {
  Layer layer;
  Supply supply;
  Rules rules;
  Lists lists;
  std::string text;
};

Case random_case(std::uint64_t seed) {
  Generator generator(seed);
  Case c;
  c.layer = oracle::random_layer(generator, kExtent);
  c.lists = oracle::random_from(generator, 0, 1) == 0 ? Lists::published : Lists::all;
  c.supply = oracle::random_supply(generator, c.layer, c.lists);
  c.rules = oracle::random_rules(generator);
  c.text = "seed " + std::to_string(seed) + ", " + oracle::describe(c.layer) + ", " +
           oracle::describe(c.supply);
  return c;
}

oracle::Choice choice_of(const Exploration& exploration) {
  return {exploration.best, exploration.why};
}

TEST(Explorer, BestDesignEqualsExhaustiveSweepAndOracle) {
  Comparison by_best("best_design");
  Comparison by_sweep("best_design_by_sweep");
  std::size_t feasible = 0;
  std::size_t spatial = 0;
  for (std::size_t i = 0; i < kCases; ++i) {
    const Case c = random_case(kSeed + i);
    const oracle::Choice expected = choice_of(oracle::explore(c.layer, c.supply, c.rules, c.lists));
    const auto device = library::device_of(c.supply, c.rules);
    const inas::Layer layer = library::layer_of(c.layer);
    const auto settings = library::settings_of(c.lists);
    by_best.begin(i, c.text);
    by_best.same(
        library::choice_of(device, layer, inas::explorer::best_design(device, layer, settings)),
        expected);
    by_sweep.begin(i, c.text);
    by_sweep.same(library::choice_of(device, layer,
                                     inas::explorer::best_design_by_sweep(device, layer, settings)),
                  expected);
    feasible += expected.best ? 1 : 0;
    spatial += expected.why && expected.why->spatial ? 1 : 0;
  }
  EXPECT_TRUE(by_best.verdict(kCases));
  EXPECT_TRUE(by_sweep.verdict(kCases));
  // The cases must be worth something: all three outcomes, often.
  EXPECT_GT(feasible, kCases / 4);
  EXPECT_GT(spatial, kCases / 50);
  EXPECT_GT(kCases - feasible - spatial, kCases / 50);
}

TEST(Explorer, EveryLegalDesignIsPricedAsByTheOracleInItsOrder) {
  Comparison compare("evaluate");
  for (std::size_t i = 0; i < 400; ++i) {
    Generator generator(kSeed + i);
    Case c = random_case(kSeed + 10'000 + i);
    c.layer = oracle::random_layer(generator, 12);
    SCOPED_TRACE(c.text);
    const auto device = library::device_of(c.supply, c.rules);
    const inas::Layer layer = library::layer_of(c.layer);
    const std::vector<oracle::Design> designs =
        oracle::designs(c.layer, c.supply.continuous, c.lists);
    std::size_t at = 0;
    inas::explorer::for_each_design(
        layer, library::settings_of(c.lists).legal, device.supply.kind,
        [&](const inas::Design& design) {
          if (at >= designs.size()) {
            ++at;
            return;
          }
          const auto evaluation = inas::explorer::evaluate(device, layer, design);
          compare.begin(i, c.text);
          compare.same(library::candidate_of(device, layer, evaluation),
                       oracle::price(c.layer, designs[at], c.supply, c.rules));
          ++at;
        });
    EXPECT_EQ(at, designs.size());
  }
  EXPECT_TRUE(compare.verdict());
}

/// `count` random architectures of a space under random supplies, explored as networks.
void compare_networks(const std::string& space_name, std::size_t count, double capacitance) {
  const inas::SearchSpace space = library::paper_space(space_name);
  Comparison compare("networks of " + space_name);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t seed = kSeed + i;
    Generator generator(seed);
    inas::Architecture architecture;
    for (const inas::Decision& decision : inas::decisions(space)) {
      architecture.push_back(decision.values[static_cast<std::size_t>(oracle::random_from(
          generator, 0, static_cast<oracle::Int>(decision.values.size()) - 1))]);
    }
    // Each second network with the corrected rules and each second pair with all divisors.
    const Rules rules = i % 2 == 0 ? oracle::kPublished : oracle::kCorrected;
    const Lists lists = i % 4 < 2 ? Lists::published : Lists::all;
    const Supply supply{.continuous = i % 5 == 4,
                        .C_cap = i % 3 == 2 ? capacitance / 8 : capacitance,
                        .vm_capacity = i % 3 == 1 ? 600 : 2048};
    compare.begin(i, "seed " + std::to_string(seed) + ", " + inas::to_string(architecture) + ", " +
                         oracle::describe(supply));

    inas::explorer::Explorer explorer(library::device_of(supply, rules),
                                      library::settings_of(lists));
    const inas::explorer::NetworkResult result = explorer.explore(space, architecture);
    const inas::Network network = inas::build_network(space, architecture);
    std::vector<Layer> layers;
    for (const inas::Layer& layer : network.layers) {
      const oracle::Kind kind = layer.type == inas::LayerType::convolution ? oracle::Kind::conv
                                : layer.type == inas::LayerType::fully_connected
                                    ? oracle::Kind::fc
                                    : oracle::Kind::pool;
      layers.push_back({kind, layer.ifm.height, layer.ifm.width, layer.ifm.channels,
                        layer.ofm.height, layer.ofm.width, layer.ofm.channels, layer.kernel_height,
                        layer.kernel_width});
    }
    const oracle::NetworkExploration expected =
        oracle::explore_network(layers, supply, rules, lists);
    const oracle::NetworkChoice found = library::choice_of(explorer.device(), network, result);

    compare.same("feasible", result.feasible(), expected.feasible());
    compare.same("latency", found.latency, expected.latency);
    compare.same("layers", static_cast<oracle::Int>(found.layers.size()),
                 static_cast<oracle::Int>(expected.layers.size()));
    for (std::size_t k = 0; k < found.layers.size() && k < expected.layers.size(); ++k) {
      compare.same(found.layers[k], choice_of(expected.layers[k]));
    }
    if (result.why) {
      const std::size_t failed = expected.layers.size() - 1;
      compare.same("failed layer", result.why->layer, network.layers[failed].name);
      compare.same("failed index", result.why->layer_index, static_cast<oracle::Int>(failed));
    }
  }
  EXPECT_TRUE(compare.verdict(count));
}

TEST(Explorer, CifarNetworksEqualTheOracle) { compare_networks("cifar", 20, 0.005); }
TEST(Explorer, FashionNetworksEqualTheOracle) { compare_networks("mnist", 40, 0.005); }
TEST(Explorer, HarNetworksEqualTheOracle) { compare_networks("har", 60, 0.001); }
TEST(Explorer, KwsNetworksEqualTheOracle) { compare_networks("kws", 60, 0.005); }

}  // namespace
