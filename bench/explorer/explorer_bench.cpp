#include <benchmark/benchmark.h>

#include <inas/core/search_space.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/explorer/design_space.hpp>
#include <inas/explorer/explorer.hpp>

namespace {

using namespace inas;

/// The paper's CIFAR-10 space and a network of middling size from the reference's speed table
/// (baseline.md).
SearchSpace cifar_space() {
  return {.family = NetworkFamily::convolution_2d,
          .input = {3, 32, 32},
          .classes = 10,
          .layers = 5,
          .kernels = {1, 3, 5, 7},
          .filters = {4, 8, 16, 24}};
}

Network cifar_network() { return build_network(cifar_space(), {3, 8, 3, 16, 3, 16, 3, 24, 3, 24}); }

constexpr ExplorerSettings kPublishedLists{.legal = Divisors::published};

std::int64_t count_designs(const Network& network, const ExplorerSettings& settings) {
  std::int64_t designs = 0;
  for (const Layer& layer : network.layers) {
    explorer::for_each_design(layer, settings.legal, PowerKind::intermittent,
                              [&](const Design&) { ++designs; });
  }
  return designs;
}

void BM_CostOfOneDesign(benchmark::State& state) {
  const costmodel::Device device = costmodel::make_device({}, {});
  const Layer layer = cifar_network().layers[2];
  const Design design{{2, 13, 4, 8}, LoopOrder::reuse_I, 2};
  for (auto _ : state) {
    benchmark::DoNotOptimize(costmodel::intermittent_cost(device, layer, design));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_CostOfOneDesign);

void BM_SweepOfCifarNetwork(benchmark::State& state) {
  const costmodel::Device device = costmodel::make_device({}, {});
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
  const costmodel::Device device = costmodel::make_device({}, {});
  const Network network = cifar_network();
  for (auto _ : state) {
    for (const Layer& layer : network.layers) {
      benchmark::DoNotOptimize(explorer::best_design(device, layer, kPublishedLists));
    }
  }
  state.SetItemsProcessed(state.iterations() * count_designs(network, kPublishedLists));
}
BENCHMARK(BM_BestDesignsOfCifarNetwork)->Unit(benchmark::kMillisecond);

void BM_KnownLayer(benchmark::State& state) {
  explorer::Explorer explorer(costmodel::make_device({}, {}), kPublishedLists);
  const Layer layer = cifar_network().layers[2];
  benchmark::DoNotOptimize(explorer.explore(layer));
  for (auto _ : state) benchmark::DoNotOptimize(explorer.explore(layer));
}
BENCHMARK(BM_KnownLayer);

}  // namespace
