#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>
#include <library/library_model.hpp>
#include <oracle/random_cases.hpp>
#include <oracle/walk.hpp>

#include <inas/execution/tiles.hpp>
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

const inas::costmodel::Profile& runtime_profile() {
  static const auto profile = inas::costmodel::load_profile("msp430fr5994");
  return profile;
}

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
  random.settings.ragged_tiles = generator() % 2 == 0;
  if (generator() % 2 == 0) {
    // The runtime, whose work is a tenth of the published one's and less.
    random.device.profile = runtime_profile();
    random.device.profile.longest_vector = generator() % 4 == 0 ? 16 : 0;
    random.device.supply.capacitance_f /= static_cast<double>(1 + generator() % 20);
    random.settings.units = {.lea = generator() % 2 == 0, .cpu = generator() % 2 == 0};
  }
  return random;
}

/// The best design by pricing every design with every legal K, keeping for each execution and S the
/// largest K within the budget.
std::optional<DesignEvaluation> best_by_brute_force(const Case& of) {
  std::optional<DesignEvaluation> best;
  inas::explorer::for_each_design(
      of.layer, inas::explorer::with_units(of.settings, of.device.profile), of.device.supply.kind,
      [&](const Design& design) {
        DesignEvaluation chosen = inas::explorer::evaluate(of.device, of.layer, design);
        if (of.settings.multiple_batches &&
            of.device.supply.kind == inas::PowerKind::intermittent) {
          const auto counts = inas::execution::tile_counts(of.layer, design.tile);
          const auto groups = inas::execution::batch_groups(of.layer, counts, design.order);
          for (const std::int64_t K :
               inas::execution::legal_batches_per_cycle(groups, design.batch)) {
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
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    const Case of = random_case(seed, 24);
    const LayerResult fast = inas::explorer::best_design(of.device, of.layer, of.settings);
    const LayerResult swept =
        inas::explorer::best_design_by_sweep(of.device, of.layer, of.settings);
    ASSERT_EQ(fast, swept) << "seed " << seed << ": "
                           << (fast.best ? to_string(fast.best->design) : "none") << " instead of "
                           << (swept.best ? to_string(swept.best->design) : "none");
    feasible += fast.best ? 1 : 0;
  }
  EXPECT_GT(feasible, 750);
  EXPECT_LT(feasible, 2980);
}

// The bounds of the search may rest on no figure of a profile.
TEST(WideExplorer, BestDesignEqualsExhaustiveSweepWhateverTheCosts) {
  int feasible = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    Case of = random_case(seed, 16);
    oracle::Generator generator(seed);
    // From e⁻⁸ to e² times the real cost.
    const auto scale = [&generator](double& of_cost) {
      of_cost *= std::exp(-8 + 10 * static_cast<double>(generator() >> 11) * 0x1p-53);
    };
    inas::costmodel::Profile& profile = of.device.profile;
    for (inas::costmodel::Cost* cost :
         {&profile.reboot, &profile.fetch_input, &profile.fetch_weights, &profile.partial_sum}) {
      scale(cost->energy_j);
      scale(cost->latency_s);
    }
    for (inas::costmodel::LinearCost* cost :
         {&profile.nvm_read, &profile.nvm_write, &profile.vector_mac}) {
      for (inas::costmodel::LinearLaw* law : {&cost->energy_j, &cost->latency_s}) {
        scale(law->slope);
        scale(law->intercept);
      }
    }
    if (seed % 3 == 0) profile.reboot = {1e-100, 1e-100};
    const LayerResult fast = inas::explorer::best_design(of.device, of.layer, of.settings);
    const LayerResult swept =
        inas::explorer::best_design_by_sweep(of.device, of.layer, of.settings);
    ASSERT_EQ(fast, swept) << "seed " << seed << ": "
                           << (fast.best ? to_string(fast.best->design) : "none") << " instead of "
                           << (swept.best ? to_string(swept.best->design) : "none");
    feasible += fast.best ? 1 : 0;
  }
  EXPECT_GT(feasible, 500);
}

TEST(WideExplorer, ContinuousBestDesignEqualsExhaustiveSweepTiesIncluded) {
  int feasible = 0;
  int ties = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    Case of = random_case(seed, 18);
    of.device.supply.kind = inas::PowerKind::continuous;
    if (seed % 2 == 0) of.settings = {};
    const LayerResult fast = inas::explorer::best_design(of.device, of.layer, of.settings);
    const LayerResult swept =
        inas::explorer::best_design_by_sweep(of.device, of.layer, of.settings);
    ASSERT_EQ(fast, swept) << "seed " << seed << ": "
                           << (fast.best ? to_string(fast.best->design) : "none") << " instead of "
                           << (swept.best ? to_string(swept.best->design) : "none");
    if (!fast.best) continue;
    ++feasible;
    int equal = 0;
    inas::explorer::for_each_design(
        of.layer, of.settings, of.device.supply.kind, [&](const Design& design) {
          const auto priced = inas::explorer::evaluate(of.device, of.layer, design);
          if (priced.spatial && priced.latency_s == fast.best->latency_s) ++equal;
        });
    ties += equal > 1 ? 1 : 0;
  }
  EXPECT_GT(feasible, 500);
  EXPECT_LT(feasible, 1000);
  EXPECT_GT(ties, 20);
}

TEST(WideExplorer, BestDesignEqualsABruteForceOverAllBatchesPerCycle) {
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
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

/// The least latency that a walk through the loop nests finds: every design with K = 1 whose rows
/// and columns are any ⌈extent/q⌉, priced tile by tile. Infinite if none is feasible.
double least_walked_latency_s(const oracle::Layer& layer, const oracle::Supply& supply) {
  const auto sizes = [](oracle::Int extent) {
    std::set<oracle::Int> all;
    for (oracle::Int q = 1; q <= extent; ++q) all.insert((extent + q - 1) / q);
    return all;
  };
  const bool pool = layer.kind == oracle::Kind::pool;
  double least_s = std::numeric_limits<double>::infinity();
  const auto consider = [&](const oracle::Design& design) {
    if (oracle::vm_bytes(layer, design, supply.D) > supply.vm_capacity) return;
    double latency_s = 0;
    for (const oracle::WalkedCycle& cycle : oracle::walk(layer, {design}, oracle::kCorrected)) {
      if (cycle.energy > oracle::budget(supply)) return;
      latency_s += cycle.latency + oracle::recharge(supply, oracle::kCorrected, cycle.energy);
    }
    least_s = std::min(least_s, latency_s);
  };
  const auto all_batches = [&](oracle::Design design) {
    const oracle::Int rows = pool ? layer.H : layer.R;
    const oracle::Int columns = pool ? layer.W : layer.C;
    const oracle::Int row = (columns + design.Tc - 1) / design.Tc;
    const bool over_positions = pool || design.order == 'W';
    const bool ragged = rows % design.Tr != 0 || columns % design.Tc != 0;
    const oracle::Int extent = over_positions        ? (rows + design.Tr - 1) / design.Tr * row
                               : design.order == 'I' ? layer.M / design.Tm
                                                     : layer.N / design.Tn;
    for (const oracle::Int S : oracle::divisors(extent, oracle::Lists::all)) {
      if (over_positions && ragged && row % S != 0 && S % row != 0) continue;
      design.S = S;
      consider(design);
    }
  };
  for (const oracle::Int Tr : sizes(pool ? layer.H : layer.R)) {
    for (const oracle::Int Tc : sizes(pool ? layer.W : layer.C)) {
      for (const oracle::Int Tm : oracle::divisors(layer.M, oracle::Lists::all)) {
        if (pool || layer.kind == oracle::Kind::max) {
          all_batches({Tr, Tc, Tm, 1, pool ? 'O' : 'W', 1});
          continue;
        }
        for (const oracle::Int Tn : oracle::divisors(layer.N, oracle::Lists::all)) {
          for (const char order : {'I', 'W', 'O'}) all_batches({Tr, Tc, Tm, Tn, order, 1});
        }
      }
    }
  }
  return least_s;
}

TEST(WideExplorer, TheBestRaggedDesignIsTheFastestThatIsWalked) {
  int feasible = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    oracle::Generator generator(seed);
    const oracle::Layer layer = oracle::random_layer(generator, 7);
    oracle::Supply supply = oracle::random_supply(generator, layer, oracle::Lists::all);
    supply.continuous = false;
    ExplorerSettings settings = inas::published_space(inas::Divisors::all);
    settings.ragged_tiles = true;
    const LayerResult found = inas::explorer::best_design(
        library::device_of(supply, oracle::kCorrected), library::layer_of(layer), settings);
    const double walked_s = least_walked_latency_s(layer, supply);
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << oracle::describe(layer) << " "
                                    << oracle::describe(supply));
    ASSERT_EQ(found.best.has_value(), walked_s < std::numeric_limits<double>::infinity());
    if (!found.best) continue;
    ++feasible;
    EXPECT_NEAR(found.best->latency_s, walked_s, 1e-9 * walked_s) << to_string(found.best->design);
  }
  EXPECT_GT(feasible, 50);
  EXPECT_LT(feasible, 145);
}

