#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <library/library_model.hpp>
#include <oracle/random_cases.hpp>
#include <oracle/walk.hpp>

#include <inas/core/error.hpp>
#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/intermittent.hpp>

namespace {

using inas::costmodel::IntermittentCost;

bool near(double found, double expected) {
  return std::fabs(found - expected) <= 1e-10 * std::fabs(expected);
}

TEST(WideDesignSpace, EveryPowerCycleIsWhatAWalkThroughTheLoopNestFinds) {
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    oracle::Generator generator(seed);
    const oracle::Layer layer = oracle::random_layer(generator, 12);
    oracle::WideDesign wide;
    wide.design = oracle::random_design(generator, layer, false, oracle::Lists::all);
    wide.row = generator() % 2 == 0;
    wide.coalesced = generator() % 2 == 0;
    if (generator() % 4 == 0) wide.longest_vector = 1 + static_cast<oracle::Int>(generator() % 9);

    const inas::Layer of_library = library::layer_of(layer);
    inas::Design design = library::design_of(wide.design);
    if (layer.kind == oracle::Kind::pool) wide.row = false;
    design.mac = wide.row ? inas::MacGranularity::row : inas::MacGranularity::tap;
    design.dma = wide.coalesced ? inas::DmaGranularity::coalesced : inas::DmaGranularity::pixel;
    const auto groups = inas::costmodel::batch_groups(
        of_library, inas::costmodel::tile_counts(of_library, design.tile), design.order);
    const auto legal = inas::costmodel::legal_batches_per_cycle(groups, design.batch);
    design.batches_per_cycle = legal[generator() % legal.size()];
    wide.K = design.batches_per_cycle;
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << oracle::describe(layer) << " "
                                    << to_string(design) << " longest " << wide.longest_vector);

    inas::costmodel::Device device = library::device_of({}, oracle::kCorrected);
    device.profile.longest_vector = wide.longest_vector;
    const IntermittentCost cost = inas::costmodel::intermittent_cost(device, of_library, design);
    const std::vector<oracle::WalkedCycle> cycles = oracle::walk(layer, wide, oracle::kCorrected);

    ASSERT_EQ(cost.cycles.all(), static_cast<std::int64_t>(cycles.size()));
    std::int64_t first = 0;
    std::int64_t later = 0;
    for (const oracle::WalkedCycle& cycle : cycles) {
      const bool is_first =
          near(cost.min().energy_j, cycle.energy) && near(cost.min().latency_s, cycle.latency);
      const bool is_later =
          near(cost.max().energy_j, cycle.energy) && near(cost.max().latency_s, cycle.latency);
      ASSERT_TRUE(is_first || is_later)
          << cycle.energy << " J, library " << cost.min().energy_j << " or " << cost.max().energy_j;
      first += is_first ? 1 : 0;
      later += is_later ? 1 : 0;
    }
    if (!near(cost.min().energy_j, cost.max().energy_j)) {
      EXPECT_EQ(first, cost.cycles.first);
      EXPECT_EQ(later, cost.cycles.later);
    }
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
  inas::costmodel::Profile profile = inas::costmodel::load_profile("msp430fr5994");
  const inas::Design design{{1, 1, 1, 1}, inas::LoopOrder::reuse_O, 1, inas::MacGranularity::row};
  const auto whole = inas::costmodel::batch_terms(profile, layer, design);
  EXPECT_EQ(whole.vector_length, 250);
  EXPECT_GT(whole.vector_length, profile.measured_length);
  profile.longest_vector = 128;
  const auto split = inas::costmodel::batch_terms(profile, layer, design);
  EXPECT_EQ(split.operation, inas::costmodel::vector_operation(profile, 128) +
                                 inas::costmodel::vector_operation(profile, 122));
}

}  // namespace
