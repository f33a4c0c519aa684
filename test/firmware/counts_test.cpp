#include <map>
#include <string>

#include <gtest/gtest.h>

#include <inas/costmodel/laws.hpp>
#include <inas/execution/design_check.hpp>

#include "firmware/counted_laws.hpp"
#include "firmware/power_failures.hpp"
#include "firmware/scheduled_layers.hpp"
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

TEST(Counts, AreThoseOfTheCostModel) {
  std::map<LayerType, int> compared;
  std::map<std::string, std::uint64_t> all;
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
  }
  for (const LayerType type : kLayerTypes) EXPECT_GT(compared[type], 100) << to_string(type);
  for (const auto& [name, count] : all) EXPECT_GT(count, 1000u) << name;
}

/// Whether the cost model prices the design.
bool priced(const Layer& layer, const Design& design) {
  try {
    execution::check_design(layer, design);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

/// One to five layers, at least one of which has K = 0, with designs that the cost model prices.
std::vector<TestLayer> random_network(Generator& generator) {
  std::vector<TestLayer> layers = random_graph(generator, 7, 1 + generator() % 5);
  for (TestLayer& of : layers) {
    while (!priced(of.layer, of.design)) of.design = random_design(generator, of.layer);
    if (&of == &layers.front() || generator() % 3 != 0) of.design.batches_per_cycle = 0;
  }
  return layers;
}

TEST(Counts, AreThoseOfTheSchedule) {
  Generator generator(22);
  costmodel::Device device;
  device.profile = costmodel::load_profile("msp430fr5994");
  std::uint64_t cycles = 0;
  std::uint64_t joined = 0;  // power cycles that run on over the end of a layer
  std::uint64_t parted = 0;  // those that end within one
  for (int i = 0; i < 2500; ++i) {
    const ScheduledLayers network = with_tight_ledger(device, random_network(generator), generator);
    const TestModel model(network.layers, 5, 0, Placement::apart, network.ledger_budget);
    SCOPED_TRACE(description(model));
    TestBoard board(model);
    ASSERT_EQ(inas_host_start(&board.board, &model.tables()), INAS_HOST_DONE);
    inas_host_reset(&board.board);
    ASSERT_EQ(inas_host_finish(&board.board, &model.tables(), 0), INAS_HOST_DONE);
    const std::map<std::string, std::uint64_t> laws = counted_laws(board.board.counts);
    const std::vector<double> counts =
        costmodel::law_counts(device, network.plain(), network.designs());
    ASSERT_EQ(laws.size(), counts.size());
    for (std::size_t law = 0; law < counts.size(); ++law) {
      const std::string& name = costmodel::law_names()[law];
      ASSERT_EQ(static_cast<double>(laws.at(name)), counts[law]) << name;
    }
    const auto scheduled = costmodel::scheduled_cycles(device, network.plain(), network.designs());
    ASSERT_EQ(scheduled.size(), board.board.counts.boots);
    for (const costmodel::ScheduledCycle& cycle : scheduled) {
      const execution::CycleSegment& last = cycle.segments.back();
      joined += cycle.segments.size() > 1 ? 1 : 0;
      parted += last.end < counts_of(network.layers[last.layer]).batches ? 1 : 0;
    }
    cycles += scheduled.size();
  }
  EXPECT_GT(joined, 1000U);
  EXPECT_GT(parted, 1000U);
  EXPECT_GT(cycles, 5000U);
}

}  // namespace
}  // namespace inas::firmware