TEST(WideExplorer, RaggedTilesHelpWhereTheMapIsPrime) {
  const auto device = inas::costmodel::make_device({}, {});
  const inas::Layer layer = inas::make_convolution("CONV_0", {8, 25, 25}, 16, 3, 3);
  ExplorerSettings settings = inas::published_space(inas::Divisors::all);
  const LayerResult even = inas::explorer::best_design(device, layer, settings);
  settings.ragged_tiles = true;
  const LayerResult ragged = inas::explorer::best_design(device, layer, settings);
  ASSERT_TRUE(even.best && ragged.best);
  EXPECT_LT(ragged.best->latency_s, 0.95 * even.best->latency_s);
  EXPECT_TRUE(inas::execution::tile_counts(layer, ragged.best->design.tile).uneven)
      << to_string(ragged.best->design);
  EXPECT_EQ(*ragged.best, inas::explorer::evaluate(device, layer, ragged.best->design));
}

// No design of the wider space is priced above the one it replaces, so no optimum can get worse.
TEST(WideExplorer, AWiderSpaceIsNeverSlower) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Case of = random_case(seed, 24);
    of.settings = inas::published_space();
    const LayerResult narrow = inas::explorer::best_design(of.device, of.layer, of.settings);
    of.settings = {.multiple_batches = false};
    const LayerResult wide = inas::explorer::best_design(of.device, of.layer, of.settings);
    if (!narrow.best) continue;
    ASSERT_TRUE(wide.best.has_value()) << "seed " << seed;
    EXPECT_LE(wide.best->latency_s, narrow.best->latency_s) << "seed " << seed;
  }
}

}  // namespace
