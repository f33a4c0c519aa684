#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <library/library_model.hpp>
#include <library/random_wide_design.hpp>
#include <nlohmann/json.hpp>
#include <oracle/random_cases.hpp>
#include <oracle/walk.hpp>
#include <support/expect_error.hpp>

#include <inas/core/error.hpp>
#include <inas/costmodel/batch_sums.hpp>
#include <inas/costmodel/batch_terms.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/laws.hpp>
#include <inas/execution/design_check.hpp>
#include <inas/execution/power_cycle_walk.hpp>

/// The model of the runtime: what it counts is what a walk through the loop nest does, and its laws
/// are linear.
namespace {

using inas::costmodel::Device;
using inas::costmodel::IntermittentCost;
using inas::costmodel::Profile;
using library::WideCase;
using oracle::Events;

bool near(double found, double expected) {
  return std::fabs(found - expected) <= 1e-10 * std::fabs(expected) + 1e-300;
}

bool has_vectors(const inas::Layer& layer) {
  return inas::execution::facts_of(layer).work == inas::execution::Work::vectors;
}

/// A runtime's profile whose laws are random, some of them zero.
Profile random_profile(oracle::Generator& generator) {
  Profile profile = inas::costmodel::load_profile("msp430fr5994");
  std::vector<double> cycles;
  for (std::size_t i = 0; i < inas::costmodel::law_names().size(); ++i) {
    cycles.push_back(generator() % 8 == 0 ? 0 : static_cast<double>(1 + generator() % 1000));
  }
  const double energy_j = 1e-10 * static_cast<double>(1 + generator() % 10);
  return inas::costmodel::with_law_cycles(profile, cycles, energy_j);
}

/// The latency in cycles of what a power cycle of this layer did, its boot left out.
double cycles_of(const Events& did, const Profile& profile, const WideCase& of) {
  const auto kernel = inas::execution::facts_of(of.of_library).kernel;
  const inas::costmodel::KernelLaws& laws = profile.runtime.of(kernel);
  const bool by_lea = !of.wide.cpu && has_vectors(of.of_library);
  const inas::costmodel::KernelLaws& of_tiles = by_lea ? profile.runtime.convolution_lea : laws;
  const auto linear = [](const inas::costmodel::LinearCost& of, oracle::Int n, oracle::Int values) {
    return of.latency_s.intercept * static_cast<double>(n) +
           of.latency_s.slope * static_cast<double>(values);
  };
  double seconds = 0;
  const auto add = [&](oracle::Int count, const inas::costmodel::Cost& cost) {
    seconds += static_cast<double>(count) * cost.latency_s;
  };
  add(did.cycle, profile.runtime.cycle);
  add(did.block, profile.runtime.block);
  add(did.block_row, profile.runtime.block_row);
  add(did.window, profile.runtime.window);
  add(did.weights, profile.runtime.weights);
  add(did.entry, laws.entry);
  add(did.batch, laws.batch);
  add(did.tile, of_tiles.tile);
  add(did.row, of_tiles.row);
  add(did.position, of_tiles.position);
  add(did.output, of_tiles.output);
  add(did.bias, of_tiles.bias);
  add(did.line, laws.line);
  add(did.value, laws.value);
  add(did.batch_output, laws.batch_output);
  add(did.lea_loop_line, of_tiles.line);
  add(did.lea_loop_vector, of_tiles.vector);
  if (by_lea) {
    add(did.cpu_vectors, of_tiles.cpu_vector);
    add(did.cpu_values, of_tiles.value);
  } else {
    seconds += linear(*profile.cpu_mac, did.cpu_vectors, did.cpu_values) / profile.clock_hz;
  }
  return seconds * profile.clock_hz + linear(profile.nvm_read, did.reads, did.values_read) +
         linear(profile.nvm_write, did.writes, did.values_written) +
         linear(profile.vector_mac, did.lea_vectors, did.lea_values);
}

TEST(RuntimeModel, EveryPowerCycleIsWhatAWalkThroughTheLoopNestDoes) {
  int on_lea = 0;
  int fallen_back = 0;
  int dearest_first = 0;  // biases may cost more than the partial sums of later steps
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    oracle::Generator generator(seed);
    WideCase random = library::random_wide_case(generator, seed % 2 == 0);
    random.wide.longest_vector -= random.wide.longest_vector % 2;
    random.wide.cpu = generator() % 2 == 0 && has_vectors(random.of_library);
    random.design.unit = random.wide.cpu ? inas::Unit::cpu : inas::Unit::lea;
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(random));
    Device device;
    device.supply.capacitance_f = 1e3;
    device.profile = random_profile(generator);
    device.profile.longest_vector = random.wide.longest_vector;
    const IntermittentCost cost =
        inas::costmodel::intermittent_cost(device, random.of_library, random.design);
    const std::vector<Events> cycles = oracle::walk_runtime(random.layer, random.wide);

