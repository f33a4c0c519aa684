#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <library/library_model.hpp>
#include <library/random_wide_design.hpp>
#include <oracle/random_cases.hpp>
#include <oracle/walk.hpp>

#include <inas/core/error.hpp>
#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/continuous.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/execution/design_check.hpp>

namespace {

using inas::costmodel::IntermittentCost;
using Case = library::WideCase;

bool near(double found, double expected) {
  return std::fabs(found - expected) <= 1e-10 * std::fabs(expected);
}

/// Power cycles that cost the same.
struct Kind {
  inas::costmodel::Cost cost;
  std::int64_t counted = 0;
  std::int64_t walked = 0;

  [[nodiscard]] bool costs(double energy_j, double latency_s) const {
    return near(cost.energy_j, energy_j) && near(cost.latency_s, latency_s);
  }
};

/// The library's kinds of power cycle; those of equal cost are one.
std::vector<Kind> kinds_of(const IntermittentCost& cost) {
  std::vector<Kind> kinds;
  const auto add = [&kinds](const inas::costmodel::Cost& of, std::int64_t count) {
    if (count == 0) return;
    for (Kind& kind : kinds) {
      if (kind.costs(of.energy_j, of.latency_s)) {
        kind.counted += count;
        return;
      }
    }
    kinds.push_back({of, count, 0});
  };
  add(cost.first.total(), cost.dearest_cycles().first);
  add(cost.later.total(), cost.dearest_cycles().later);
  for (const inas::costmodel::CyclePartCost& part : cost.border) {
    add(part.first.total(), part.cycles.first);
    add(part.later.total(), part.cycles.later);
  }
  return kinds;
}

/// Every power cycle of the walk, in its order, has the cost of one of the library's kinds; there
/// are as many of each; C1 and the latency are those of the cycles walked.
void expect_priced_as_walked(const Case& of) {
  inas::costmodel::Device device = library::device_of({}, oracle::kCorrected);
  device.profile.longest_vector = of.wide.longest_vector;
  const IntermittentCost cost =
      inas::costmodel::intermittent_cost(device, of.of_library, of.design);
  const std::vector<oracle::WalkedCycle> cycles =
      oracle::walk(of.layer, of.wide, oracle::kCorrected);

  ASSERT_EQ(cost.cycles.all(), static_cast<std::int64_t>(cycles.size()));
  std::vector<Kind> kinds = kinds_of(cost);
  double dearest_j = 0;
  double all_j = 0;
  double latency_s = 0;
  for (const oracle::WalkedCycle& cycle : cycles) {
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& candidate) {
      return candidate.costs(cycle.energy, cycle.latency);
    });
    ASSERT_NE(kind, kinds.end()) << cycle.energy << " J, library " << cost.min().energy_j << " or "
                                 << cost.max().energy_j;
    ++kind->walked;
    dearest_j = std::max(dearest_j, cycle.energy);
    all_j += cycle.energy;
    if (cost.atomic()) {
      latency_s += cycle.latency + oracle::recharge({}, oracle::kCorrected, cycle.energy);
    }
  }
  for (const Kind& kind : kinds) EXPECT_EQ(kind.counted, kind.walked) << kind.cost.energy_j << " J";
  EXPECT_TRUE(near(cost.max().energy_j, dearest_j)) << cost.max().energy_j << " " << dearest_j;
  const auto total = cost.sum([](const auto& cycle) { return cycle.total(); });
  EXPECT_TRUE(near(total.energy_j, all_j)) << total.energy_j << " " << all_j;
  const auto moved = cost.sum([](const auto& cycle) {
    return cycle.fetch + cycle.index_fetch + cycle.backup + cycle.index_backup;
  });
  const auto traffic = inas::costmodel::nvm_traffic(device.profile, of.of_library, of.design);
  EXPECT_TRUE(near(traffic.read.energy_j + traffic.write.energy_j, moved.energy_j));
  if (cost.atomic()) {
    EXPECT_TRUE(near(cost.latency_s, latency_s)) << cost.latency_s << " " << latency_s;
  }
}

TEST(WideDesignSpace, EveryPowerCycleIsWhatAWalkThroughTheLoopNestFinds) {
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    oracle::Generator generator(seed);
    const Case random = library::random_wide_case(generator, false);
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(random));
    expect_priced_as_walked(random);
    if (HasFatalFailure()) return;
  }
}

