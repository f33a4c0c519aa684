// Whole search spaces: every layer of the paper's CIFAR-10 space, and every network of it.
#include <benchmark/benchmark.h>

#include <inas/explorer/layer_table.hpp>
#include <inas/explorer/space_map.hpp>

#include "cifar_space.hpp"

namespace {

using namespace inas;
using namespace inas::bench;

void explore_cifar_layers(benchmark::State& state, const ExplorerSettings& settings,
                          std::int64_t threads, const Platform& platform = published_platform()) {
  const costmodel::Device device = costmodel::make_device(platform, {});
  const std::vector<Layer> layers = explorer::distinct_layers(cifar_space());
  for (auto _ : state) {
    benchmark::DoNotOptimize(explorer::explore_layers(layers, device, settings, threads));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(layers.size()));
}

void BM_LayerTableOfCifarSpace(benchmark::State& state) {
  explore_cifar_layers(state, kPublishedLists, 1);
}
BENCHMARK(BM_LayerTableOfCifarSpace)->Unit(benchmark::kMillisecond);

void BM_LayerTableOnTwoThreads(benchmark::State& state) {
  explore_cifar_layers(state, kPublishedLists, 2);
}
BENCHMARK(BM_LayerTableOnTwoThreads)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

/// Every choice of the wider design space at once, for layers that end their power cycles.
void BM_LayerTableOfFullDesignSpace(benchmark::State& state) {
  ExplorerSettings settings;
  settings.ledger = false;
  explore_cifar_layers(state, settings, 1);
}
BENCHMARK(BM_LayerTableOfFullDesignSpace)->Unit(benchmark::kMillisecond);

/// The same for the runtime, by layers and for the ledger, on the units that its argument counts:
/// the CPU, and the LEA.
void BM_LayerTableOfTheRuntime(benchmark::State& state) {
  explore_cifar_layers(state, {.units = {.lea = state.range(0) > 1, .cpu = true}}, 1, Platform{});
}
BENCHMARK(BM_LayerTableOfTheRuntime)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);

void BM_MapOfCifarSpace(benchmark::State& state) {
  const costmodel::Device device = costmodel::make_device(published_platform(), {});
  explorer::SpaceMapOptions options;
  options.threads = 1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(explorer::SpaceMap(cifar_space(), device, kPublishedLists, options));
  }
  state.SetItemsProcessed(state.iterations() * 1'048'576);
}
BENCHMARK(BM_MapOfCifarSpace)->Unit(benchmark::kMillisecond);

/// The same for the runtime: every network as scheduled, in the full design space on both units.
void BM_ScheduledMapOfCifarSpace(benchmark::State& state) {
  const costmodel::Device device = costmodel::make_device({}, {});
  const ExplorerSettings settings{.units = {.lea = true, .cpu = true}};
  explorer::SpaceMapOptions options;
  options.threads = 1;
  for (auto _ : state) {
    benchmark::DoNotOptimize(explorer::SpaceMap(cifar_space(), device, settings, options));
  }
  state.SetItemsProcessed(state.iterations() * 1'048'576);
}
BENCHMARK(BM_ScheduledMapOfCifarSpace)->Unit(benchmark::kMillisecond);

}  // namespace
