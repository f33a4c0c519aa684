#include <gtest/gtest.h>
#include <library/library_model.hpp>
#include <oracle/random_cases.hpp>

#include <inas/costmodel/tiling.hpp>
#include <inas/explorer/design_space.hpp>
#include <inas/explorer/layer_search.hpp>

namespace {

using inas::Design;
using inas::ExplorerSettings;
using inas::explorer::DesignEvaluation;
using inas::explorer::LayerResult;

struct Case {
  inas::Layer layer;
  inas::costmodel::Device device;
  ExplorerSettings settings;
};

Case random_case(std::uint64_t seed, oracle::Int extent) {
  oracle::Generator generator(seed);
  const oracle::Layer layer = oracle::random_layer(generator, extent);
  const oracle::Supply supply = oracle::random_supply(generator, layer, oracle::Lists::all);
  Case random{
      library::layer_of(layer), library::device_of(supply, oracle::random_rules(generator)), {}};
  random.settings.legal = generator() % 3 == 0 ? inas::Divisors::published : inas::Divisors::all;
  random.settings.row_mac = generator() % 2 == 0;
  random.settings.coalesced_dma = generator() % 2 == 0;
  random.settings.multiple_batches = generator() % 2 == 0;
  if (generator() % 4 == 0) random.device.profile.longest_vector = 16;
  return random;
}

/// The best design by pricing every design with every legal K, keeping for each execution and S the
/// largest K within the budget.
std::optional<DesignEvaluation> best_by_brute_force(const Case& of) {
  std::optional<DesignEvaluation> best;
  inas::explorer::for_each_design(
      of.layer, of.settings, of.device.supply.kind, [&](const Design& design) {
        DesignEvaluation chosen = inas::explorer::evaluate(of.device, of.layer, design);
        if (of.settings.multiple_batches &&
            of.device.supply.kind == inas::PowerKind::intermittent) {
          const auto counts = inas::costmodel::tile_counts(of.layer, design.tile);
          const auto groups = inas::costmodel::batch_groups(of.layer, counts, design.order);
          for (const std::int64_t K :
               inas::costmodel::legal_batches_per_cycle(groups, design.batch)) {
            Design longer = design;
            longer.batches_per_cycle = K;
            const DesignEvaluation priced = inas::explorer::evaluate(of.device, of.layer, longer);
            if (priced.atomicity) chosen = priced;
          }
        }
        if (chosen.feasible() &&
            (!best || chosen.latency_s < best->latency_s ||
             (chosen.latency_s == best->latency_s && chosen.vm_bytes < best->vm_bytes))) {
          best = chosen;
        }
      });
  return best;
}

TEST(WideExplorer, BestDesignEqualsExhaustiveSweep) {
  int feasible = 0;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    const Case of = random_case(seed, 24);
    const LayerResult fast = inas::explorer::best_design(of.device, of.layer, of.settings);
    const LayerResult swept =
        inas::explorer::best_design_by_sweep(of.device, of.layer, of.settings);
    ASSERT_EQ(fast, swept) << "seed " << seed << ": "
                           << (fast.best ? to_string(fast.best->design) : "none") << " instead of "
                           << (swept.best ? to_string(swept.best->design) : "none");
    feasible += fast.best ? 1 : 0;
  }
  EXPECT_GT(feasible, 500);
  EXPECT_LT(feasible, 1990);
}

TEST(WideExplorer, BestDesignEqualsABruteForceOverAllBatchesPerCycle) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Case of = random_case(seed, 10);
    const LayerResult fast = inas::explorer::best_design(of.device, of.layer, of.settings);
    const std::optional<DesignEvaluation> brute = best_by_brute_force(of);
    ASSERT_EQ(fast.best.has_value(), brute.has_value()) << "seed " << seed;
    if (brute) {
      ASSERT_EQ(*fast.best, *brute) << "seed " << seed << ": " << to_string(fast.best->design)
                                    << " instead of " << to_string(brute->design);
    }
  }
}

// No design of the wider space is priced above the one it replaces, so no optimum can get worse.
TEST(WideExplorer, AWiderSpaceIsNeverSlower) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Case of = random_case(seed, 24);
    of.settings = {.legal = inas::Divisors::published};
    const LayerResult narrow = inas::explorer::best_design(of.device, of.layer, of.settings);
    of.settings = {.row_mac = true, .coalesced_dma = true, .multiple_batches = false};
    const LayerResult wide = inas::explorer::best_design(of.device, of.layer, of.settings);
    if (!narrow.best) continue;
    ASSERT_TRUE(wide.best.has_value()) << "seed " << seed;
    EXPECT_LE(wide.best->latency_s, narrow.best->latency_s) << "seed " << seed;
  }
}

}  // namespace
