#include <map>
#include <string>

#include <gtest/gtest.h>

#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/laws.hpp>
#include <inas/execution/design_check.hpp>

#include "firmware/counted_laws.hpp"
#include "firmware/test_model.hpp"

/// What the cost model counts is what the runtime does, law by law and design by design.
namespace inas::firmware {
namespace {

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

/// The LEA's vectors and values, which are no law of the CPU's cycles.
costmodel::Cost lea_vectors(const Layer& layer, const Design& design) {
  costmodel::Device device;
  device.supply.capacitance_f = 1e3;  // never short of energy
  device.profile.cpu_mac.emplace();
  device.profile.vector_mac = {.energy_j = {0, 1, 1}, .latency_s = {1, 0, 1}};
  return costmodel::intermittent_cost(device, layer, design)
      .sum([](const costmodel::CycleCost& cycle) { return cycle.compute; });
}

TEST(Counts, AreThoseOfTheCostModel) {
  std::map<LayerType, int> compared;
  std::map<std::string, std::uint64_t> all;
  std::uint64_t on_lea = 0;
  for (const TestLayer& of : priced_layers(4000)) {
    ++compared[of.layer.type];
    SCOPED_TRACE(std::string(to_string(of.layer.type)) + " " + to_string(of.design));
    const TestModel model({of}, 5);
    TestBoard device(model);
    ASSERT_EQ(inas_host_start(&device.board, &model.tables()), INAS_HOST_DONE);
    inas_host_reset(&device.board);
    ASSERT_EQ(inas_host_finish(&device.board, &model.tables(), 0), INAS_HOST_DONE);
    const inas_host_counts& did = device.board.counts;

    const std::map<std::string, std::uint64_t> laws = counted_laws(did);
    const std::vector<double> counts = costmodel::law_counts(of.layer, of.design);
    ASSERT_EQ(laws.size(), counts.size());
    for (std::size_t law = 0; law < counts.size(); ++law) {
      const std::string& name = costmodel::law_names()[law];
      ASSERT_EQ(static_cast<double>(laws.at(name)), counts[law]) << name;
      all[name] += laws.at(name);
    }
    if (!has_weights(of.layer)) continue;
    const costmodel::Cost lea = lea_vectors(of.layer, of.design);
    const inas_work_counts& work = did.work[INAS_CONVOLUTION];
    ASSERT_EQ(static_cast<double>(work.lines[INAS_UNIT_LEA]), lea.energy_j);
    ASSERT_EQ(static_cast<double>(work.line_values[INAS_UNIT_LEA]), lea.latency_s);
    on_lea += work.lines[INAS_UNIT_LEA];
  }
  for (const LayerType type : kLayerTypes) EXPECT_GT(compared[type], 100) << to_string(type);
  for (const auto& [name, count] : all) EXPECT_GT(count, 1000u) << name;
  EXPECT_GT(on_lea, 1000u);
}

}  // namespace
}  // namespace inas::firmware
