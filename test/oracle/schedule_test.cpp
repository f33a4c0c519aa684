#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <oracle/ledger.hpp>

#include <inas/costmodel/laws.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/costmodel/schedule.hpp>

#include "any_case.hpp"

/// Networks of layers of all types as scheduled: the power cycles of the library are those of a
/// walk batch by batch with the ledger, and cost what the walk does in them. The layers need not
/// join: a schedule asks for no more than their batches.
namespace oracle {
namespace {

using inas::costmodel::Device;

struct NetworkCase {
  Device device;
  std::vector<AnyCase> layers;

  [[nodiscard]] std::vector<inas::Layer> of_library() const {
    std::vector<inas::Layer> all;
    for (const AnyCase& of : layers) all.push_back(of.of_library);
    return all;
  }
  [[nodiscard]] std::vector<inas::Design> designs() const {
    std::vector<inas::Design> all;
    for (const AnyCase& of : layers) all.push_back(of.design);
    return all;
  }
};

NetworkCase random_network(Generator& generator) {
  NetworkCase network;
  network.device.profile = generator() % 2 == 0 ? uniform_profile() : random_profile(generator);
  // Budgets from a few batches to whole networks, beside what a cycle takes before its first batch.
  const double start_j =
      inas::costmodel::cycle_overheads(network.device.profile).of_cycle().energy_j;
  const double work_j = network.device.profile.runtime.energy_per_cycle_j *
                        static_cast<double>(random_from(generator, 40'000, 600'000));
  network.device.supply.capacitance_f *=
      (start_j + work_j) / inas::costmodel::energy_budget_j(network.device.supply);
  const inas::costmodel::SchedulePrices prices(network.device);
  const auto count = static_cast<std::size_t>(random_from(generator, 1, 6));
  while (network.layers.size() < count) {
    AnyCase of = random_case(generator, 7, 5);
    of.wide.longest_vector = 0;
    if (network.layers.empty() || generator() % 3 != 0) of.design.batches_per_cycle = 0;
    const auto layer =
        inas::costmodel::scheduled_layer(network.device, prices, of.of_library, of.design);
    if (!inas::costmodel::fits(prices.ledger(), layer.walked)) continue;
    of.wide.K = of.design.batches_per_cycle;
    network.layers.push_back(of);
  }
  return network;
}

TEST(AnyNetwork, IsScheduledAsTheLedgerWalks) {
  std::int64_t cycles = 0;
  std::int64_t joined = 0;
  for (std::uint64_t seed = 1; seed <= 2500; ++seed) {
    Generator generator(seed);
    const NetworkCase of = random_network(generator);
    const Device& device = of.device;
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << of.layers.size() << " layers, "
                                    << describe(of.layers.front()));
    const inas::costmodel::SchedulePrices prices(device);
    std::vector<LedgerLayer> layers;
    for (const AnyCase& layer : of.layers) {
      const inas::LedgerUnits units =
          inas::costmodel::scheduled_layer(device, prices, layer.of_library, layer.design)
              .walked.units;
      layers.push_back({layer.layer, layer.wide, units.entry, units.fetched, units.kept});
    }
    const std::vector<LedgerCycle> walked = walk_ledger(layers, prices.ledger().budget);

    const std::vector<double> law_cycles = inas::costmodel::law_cycles(device.profile);
    std::vector<std::vector<Events>> did;
    for (std::size_t index = 0; index < layers.size(); ++index) {
      std::set<Int> begins;
      for (const LedgerCycle& cycle : walked) {
        for (const LedgerCycle::Part& part : cycle.parts) {
          if (part.layer == index) begins.insert(part.begin);
        }
      }
      did.push_back(walk_runtime(layers[index].layer, layers[index].wide, begins));
    }
    const double start = inas::costmodel::cycle_overheads(device.profile).of_cycle().latency_s -
                         device.profile.reboot.latency_s;
    double latency_s = 0;
    std::vector<std::size_t> next(layers.size(), 0);
    for (const LedgerCycle& cycle : walked) {
      double active = start * device.profile.clock_hz;
      for (const LedgerCycle::Part& part : cycle.parts) {
        const Events& events = did[part.layer][next[part.layer]++];
        active +=
            cycles_of(events, of.layers[part.layer], law_cycles) - start * device.profile.clock_hz;
      }
      const double energy_j =
          device.profile.reboot.energy_j + device.profile.runtime.energy_per_cycle_j * active;
      ASSERT_LE(energy_j, prices.budget_j() * (1 + 1e-12));
      latency_s += device.profile.reboot.latency_s + active / device.profile.clock_hz +
                   inas::costmodel::recharge_time_s(device.profile.faults, device.supply, energy_j);
      joined += cycle.parts.size() > 1 ? 1 : 0;
    }
    const auto found = inas::costmodel::scheduled_cycles(device, of.of_library(), of.designs());
    ASSERT_EQ(found.size(), walked.size());
    for (std::size_t index = 0; index < found.size(); ++index) {
      ASSERT_EQ(found[index].segments.size(), walked[index].parts.size());
      for (std::size_t part = 0; part < found[index].segments.size(); ++part) {
        ASSERT_EQ(found[index].segments[part].layer, walked[index].parts[part].layer);
        ASSERT_EQ(found[index].segments[part].begin, walked[index].parts[part].begin);
        ASSERT_EQ(found[index].segments[part].end, walked[index].parts[part].end);
      }
    }
    const auto totals = inas::costmodel::schedule(device, of.of_library(), of.designs());
    ASSERT_EQ(totals.power_cycles, static_cast<std::int64_t>(walked.size()));
    ASSERT_NEAR(totals.latency_s, latency_s, 1e-9 * latency_s);
    cycles += totals.power_cycles;
  }
  EXPECT_GT(cycles, 10'000);
  EXPECT_GT(joined, 1000);
}

}  // namespace
}  // namespace oracle