TEST(WideDesignSpace, EveryPowerCycleOfRaggedTilesIsWhatAWalkThroughTheLoopNestFinds) {
  int ragged = 0;
  int of_four_parts = 0;
  for (std::uint64_t seed = 1; seed <= 8000; ++seed) {
    oracle::Generator generator(seed);
    const Case random = library::random_wide_case(generator, true);
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(random));
    ASSERT_NO_THROW(inas::execution::check_design(random.of_library, random.design));
    expect_priced_as_walked(random);
    if (HasFatalFailure()) return;
    if (!random.counts().uneven) continue;
    ++ragged;
    const auto cost = inas::costmodel::intermittent_cost(library::device_of({}, oracle::kCorrected),
                                                         random.of_library, random.design);
    of_four_parts += cost.border.size() == 3 ? 1 : 0;
  }
  EXPECT_GT(ragged, 1000);
  EXPECT_GT(of_four_parts, 100);
}

// Without failures a layer is one long power cycle whose preservation is left out. Pooling fetches
// its output with every tile, as in a power cycle for each.
TEST(WideDesignSpace, ContinuousPowerCostsWhatTheWalkPaysBesidesPreservation) {
  const auto device = library::device_of({}, oracle::kCorrected);
  const inas::costmodel::Profile& profile = device.profile;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    oracle::Generator generator(seed);
    Case random = library::random_wide_case(generator, true);
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(random));
    const bool pool = random.layer.kind == oracle::Kind::pool;
    const inas::execution::TileCounts counts = random.counts();
    random.wide.longest_vector = 0;
    random.wide.design.S =
        !pool && random.design.order == inas::LoopOrder::reuse_O ? counts.in_channels : 1;
    random.wide.K = pool ? 1 : counts.all();
    random.design.batch = random.design.batches_per_cycle = 1;
    double energy_j = 0;
    for (const oracle::WalkedCycle& cycle :
         oracle::walk(random.layer, random.wide, oracle::kCorrected)) {
      energy_j += cycle.energy - profile.reboot.energy_j - profile.nvm_read(4).energy_j;
    }
    const std::int64_t records = counts.all() / random.wide.design.S;
    energy_j -= static_cast<double>(records) * profile.nvm_write(4).energy_j;
    const double found = inas::costmodel::continuous_cost(profile, random.of_library, random.design)
                             .total()
                             .energy_j;
    EXPECT_NEAR(found, energy_j, 1e-9 * energy_j + 1e-12);
  }
}

TEST(WideDesignSpace, EachChoiceAloneNeverNeedsMoreTransfersOrVectors) {
  const inas::Layer layer = inas::make_convolution("C", {8, 20, 20}, 16, 3, 3);
  const auto device = inas::costmodel::make_device({}, {});
  const inas::Design published{{6, 6, 2, 8}, inas::LoopOrder::reuse_I, 4};
  inas::Design row = published;
  row.mac = inas::MacGranularity::row;
  inas::Design coalesced = published;
  coalesced.dma = inas::DmaGranularity::coalesced;
  const IntermittentCost base = inas::costmodel::intermittent_cost(device, layer, published);
  const IntermittentCost with_row = inas::costmodel::intermittent_cost(device, layer, row);
  const IntermittentCost with_dma = inas::costmodel::intermittent_cost(device, layer, coalesced);
  // 9 vectors of 8 become 3 of 24; 64 transfers of 8 become 8 of 64.
  EXPECT_LT(with_row.first.compute.latency_s, base.first.compute.latency_s);
  EXPECT_EQ(with_row.first.fetch, base.first.fetch);
  EXPECT_LT(with_dma.first.fetch.latency_s, base.first.fetch.latency_s);
  EXPECT_EQ(with_dma.first.compute, base.first.compute);
}

TEST(WideDesignSpace, LongVectorsAreMarkedAndCanBeSplit) {
  const inas::Layer layer = inas::make_fully_connected("FC_0", {1, 250, 1}, 48);
  inas::costmodel::Profile profile = inas::costmodel::load_profile("msp430fr5994-paper");
  const inas::Design design{{1, 1, 1, 1}, inas::LoopOrder::reuse_O, 1, inas::MacGranularity::row};
  const auto vectors = inas::execution::vectors_of(layer, 1, inas::MacGranularity::row);
  EXPECT_EQ(vectors.length, 250);
  EXPECT_GT(vectors.length, profile.measured_length);
  profile.longest_vector = 128;
  const auto split = inas::costmodel::batch_terms(profile, layer, design);
  EXPECT_EQ(split.operation, inas::costmodel::vector_operation(profile, 128) +
                                 inas::costmodel::vector_operation(profile, 122));
}

}  // namespace
