#include <gtest/gtest.h>
#include <library/library_model.hpp>
#include <oracle/comparison.hpp>
#include <oracle/random_cases.hpp>

#include <inas/costmodel/recharge.hpp>

// The library and the oracle must agree bit for bit on random layers, designs and supplies, under
// any combination of faults.

namespace {

using oracle::Comparison;
using oracle::Design;
using oracle::Generator;
using oracle::Layer;
using oracle::Lists;
using oracle::PoolTile;
using oracle::Rules;
using oracle::Supply;

constexpr std::uint64_t kSeed = 20'210'226;
constexpr int kCases = 5000;
constexpr oracle::Int kExtent = 37;

const library::LibraryModel model;
const oracle::OracleModel expected;

struct Case {
  Layer layer;
  Supply supply;
  Rules rules;
  Design design;
  std::string text;
};

Case random_case(std::uint64_t seed, bool continuous) {
  Generator generator(seed);
  Case c;
  c.layer = oracle::random_layer(generator, kExtent);
  c.supply = oracle::random_supply(generator, c.layer, Lists::all);
  c.supply.continuous = continuous;
  c.rules = oracle::random_rules(generator);
  c.design = oracle::random_design(generator, c.layer, continuous, Lists::all);
  c.text = "seed " + std::to_string(seed) + ", " + oracle::describe(c.layer) + ", " +
           oracle::params(c.design) + ", " + oracle::describe(c.supply);
  return c;
}

TEST(CostModel, IntermittentCostEqualsTheOracle) {
  Comparison compare("intermittent_cost");
  for (std::size_t i = 0; i < kCases; ++i) {
    const Case c = random_case(kSeed + i, false);
    compare.begin(i, c.text);
    for (const PoolTile pool : {PoolTile::own, PoolTile::convolution}) {
      compare.same(model.intermittent(c.layer, c.design, c.supply, c.rules, pool),
                   expected.intermittent(c.layer, c.design, c.supply, c.rules, pool));
    }
    compare.same(model.query(c.layer, c.design, c.supply, c.rules),
                 expected.query(c.layer, c.design, c.supply, c.rules));
  }
  EXPECT_TRUE(compare.verdict(kCases));
}

TEST(CostModel, NvmTrafficEqualsTheOracle) {
  Comparison compare("nvm_traffic");
  for (std::size_t i = 0; i < kCases; ++i) {
    const Case c = random_case(kSeed + i, false);
    compare.begin(i, c.text);
    compare.same(model.traffic(c.layer, c.design, c.rules),
                 expected.traffic(c.layer, c.design, c.rules));
    compare.same(model.single_cycle_traffic(c.layer, c.design, c.rules),
                 expected.single_cycle_traffic(c.layer, c.design, c.rules));
  }
  EXPECT_TRUE(compare.verdict(kCases));
}

TEST(CostModel, ContinuousCostEqualsTheOracle) {
  Comparison compare("continuous_cost");
  for (std::size_t i = 0; i < kCases; ++i) {
    const Case c = random_case(kSeed + i, true);
    compare.begin(i, c.text);
    compare.same(model.continuous(c.layer, c.design, c.supply, c.rules),
                 expected.continuous(c.layer, c.design, c.supply, c.rules));
  }
  EXPECT_TRUE(compare.verdict(kCases));
}

TEST(CostModel, RechargeTimeEqualsTheOracleUpToTheWholeBudget) {
  Comparison compare("recharge_time_s");
  for (std::size_t i = 0; i < kCases; ++i) {
    const Case c = random_case(kSeed + i, false);
    compare.begin(i, c.text);
    const double budget = model.budget(c.supply);
    compare.same("budget", budget, expected.budget(c.supply));
    for (const double share : {0.0, 0.1, 0.5, 0.999, 1.0}) {
      compare.same("recharge", model.recharge(c.supply, c.rules, share * budget),
                   expected.recharge(c.supply, c.rules, share * budget));
    }
  }
  EXPECT_TRUE(compare.verdict(kCases));
}

TEST(CostModel, FirstChargeEqualsTheOraclesOtherForm) {
  for (std::size_t i = 0; i < kCases; ++i) {
    const Case c = random_case(kSeed + i, false);
    const double first_s = inas::costmodel::first_charge_s(library::device_of(c.supply, {}).supply);
    ASSERT_NEAR(first_s / oracle::first_charge(c.supply), 1, 1e-9) << c.text;
  }
}

}  // namespace
