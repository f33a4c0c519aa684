#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <oracle/legal.hpp>

#include <inas/costmodel/batch_sums.hpp>
#include <inas/costmodel/continuous.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/laws.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/execution/power_cycle_walk.hpp>

#include "any_case.hpp"

/// What the cost model counts of layers of all types is what a walk through their loop nests does,
/// value by value.
namespace oracle {
namespace {

using inas::costmodel::Device;

/// What the random cases must hold, for the tests to be worth something.
struct Kinds {
  std::map<Kind, int> of_type;
  int padded = 0, uneven = 0, strided = 0, capped_steps = 0, nine_shapes = 0, long_cycles = 0;

  void add(const AnyCase& of) {
    const Layer& l = of.layer;
    const Design& d = of.wide.design;
    ++of_type[l.kind];
    padded += l.top + l.left + l.bottom + l.right > 0 ? 1 : 0;
    uneven += oracle::uneven(l, d) ? 1 : 0;
    strided += l.s > 1 ? 1 : 0;
    const bool convolves = l.kind == Kind::conv || l.kind == Kind::fc;
    capped_steps += l.capped && convolves && d.Tn < l.N ? 1 : 0;
    long_cycles += of.wide.K > 1 ? 1 : 0;
    const bool of_nine =
        l.top > 0 && l.bottom > 0 && l.left > 0 && l.right > 0 && l.R > 2 * d.Tr && l.C > 2 * d.Tc;
    nine_shapes += of_nine ? 1 : 0;
  }
  void expect_many(int cases) const {
    for (int kind = 0; kind < 7; ++kind) {
      EXPECT_GT(of_type.at(static_cast<Kind>(kind)), cases / 25) << kind;
    }
    EXPECT_GT(padded, cases / 8);
    EXPECT_GT(uneven, cases / 8);
    EXPECT_GT(strided, cases / 8);
    EXPECT_GT(capped_steps, cases / 50);
    EXPECT_GT(long_cycles, cases / 8);
    EXPECT_GT(nine_shapes, cases / 400);
  }
};

/// A device of the runtime with these laws, and a supply whose budget is of no matter.
Device device_of(const inas::costmodel::Profile& profile, const AnyCase& of) {
  Device device;
  device.profile = profile;
  device.profile.longest_vector = of.wide.longest_vector;
  device.supply.capacitance_f = 1e3;
  return device;
}

TEST(AnyLayer, IsChargedEachLawAsOftenAsAWalkFinds) {
  constexpr int kCases = 8000;
  const auto& names = inas::costmodel::law_names();
  Kinds kinds;
  std::vector<double> all(names.size(), 0);
  for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
    Generator generator(seed);
    AnyCase of = random_case(generator, 12, 6);
    of.wide.longest_vector = 0;  // no part of the counts
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(of));
    kinds.add(of);
    std::vector<double> walked(names.size(), 0);
    for (const Events& did : walk_runtime(of.layer, of.wide)) {
      const std::vector<double> counts = charges(did, of);
      for (std::size_t i = 0; i < counts.size(); ++i) walked[i] += counts[i];
    }
    const std::vector<double> counts = inas::costmodel::law_counts(of.of_library, of.design);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      ASSERT_EQ(counts[i], walked[i]) << names[i];
      all[i] += walked[i];
    }
  }
  kinds.expect_many(kCases);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_GT(all[i], 100) << names[i];
}

TEST(AnyLayer, TakesThePowerCyclesThatAWalkTakes) {
  constexpr int kCases = 8000;
  Kinds kinds;
  for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
    Generator generator(seed);
    const AnyCase of = random_case(generator, 12, 6);
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(of));
    kinds.add(of);
    Device device = device_of(random_profile(generator), of);
    const std::vector<double> law_cycles = inas::costmodel::law_cycles(device.profile);
    const double joules = device.profile.runtime.energy_per_cycle_j;
    const inas::costmodel::Cost& boot = device.profile.reboot;
    std::vector<inas::costmodel::Cost> walked;
    double dearest_j = 0;
    double all_j = 0;
    for (const Events& did : walk_runtime(of.layer, of.wide)) {
      const double cycles = cycles_of(did, of, law_cycles);
      walked.push_back(
          {boot.energy_j + joules * cycles, boot.latency_s + cycles / device.profile.clock_hz});
      dearest_j = std::max(dearest_j, walked.back().energy_j);
      all_j += walked.back().energy_j;
    }
    // A budget that the dearest cycle nearly uses up, so that recharging tells cycles apart.
    device.supply.capacitance_f *=
        1.001 * dearest_j / inas::costmodel::energy_budget_j(device.supply);
    double latency_s = 0;
    for (const inas::costmodel::Cost& cycle : walked) {
      latency_s += cycle.latency_s + inas::costmodel::recharge_time_s(
                                         device.profile.faults, device.supply, cycle.energy_j);
    }
    ASSERT_NO_THROW(inas::execution::check_design(of.of_library, of.design));
    const auto cost = inas::costmodel::intermittent_cost(device, of.of_library, of.design);
    ASSERT_EQ(cost.cycles.all(), static_cast<std::int64_t>(walked.size()));
    ASSERT_EQ(cost.vm_bytes, vm_bytes(of.layer, of.wide.design, 2));
    ASSERT_TRUE(cost.atomic());
    ASSERT_NEAR(cost.max().energy_j, dearest_j, 1e-9 * dearest_j);
    const auto total = cost.sum([](const auto& cycle) { return cycle.total(); });
    ASSERT_NEAR(total.energy_j, all_j, 1e-9 * all_j);
    ASSERT_NEAR(cost.latency_s, latency_s, 1e-9 * latency_s);
  }
  kinds.expect_many(kCases);
}

