#include <benchmark/benchmark.h>

#include <inas/costmodel/intermittent.hpp>
#include <inas/explorer/design_space.hpp>
#include <inas/explorer/explorer.hpp>

#include "cifar_space.hpp"

namespace {

using namespace inas;
using namespace inas::bench;

std::int64_t count_designs(const Network& network, const ExplorerSettings& settings) {
  std::int64_t designs = 0;
  for (const Layer& layer : network.layers) {
    explorer::for_each_design(layer, settings.legal, PowerKind::intermittent,
                              [&](const Design&) { ++designs; });
  }
  return designs;
}

void BM_CostOfOneDesign(benchmark::State& state) {
  const costmodel::Device device = costmodel::make_device(published_platform(), {});
  const Layer layer = cifar_network().layers[2];
  const Design design{{2, 13, 4, 8}, LoopOrder::reuse_I, 2};
  for (auto _ : state) {
    benchmark::DoNotOptimize(costmodel::intermittent_cost(device, layer, design));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_CostOfOneDesign);

void BM_SweepOfCifarNetwork(benchmark::State& state) {
  const costmodel::Device device = costmodel::make_device(published_platform(), {});
  const Network network = cifar_network();
  for (auto _ : state) {
    for (const Layer& layer : network.layers) {
      benchmark::DoNotOptimize(explorer::best_design_by_sweep(device, layer, kPublishedLists));
    }
  }
  state.SetItemsProcessed(state.iterations() * count_designs(network, kPublishedLists));
}
BENCHMARK(BM_SweepOfCifarNetwork)->Unit(benchmark::kMillisecond);

void BM_BestDesignsOfCifarNetwork(benchmark::State& state) {
  const costmodel::Device device = costmodel::make_device(published_platform(), {});
  const Network network = cifar_network();
  for (auto _ : state) {
    for (const Layer& layer : network.layers) {
      benchmark::DoNotOptimize(explorer::best_design(device, layer, kPublishedLists));
    }
  }
  state.SetItemsProcessed(state.iterations() * count_designs(network, kPublishedLists));
}
BENCHMARK(BM_BestDesignsOfCifarNetwork)->Unit(benchmark::kMillisecond);

costmodel::Device continuous_device() {
  PowerSupply supply;
  supply.kind = PowerKind::continuous;
  return costmodel::make_device(published_platform(), supply);
}

/// Argument: 0 published lists, 1 the full design space.
ExplorerSettings continuous_space(const benchmark::State& state) {
  return state.range(0) == 0 ? kPublishedLists : ExplorerSettings{};
}

std::int64_t count_continuous_designs(const Network& network, const ExplorerSettings& settings) {
  std::int64_t designs = 0;
  for (const Layer& layer : network.layers) {
    explorer::for_each_design(layer, settings, PowerKind::continuous,
                              [&](const Design&) { ++designs; });
  }
  return designs;
}

/// Every design priced under continuous power.
void BM_ContinuousSweepOfCifarNetwork(benchmark::State& state) {
  const costmodel::Device device = continuous_device();
  const Network network = cifar_network();
  const ExplorerSettings settings = continuous_space(state);
  for (auto _ : state) {
    for (const Layer& layer : network.layers) {
      benchmark::DoNotOptimize(explorer::best_design_by_sweep(device, layer, settings));
    }
  }
  state.SetItemsProcessed(state.iterations() * count_continuous_designs(network, settings));
}
BENCHMARK(BM_ContinuousSweepOfCifarNetwork)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void BM_ContinuousBestDesignsOfCifarNetwork(benchmark::State& state) {
  const costmodel::Device device = continuous_device();
  const Network network = cifar_network();
  const ExplorerSettings settings = continuous_space(state);
  for (auto _ : state) {
    for (const Layer& layer : network.layers) {
      benchmark::DoNotOptimize(explorer::best_design(device, layer, settings));
    }
  }
  state.SetItemsProcessed(state.iterations() * count_continuous_designs(network, settings));
}
BENCHMARK(BM_ContinuousBestDesignsOfCifarNetwork)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void BM_KnownLayer(benchmark::State& state) {
  explorer::Explorer explorer(costmodel::make_device(published_platform(), {}), kPublishedLists);
  const Layer layer = cifar_network().layers[2];
  benchmark::DoNotOptimize(explorer.explore(layer));
  for (auto _ : state) benchmark::DoNotOptimize(explorer.explore(layer));
}
BENCHMARK(BM_KnownLayer);

}  // namespace