    ASSERT_EQ(cost.cycles.all(), static_cast<std::int64_t>(cycles.size()));
    const double boot_s = device.profile.reboot.latency_s;
    double all = 0;
    double dearest = 0;
    for (const Events& did : cycles) {
      const double walked = cycles_of(did, device.profile, random);
      all += walked;
      dearest = std::max(dearest, walked);
      on_lea += did.lea_vectors > 0 ? 1 : 0;
      fallen_back += did.lea_vectors > 0 && did.cpu_vectors > 0 ? 1 : 0;
    }
    const double clock_hz = device.profile.clock_hz;
    dearest_first +=
        cost.cycles.later > 0 && cost.first.total().energy_j > cost.later.total().energy_j ? 1 : 0;
    const auto total = cost.sum([](const auto& cycle) { return cycle.total(); });
    const double booting_s = boot_s * static_cast<double>(cycles.size());
    ASSERT_NEAR((total.latency_s - booting_s) * clock_hz, all, 1e-9 * all + 1e-3);
    // Energy and time go by the same cycles, but for their share of the boot.
    ASSERT_NEAR((cost.max().latency_s - boot_s) * clock_hz, dearest, 1e-9 * dearest + 1e-3);
  }
  EXPECT_GT(on_lea, 100);
  EXPECT_GT(fallen_back, 30);
  EXPECT_GT(dearest_first, 30);
}

/// A random case of the runtime, and the device that prices it.
struct RuntimeCase {
  WideCase of;
  Device device;
};

RuntimeCase random_runtime_case(oracle::Generator& generator, bool ragged) {
  RuntimeCase random{library::random_wide_case(generator, ragged), {}};
  oracle::WideDesign& wide = random.of.wide;
  wide.longest_vector -= wide.longest_vector % 2;
  wide.cpu = generator() % 2 == 0 && has_vectors(random.of.of_library);
  random.of.design.unit = wide.cpu ? inas::Unit::cpu : inas::Unit::lea;
  random.of.design.batches_per_cycle = 0;
  random.device.profile = random_profile(generator);
  random.device.profile.longest_vector = wide.longest_vector;
  random.device.supply.capacitance_f = 1e3;
  return random;
}

/// 0 and, `cuts` times at most, other numbers of batches.
std::set<oracle::Int> random_begins(oracle::Generator& generator, std::int64_t batches,
                                    std::int64_t cuts) {
  std::set<oracle::Int> begins{0};
  for (; cuts > 0; --cuts) {
    begins.insert(static_cast<oracle::Int>(generator() % static_cast<std::uint64_t>(batches)));
  }
  return begins;
}

TEST(RuntimeModel, BatchesCostWhatAWalkDoesWhereverAPowerCycleCutsThem) {
  int resumed = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    oracle::Generator generator(seed);
    const auto [random, device] = random_runtime_case(generator, seed % 2 == 0);
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(random));
    const inas::costmodel::BatchSums sums(device.profile, random.of_library, random.design);
    const auto begins = random_begins(generator, sums.batches(), 6);
    const std::vector<Events> cycles = oracle::walk_runtime(random.layer, random.wide, begins);
    ASSERT_EQ(cycles.size(), begins.size());
    const double clock_hz = device.profile.clock_hz;
    const inas::costmodel::Cost start = inas::costmodel::cycle_overheads(device.profile).of_cycle();
    const double start_cycles = (start.latency_s - device.profile.reboot.latency_s) * clock_hz;
    std::size_t cycle = 0;
    for (auto begin = begins.begin(); begin != begins.end(); ++begin, ++cycle) {
      const auto next = std::next(begin);
      const std::int64_t end = next == begins.end() ? sums.batches() : *next;
      const double walked = cycles_of(cycles[cycle], device.profile, random);
      const inas::costmodel::Cost cost = sums.of(*begin, end);
      ASSERT_NEAR(cost.latency_s * clock_hz + start_cycles, walked, 1e-9 * walked + 1e-3)
          << *begin << " to " << end;
      ASSERT_TRUE(near(sums.parts_of(*begin, end).total().energy_j, cost.energy_j));
      resumed += cycle > 0 ? 1 : 0;
    }
  }
  EXPECT_GT(resumed, 5000);
}

TEST(RuntimeModel, TheLedgersEnergiesAreThoseOfTheDearestBatches) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    oracle::Generator generator(seed);
    const auto [random, device] = random_runtime_case(generator, seed % 2 == 0);
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(random));
    const inas::costmodel::BatchSums sums(device.profile, random.of_library, random.design);
    const inas::costmodel::BatchEnergies& dearest = sums.dearest();
    const std::int64_t group =
        inas::execution::walked_layer(random.of_library, random.design, {}).group;
    double fetched_j = 0;
    double kept_j = 0;
    for (std::int64_t batch = 0; batch < sums.batches(); ++batch) {
      fetched_j = std::max(fetched_j, sums.of(batch, batch + 1).energy_j);
      const std::int64_t begin = batch - batch % group;
      if (batch == begin) continue;
      const double with_j = sums.of(begin, batch + 1).energy_j;
      kept_j = std::max(kept_j, with_j - sums.of(begin, batch).energy_j);
    }
    EXPECT_NEAR(dearest.entry_j + dearest.fetched_j, fetched_j, 1e-9 * fetched_j);
    // The dearest batch may always be the first of its group where tiles are ragged.
    EXPECT_GE(dearest.kept_j, kept_j - 1e-9 * fetched_j);
    if (group > 1 && !random.counts().uneven) {
      EXPECT_NEAR(dearest.kept_j, kept_j, 1e-9 * fetched_j);
    }
  }
}