/// 0 and up to `cuts` other numbers of batches.
std::set<Int> random_begins(Generator& generator, Int batches, int cuts) {
  std::set<Int> begins{0};
  for (; cuts > 0; --cuts) begins.insert(random_from(generator, 0, batches - 1));
  return begins;
}

TEST(AnyLayer, ItsBatchesCostWhatAWalkDoesWhereverAPowerCycleCutsThem) {
  constexpr int kCases = 8000;
  Kinds kinds;
  for (std::uint64_t seed = 1; seed <= kCases; ++seed) {
    Generator generator(seed);
    AnyCase of = random_case(generator, 12, 6);
    of.design.batches_per_cycle = 0;
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(of));
    kinds.add(of);
    const Device device = device_of(random_profile(generator), of);
    const std::vector<double> law_cycles = inas::costmodel::law_cycles(device.profile);
    const inas::costmodel::BatchSums sums(device.profile, of.of_library, of.design);
    const std::set<Int> begins = random_begins(generator, sums.batches(), 8);
    const std::vector<Events> cycles = walk_runtime(of.layer, of.wide, begins);
    ASSERT_EQ(cycles.size(), begins.size());
    const double clock_hz = device.profile.clock_hz;
    const double start_s = inas::costmodel::cycle_overheads(device.profile).of_cycle().latency_s -
                           device.profile.reboot.latency_s;
    std::size_t cycle = 0;
    for (auto begin = begins.begin(); begin != begins.end(); ++begin, ++cycle) {
      const auto next = std::next(begin);
      const std::int64_t end = next == begins.end() ? sums.batches() : *next;
      const double walked = cycles_of(cycles[cycle], of, law_cycles);
      const inas::costmodel::Cost cost = sums.of(*begin, end);
      ASSERT_NEAR((cost.latency_s + start_s) * clock_hz, walked, 1e-9 * walked + 1e-3)
          << *begin << " to " << end;
      ASSERT_NEAR(sums.parts_of(*begin, end).total().energy_j, cost.energy_j,
                  1e-9 * cost.energy_j + 1e-15);
    }
  }
  kinds.expect_many(kCases);
}

/// The energies of the ledger: no batch takes more, and where every batch has its own cycle the
/// dearest takes as much.
TEST(AnyLayer, TheLedgersEnergiesAreThoseOfTheDearestBatches) {
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    Generator generator(seed);
    AnyCase of = random_case(generator, 7, 6);
    of.design.batches_per_cycle = 0;
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(of));
    const Device device = device_of(random_profile(generator), of);
    const std::vector<double> law_cycles = inas::costmodel::law_cycles(device.profile);
    const double joules = device.profile.runtime.energy_per_cycle_j;
    const double start_j = inas::costmodel::cycle_overheads(device.profile).of_cycle().energy_j -
                           device.profile.reboot.energy_j;
    const inas::costmodel::BatchSums sums(device.profile, of.of_library, of.design);
    of.wide.K = 1;
    double fetched_j = 0;
    const std::vector<Events> alone = walk_runtime(of.layer, of.wide);
    ASSERT_EQ(static_cast<std::int64_t>(alone.size()), sums.batches());
    for (const Events& did : alone) {
      fetched_j = std::max(fetched_j, joules * cycles_of(did, of, law_cycles) - start_j);
    }
    const inas::costmodel::BatchEnergies& dearest = sums.dearest();
    ASSERT_GE(dearest.entry_j + dearest.fetched_j, fetched_j * (1 - 1e-9));
    // Of sums over a map the largest tiles may be the first, which have no sums to fetch.
    if (of.layer.kind != Kind::pool || !uneven(of.layer, of.wide.design)) {
      ASSERT_NEAR(dearest.entry_j + dearest.fetched_j, fetched_j, 1e-9 * fetched_j);
    }
    // Behind another batch of its group a batch takes at most what is said of it, of tiles that are
    // alike the dearest as much. What batches cost is walked above.
    const Int group = legal_batches(of.layer, of.wide.design).back() / of.wide.design.S;
    double kept_j = 0;
    for (Int batch = 1; batch < sums.batches(); ++batch) {
      if (batch % group == 0) continue;
      const Int before = batch - batch % group;
      kept_j =
          std::max(kept_j, sums.of(before, batch + 1).energy_j - sums.of(before, batch).energy_j);
    }
    ASSERT_GE(dearest.kept_j, kept_j - 1e-9 * fetched_j);
    if (group > 1 && !uneven(of.layer, of.wide.design)) {
      ASSERT_NEAR(dearest.kept_j, kept_j, 1e-9 * fetched_j);
      ++compared;
    }
  }
  EXPECT_GT(compared, 100);
}

