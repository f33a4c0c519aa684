// Whole networks: the figures of a search trial, and what one asks of a network besides its fastest
// designs.
#include <cstdint>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include <inas/explorer/design_space.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/pareto.hpp>
#include <inas/explorer/sweep.hpp>

#include "cifar_space.hpp"

namespace {

using namespace inas;
using namespace inas::bench;

/// 30 uniformly random networks of the space, as in baseline.md; always the same.
std::vector<Network> random_networks() {
  constexpr int kCount = 30;
  constexpr std::uint64_t kSeed = 20'230'101;
  std::mt19937_64 random(kSeed);
  const SearchSpace space = cifar_space();
  std::vector<Network> networks;
  for (int index = 0; index < kCount; ++index) {
    Architecture architecture;
    for (const Decision& decision : decisions(space)) {
      architecture.push_back(decision.values[random() % decision.values.size()]);
    }
    networks.push_back(build_network(space, architecture));
  }
  return networks;
}

std::int64_t count_designs(const Layer& layer, Divisors legal) {
  std::int64_t designs = 0;
  explorer::for_each_design(layer, legal, PowerKind::intermittent,
                            [&](const Design&) { ++designs; });
  return designs;
}

std::int64_t count_designs(const std::vector<Network>& networks, Divisors legal) {
  std::int64_t designs = 0;
  for (const Network& network : networks) {
    for (const Layer& layer : network.layers) designs += count_designs(layer, legal);
  }
  return designs;
}

/// Prints the mean time of a network.
void report_times(benchmark::State& state, const std::vector<Network>& networks) {
  state.counters["time/network"] = benchmark::Counter(
      static_cast<double>(networks.size()) * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// Prints designs/s and the mean designs of a network as well.
void report(benchmark::State& state, const std::vector<Network>& networks, Divisors legal) {
  const std::int64_t designs = count_designs(networks, legal);
  state.SetItemsProcessed(state.iterations() * designs);
  state.counters["designs/network"] =
      static_cast<double>(designs) / static_cast<double>(networks.size());
  report_times(state, networks);
}

/// Argument: 0 published lists, 1 all divisors.
Divisors lists_of(const benchmark::State& state) {
  return state.range(0) == 0 ? Divisors::published : Divisors::all;
}

void BM_RandomCifarNetworksCold(benchmark::State& state) {
  const costmodel::Device device = costmodel::make_device(published_platform(), {});
  const std::vector<Network> networks = random_networks();
  const ExplorerSettings settings = published_space(lists_of(state));
  for (auto _ : state) {
    for (const Network& network : networks) {
      explorer::Explorer explorer(device, settings);
      benchmark::DoNotOptimize(explorer.explore(network));
    }
  }
  report(state, networks, settings.legal);
}
BENCHMARK(BM_RandomCifarNetworksCold)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

/// The same for the runtime: the full design space by layers and for the ledger, on the units that
/// the argument counts: the CPU, and the LEA.
void BM_RandomCifarNetworksColdForTheRuntime(benchmark::State& state) {
  const costmodel::Device device = costmodel::make_device({}, {});
  const std::vector<Network> networks = random_networks();
  const ExplorerSettings settings{.units = {.lea = state.range(0) > 1, .cpu = true}};
  for (auto _ : state) {
    for (const Network& network : networks) {
      explorer::Explorer explorer(device, settings);
      benchmark::DoNotOptimize(explorer.explore(network));
    }
  }
  report_times(state, networks);
}
BENCHMARK(BM_RandomCifarNetworksColdForTheRuntime)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);

/// The oracle on the same networks: every design is priced.
void BM_SweepOfRandomCifarNetworks(benchmark::State& state) {
  const costmodel::Device device = costmodel::make_device(published_platform(), {});
  const std::vector<Network> networks = random_networks();
  const ExplorerSettings settings = published_space(lists_of(state));
  for (auto _ : state) {
    for (const Network& network : networks) {
      for (const Layer& layer : network.layers) {
        benchmark::DoNotOptimize(explorer::best_design_by_sweep(device, layer, settings));
      }
    }
  }
  report(state, networks, settings.legal);
}
BENCHMARK(BM_SweepOfRandomCifarNetworks)->Arg(0)->Unit(benchmark::kMillisecond);

/// A capacitor at which the network only just finishes, where bounds rule out least: per mille
/// above the least feasible capacitance. 0 is the very last double.
void BM_NearInfeasibleNetwork(benchmark::State& state) {
  const Network network = cifar_network();
  const ExplorerSettings settings = kPublishedLists;
  costmodel::Device device = costmodel::make_device(published_platform(), {});
  device.supply.capacitance_f = *explorer::least_capacitance_f(device, network, settings) *
                                (1 + static_cast<double>(state.range(0)) / 1000);
  for (auto _ : state) {
    for (const Layer& layer : network.layers) {
      benchmark::DoNotOptimize(explorer::best_design(device, layer, settings));
    }
  }
  report(state, {network}, settings.legal);
}
BENCHMARK(BM_NearInfeasibleNetwork)->Arg(0)->Arg(10)->Arg(200)->Unit(benchmark::kMicrosecond);

/// A capacitor that is too small for any layer: the explanation needs every design's energy.
void BM_InfeasibleNetwork(benchmark::State& state) {
  const Network network = cifar_network();
  const ExplorerSettings settings = kPublishedLists;
  costmodel::Device device = costmodel::make_device(published_platform(), {});
  device.supply.capacitance_f = 1e-4;
  for (auto _ : state) {
    for (const Layer& layer : network.layers) {
      benchmark::DoNotOptimize(explorer::best_design(device, layer, settings));
    }
  }
  report(state, {network}, settings.legal);
}
BENCHMARK(BM_InfeasibleNetwork)->Unit(benchmark::kMicrosecond);

void BM_ParetoFrontOfCifarNetwork(benchmark::State& state) {
  const costmodel::Device device = costmodel::make_device(published_platform(), {});
  const Network network = cifar_network();
  const ExplorerSettings settings = published_space(Divisors::all);
  std::size_t points = 0;
  for (auto _ : state) {
    points = explorer::network_front(device, network, settings).networks.size();
    benchmark::DoNotOptimize(points);
  }
  state.counters["points"] = static_cast<double>(points);
  state.SetItemsProcessed(state.iterations() * count_designs({network}, settings.legal));
}
BENCHMARK(BM_ParetoFrontOfCifarNetwork)->Unit(benchmark::kMillisecond);

/// 18 standard capacitances × 4 VM sizes, the table of `inas-eval sweep`; argument: threads.
void BM_CapacitorSweepOfCifarNetwork(benchmark::State& state) {
  const costmodel::Device device = costmodel::make_device(published_platform(), {});
  const Network network = cifar_network();
  explorer::SweepGrid grid;
  for (const double unit : {1e5, 1e4, 1e3}) {
    for (const int value : {10, 15, 22, 33, 47, 68}) grid.capacitances_f.push_back(value / unit);
  }
  grid.vm_bytes = {512, 1024, 2048, 4096};
  for (auto _ : state) {
    benchmark::DoNotOptimize(explorer::sweep(device, network, published_space(Divisors::all), grid,
                                             std::nullopt, state.range(0)));
  }
  state.SetItemsProcessed(state.iterations() * 72);
}
BENCHMARK(BM_CapacitorSweepOfCifarNetwork)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
