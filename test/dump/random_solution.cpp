#include "random_solution.hpp"

#include <algorithm>

#include <support/sample_solution.hpp>

#include <inas/execution/batches.hpp>
#include <inas/execution/tiles.hpp>

namespace inas::dump {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::int64_t random_divisor(Generator& generator, std::int64_t n) {
  std::int64_t divisor = 0;
  while (divisor == 0 || n % divisor != 0) divisor = random_from(generator, 1, n);
  return divisor;
}

/// ⌈extent/q⌉
std::int64_t random_split(Generator& generator, std::int64_t extent) {
  return ceil_div(extent, random_from(generator, 1, extent));
}

}  // namespace

std::int64_t random_from(Generator& generator, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(generator() % static_cast<std::uint64_t>(high - low + 1));
}

Design random_design(Generator& generator, const Layer& layer) {
  const Shape& map = execution::tiled_map(layer);
  const execution::LayerFacts& facts = execution::facts_of(layer);
  Design design;
  design.tile = {random_split(generator, map.height), random_split(generator, map.width),
                 random_divisor(generator, layer.ofm.channels),
                 random_divisor(generator, execution::stepped_channels(layer))};
  do {
    design.order = static_cast<LoopOrder>(random_from(generator, 0, 2));
  } while (execution::innermost_loop(facts, design.order) == execution::Loop::none);
  const execution::BatchGroups groups =
      execution::batch_groups(layer, execution::tile_counts(layer, design.tile), design.order);
  do {
    design.batch = random_divisor(generator, groups.extent);
  } while (!execution::legal_batch(groups, design.batch));
  const std::vector<std::int64_t> legal = execution::legal_batches_per_cycle(groups, design.batch);
  design.batches_per_cycle = legal[generator() % legal.size()];
  if (facts.work == execution::Work::vectors && generator() % 2 == 0) {
    design.mac = MacGranularity::row;
  }
  if (generator() % 2 == 0) design.dma = DmaGranularity::coalesced;
  return design;
}

void add_ledger(Generator& generator, Solution& solution) {
  solution.ledger = {random_from(generator, 1, generator() % 2 == 0 ? 30 : kMostLedgerUnits), 1e-7};
  const std::int64_t most = solution.ledger.budget / random_from(generator, 2, 9);
  const bool bounded = generator() % 2 == 0;  // some layers have K besides
  for (LayerSolution& of : solution.layers) {
    of.units.entry = random_from(generator, 0, most);
    of.units.fetched = random_from(generator, 0, most);
    of.units.kept = random_from(generator, 0, of.units.fetched);
    if (!bounded || generator() % 2 == 0) of.design.batches_per_cycle = 0;
  }
  solution.layers.front().design.batches_per_cycle = 0;  // or nothing would ask for the ledger
}

Solution random_solution(Generator& generator) {
  Solution solution = test::sample_solution();
  solution.layers.clear();
  solution.settings.platform.vm_bytes = 60'000;
  solution.settings.platform.longest_vector = generator() % 4 == 0 ? 6 : 0;
  const bool one_dimensional = generator() % 4 == 0;
  const std::int64_t size = random_from(generator, 1, 9);
  Shape shape{random_from(generator, 1, 5), size, one_dimensional ? 1 : size};
  const auto add = [&](Layer layer) {
    layer.bias = weight_count(layer) > 0 && generator() % 2 == 0;
    solution.layers.push_back({.layer = layer,
                               .design = random_design(generator, layer),
                               .energy_per_cycle_max_j = 1e-3,
                               .energy_per_cycle_min_j = 1e-3,
                               .latency_s = 1,
                               .power_cycles = 1,
                               .vm_bytes = 1});
    shape = layer.ofm;
  };
  for (std::int64_t i = random_from(generator, 0, 3); i > 0; --i) {
    const std::int64_t kernel = random_from(generator, 1, std::min<std::int64_t>(3, shape.height));
    add(make_convolution("CONV_" + std::to_string(i), shape, random_from(generator, 1, 6), kernel,
                         one_dimensional ? 1 : kernel));
    if (generator() % 3 == 0) {
      const std::int64_t window =
          random_from(generator, 1, std::min<std::int64_t>(3, shape.height));
      add(make_max_pooling("MAXPOOL_" + std::to_string(i), shape, window,
                           one_dimensional ? 1 : window, random_from(generator, 1, 3)));
    }
  }
  if (generator() % 2 == 0) add(make_global_average_pool("POOL", shape));
  add(make_fully_connected("FC_END", shape, random_from(generator, 1, 6)));
  return solution;
}

std::vector<float> random_samples(Generator& generator, const Solution& solution,
                                  std::int64_t count) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < count * solution.layers.front().layer.ifm.values(); ++i) {
    values.push_back(static_cast<float>(static_cast<double>(generator() >> 11) * 0x1p-51 - 2));
  }
  return values;
}

}  // namespace inas::dump