/// Without failures a layer is one long power cycle whose preservation is left out. Of pooling maps
/// to single values the library takes each tile for a batch, as the published code does.
TEST(AnyLayer, ContinuousPowerCostsWhatTheWalkPaysBesidesPreservation) {
  const auto& names = inas::costmodel::law_names();
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    Generator generator(seed);
    AnyCase of = random_case(generator, 8, 6);
    if (of.layer.kind == Kind::pool) continue;
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(of));
    const Device device = device_of(random_profile(generator), of);
    std::vector<double> law_cycles = inas::costmodel::law_cycles(device.profile);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool of_batches = names[i] == "cycle" || names[i].ends_with(".batch");
      if (of_batches) law_cycles[i] = 0;
    }
    const bool convolves = of.layer.kind == Kind::conv || of.layer.kind == Kind::fc;
    Design& d = of.wide.design;
    d.S = convolves && d.order == 'O' ? of.layer.N / d.Tn : 1;
    of.design.batch = of.design.batches_per_cycle = 1;
    Events did = walk_runtime(of.layer, of.wide, {0}).front();
    did.reads -= 1;
    did.values_read -= 9;
    did.writes -= 1 + did.batch;
    did.values_written -= 1 + 4 * did.batch;
    const double walked = cycles_of(did, of, law_cycles);
    const double found = inas::costmodel::continuous_cost(device.profile, of.of_library, of.design)
                             .total()
                             .latency_s *
                         device.profile.clock_hz;
    ASSERT_NEAR(found, walked, 1e-9 * walked + 1e-3);
  }
}

/// By the published firmware's laws, which know no fills, caps or biases, and no other types than
/// these: transfers are those of the walk.
TEST(AnyLayer, MovesThroughNvmWhatAWalkMoves) {
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    Generator generator(seed);
    AnyCase of = random_case(generator, 9, 6);
    if (of.layer.kind > Kind::max) continue;
    of.wide.cpu = false;
    of.design.unit = inas::Unit::lea;
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(of));
    Device device = library::device_of({}, kCorrected);
    device.profile.longest_vector = of.wide.longest_vector;
    const auto cost = inas::costmodel::intermittent_cost(device, of.of_library, of.design);
    const std::vector<WalkedCycle> cycles = walk(of.layer, of.wide, kCorrected);
    ASSERT_EQ(cost.cycles.all(), static_cast<std::int64_t>(cycles.size()));
    double all_j = 0;
    double all_s = 0;
    double dearest_j = 0;
    double moved_j = 0;
    for (const WalkedCycle& cycle : cycles) {
      all_j += cycle.energy;
      all_s += cycle.latency;
      moved_j += cycle.moved_energy;
      dearest_j = std::max(dearest_j, cycle.energy);
    }
    const auto total = cost.sum([](const auto& cycle) { return cycle.total(); });
    ASSERT_NEAR(cost.max().energy_j, dearest_j, 1e-9 * dearest_j);
    ASSERT_NEAR(total.energy_j, all_j, 1e-9 * all_j);
    ASSERT_NEAR(total.latency_s, all_s, 1e-9 * all_s);
    const auto traffic = inas::costmodel::nvm_traffic(device.profile, of.of_library, of.design);
    ASSERT_NEAR(traffic.read.energy_j + traffic.write.energy_j, moved_j, 1e-9 * moved_j);
  }
}

}  // namespace
}  // namespace oracle
