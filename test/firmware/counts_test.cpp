#include <map>

#include <gtest/gtest.h>

#include <inas/costmodel/intermittent.hpp>
#include <inas/execution/design_check.hpp>

#include "firmware/test_model.hpp"

/// What the cost model counts is what the runtime does: transfers, values, MACs, power cycles,
/// design by design.
namespace inas::firmware {
namespace {

using costmodel::Cost;
using costmodel::IntermittentCost;
using costmodel::LinearCost;
using costmodel::Profile;

/// A profile whose energies count operations and whose latencies count values.
Profile counting_profile() {
  Profile profile;
  const LinearCost count{.energy_j = {0, 1, 1}, .latency_s = {1, 0, 1}};
  profile.nvm_read = count;
  profile.nvm_write = count;
  profile.vector_mac = count;
  profile.cpu_mac = count;
  return profile;
}

std::uint64_t whole(double value) {
  EXPECT_EQ(value, static_cast<double>(static_cast<std::uint64_t>(value)));
  return static_cast<std::uint64_t>(value);
}

/// Random layers with designs that the cost model prices.
std::vector<TestLayer> priced_layers(std::size_t count) {
  Generator generator(21);
  std::vector<TestLayer> layers;
  while (layers.size() < count) {
    const TestLayer candidate = random_layer(generator, 9);
    try {
      execution::check_design(candidate.layer, candidate.design);
    } catch (const std::exception&) {
      continue;
    }
    layers.push_back(candidate);
  }
  return layers;
}

TEST(Counts, AreThoseOfTheCostModel) {
  const Profile profile = counting_profile();
  costmodel::Device device_model;
  device_model.profile = profile;
  device_model.supply.capacitance_f = 1e3;  // never short of energy
  std::map<LayerType, int> compared;
  for (const TestLayer& of : priced_layers(3000)) {
    ++compared[of.layer.type];
    SCOPED_TRACE(std::string(to_string(of.layer.type)) + " " + to_string(of.design));
    const TestModel model({of}, 5);
    TestBoard device(model);
    ASSERT_EQ(inas_host_start(&device.board, &model.tables()), INAS_HOST_DONE);
    inas_host_reset(&device.board);
    ASSERT_EQ(inas_host_finish(&device.board, &model.tables(), 0), INAS_HOST_DONE);
    const inas_host_counts& did = device.board.counts;

    const costmodel::NvmTraffic traffic = costmodel::nvm_traffic(profile, of.layer, of.design);
    const IntermittentCost cost = costmodel::intermittent_cost(device_model, of.layer, of.design);
    const auto cycles = static_cast<std::uint64_t>(cost.cycles.all());
    const auto batches = static_cast<std::uint64_t>(counts_of(of).batches);

    ASSERT_EQ(did.boots, cycles);
    // The model counts one record of four values per power cycle; the runtime reads both records
    // and the count of fruitless cycles, still in one transfer.
    ASSERT_EQ(did.progress_reads, cycles);
    // A record for each batch, and the count for each power cycle, which the model leaves out.
    ASSERT_EQ(did.progress_writes, batches + cycles);

    const std::uint64_t reads = whole(traffic.read.energy_j) - cycles;
    const std::uint64_t values_read = whole(traffic.read.latency_s) - 4 * cycles;
    if (has_weights(of.layer)) {
      const Cost compute =
          cost.sum([](const costmodel::CycleCost& cycle) { return cycle.compute; });
      ASSERT_EQ(did.macs, whole(compute.energy_j));
    }
    ASSERT_EQ(did.reads, reads);
    ASSERT_EQ(did.values_read, values_read);
    ASSERT_EQ(did.writes + batches, whole(traffic.write.energy_j));
    ASSERT_EQ(did.values_written + 4 * batches, whole(traffic.write.latency_s));
  }
  for (const LayerType type : kLayerTypes) EXPECT_GT(compared[type], 100) << to_string(type);
}

}  // namespace
}  // namespace inas::firmware