TEST(RuntimeModel, LawsTimesCountsAreTheCyclesOfADesign) {
  const Profile profile = inas::costmodel::load_profile("msp430fr5994");
  const std::vector<double> laws = inas::costmodel::law_cycles(profile);
  Device device;
  device.supply.capacitance_f = 1e3;
  device.profile = profile;
  device.profile.reboot = {};
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    oracle::Generator generator(seed);
    WideCase random = library::random_wide_case(generator, true);
    const bool cpu = generator() % 2 == 0 && has_vectors(random.of_library);
    random.design.unit = cpu ? inas::Unit::cpu : inas::Unit::lea;
    SCOPED_TRACE(testing::Message() << "seed " << seed << " " << describe(random));
    const std::vector<double> counts =
        inas::costmodel::law_counts(random.of_library, random.design);
    ASSERT_EQ(counts.size(), laws.size());
    double cycles = 0;
    for (std::size_t i = 0; i < laws.size(); ++i) {
      ASSERT_EQ(counts[i], std::round(counts[i])) << inas::costmodel::law_names()[i];
      cycles += counts[i] * laws[i];
    }
    const IntermittentCost cost =
        inas::costmodel::intermittent_cost(device, random.of_library, random.design);
    const auto total = cost.sum([](const auto& cycle) { return cycle.total(); });
    ASSERT_TRUE(near(total.latency_s * profile.clock_hz, cycles))
        << total.latency_s * profile.clock_hz << " " << cycles;
  }
}

Profile without_lea(Profile profile) {
  profile.has_lea = false;
  profile.vector_mac = {};
  profile.runtime.convolution_lea = {};
  profile.origins.erase("vector_mac");
  return profile;
}

TEST(RuntimeModel, ItsProfileIsWrittenAsItIsRead) {
  const auto copied = [](const Profile& profile) {
    return inas::costmodel::parse_profile(inas::costmodel::to_json(profile, "a text"), "copy");
  };
  const Profile profile = inas::costmodel::load_profile("msp430fr5994");
  EXPECT_EQ(copied(profile), profile);
  const Profile cpu_only = without_lea(profile);
  EXPECT_EQ(copied(cpu_only), cpu_only);
  const std::vector<double> ones(inas::costmodel::law_names().size(), 1);
  const Profile others = inas::costmodel::with_law_cycles(cpu_only, ones, 1e-10);
  EXPECT_EQ(copied(others), others) << "the laws of an LEA that it has not are left out";
  inas::test::expect_error(
      [] {
        (void)inas::costmodel::to_json(inas::costmodel::load_profile("msp430fr5994-paper"), "");
      },
      "cpu_mac");
}

/// Profiles of the time before biases have no law for them.
TEST(RuntimeModel, TheLawOfBiasesMayBeAbsent) {
  const Profile profile = inas::costmodel::load_profile("msp430fr5994");
  auto document = nlohmann::json::parse(inas::costmodel::to_json(profile, ""));
  Profile expected = profile;
  for (const char* kernel : {"convolution", "convolution_lea"}) {
    auto& laws = document["runtime"]["cycles"][kernel];
    EXPECT_GT(laws["bias"], 0) << kernel;
    laws.erase("bias");
  }
  expected.runtime.kernels[0].bias = expected.runtime.convolution_lea.bias = {};
  EXPECT_EQ(inas::costmodel::parse_profile(document.dump(), "earlier"), expected);
  document["runtime"]["cycles"]["convolution"]["bais"] = 1;
  inas::test::expect_error(
      [&] { (void)inas::costmodel::parse_profile(document.dump(), "earlier"); }, "bias");
}

TEST(RuntimeModel, AProfileWithoutALawRefusesTheDesignThatNeedsIt) {
  Device device;
  device.profile = inas::costmodel::load_profile("msp430fr5994-paper");
  const inas::Layer layer = inas::make_convolution("CONV_3", {4, 8, 8}, 4, 3, 3);
  inas::Design design;
  design.unit = inas::Unit::cpu;
  inas::test::expect_error(
      [&] { (void)inas::costmodel::intermittent_cost(device, layer, design); },
      "CONV_3: design 1_1_1_1_reuse_O_S1_cpu: the profile msp430fr5994-paper has no law");
  device.profile = without_lea(inas::costmodel::load_profile("msp430fr5994"));
  inas::test::expect_error([&] { (void)inas::costmodel::intermittent_cost(device, layer, {}); },
                           "vectors on the lea");
}

}  // namespace
