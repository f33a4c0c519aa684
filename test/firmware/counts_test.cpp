#include <map>
#include <string>

#include <gtest/gtest.h>

#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/laws.hpp>
#include <inas/execution/design_check.hpp>

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

/// What the board counted of each of the model's laws.
std::map<std::string, std::uint64_t> counted(const inas_host_counts& did) {
  std::uint64_t batches = 0;
  std::uint64_t blocks = 0;
  std::uint64_t block_rows = 0;
  for (const inas_work_counts& work : did.work) {
    batches += work.batches;
    blocks += work.blocks;
    block_rows += work.block_rows;
  }
  const inas_work_counts& convolution = did.work[INAS_CONVOLUTION];
  const inas_work_counts& average = did.work[INAS_GLOBAL_AVERAGE_POOL];
  const inas_work_counts& maximum = did.work[INAS_MAX_POOL];
  std::map<std::string, std::uint64_t> laws{
      {"nvm_read.intercept", did.reads + did.progress_reads},
      {"nvm_read.slope", did.values_read + INAS_PROGRESS_BYTES / 2 * did.progress_reads},
      {"nvm_write.intercept", did.writes + did.progress_writes},
      // A record of four values for each batch, the count of one for each power cycle.
      {"nvm_write.slope", did.values_written + 4 * batches + did.boots},
      {"cpu_mac.intercept", convolution.lines[INAS_UNIT_CPU]},
      {"cpu_mac.slope", convolution.line_values[INAS_UNIT_CPU]},
      {"cycle", did.boots},
      {"block", blocks},
      {"block_row", block_rows},
      {"convolution.row", convolution.rows},
      {"convolution.position", convolution.positions},
      {"convolution.output", convolution.outputs},
      {"global_average_pool.output", average.outputs},
      {"global_average_pool.value", average.line_values[INAS_UNIT_CPU]},
      {"global_average_pool.batch_output", average.batch_outputs},
      {"max_pool.row", maximum.rows},
      {"max_pool.position", maximum.positions},
      {"max_pool.output", maximum.outputs},
      {"max_pool.line", maximum.lines[INAS_UNIT_CPU]},
      {"max_pool.value", maximum.line_values[INAS_UNIT_CPU]}};
  for (const auto& [kernel, work] :
       {std::pair{"convolution", convolution}, std::pair{"global_average_pool", average},
        std::pair{"max_pool", maximum}}) {
    laws[std::string(kernel) + ".entry"] = work.entries;
    laws[std::string(kernel) + ".batch"] = work.batches;
    laws[std::string(kernel) + ".tile"] = work.tiles;
  }
  return laws;
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

    const std::map<std::string, std::uint64_t> laws = counted(did);
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
