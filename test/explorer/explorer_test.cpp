#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <library/paper_spaces.hpp>

#include <inas/core/error.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/execution/nvm_layout.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/make_solution.hpp>

namespace {

using inas::Architecture;
using inas::Layer;
using inas::Network;
using inas::costmodel::Device;
using inas::costmodel::make_device;
using inas::explorer::Constraint;
using inas::explorer::Explorer;
using inas::explorer::LayerResult;
using inas::explorer::NetworkResult;

Device device_with(double capacitance_f, std::int64_t vm_bytes = 2048) {
  inas::Platform platform;
  platform.vm_bytes = vm_bytes;
  inas::PowerSupply supply;
  supply.capacitance_f = capacitance_f;
  return make_device(platform, supply);
}

void expect_equal(const NetworkResult& a, const NetworkResult& b) {
  EXPECT_EQ(a.layers, b.layers);
  EXPECT_EQ(a.latency_s, b.latency_s);
  EXPECT_EQ(a.why, b.why);
}

TEST(Explorer, RemembersALayerByItsGeometryNotItsName) {
  Explorer explorer(device_with(0.005), {});
  EXPECT_EQ(explorer.known_layers(), 0u);
  const Layer a = inas::make_convolution("CONV_A", {4, 10, 10}, 8, 3, 3);
  Layer b = a;
  b.name = "CONV_B";
  const LayerResult first = explorer.explore(a);
  EXPECT_EQ(explorer.known_layers(), 1u);
  EXPECT_EQ(explorer.explore(b), first);
  EXPECT_EQ(explorer.known_layers(), 1u);
}

Layer with_bias(Layer layer) {
  layer.bias = true;
  return layer;
}

TEST(Explorer, GeometriesThatDifferInOneNumberAreExploredApart) {
  const Device device = device_with(0.005);
  Explorer explorer(device, {});
  const std::vector<Layer> layers{
      inas::make_convolution("L", {4, 10, 10}, 8, 3, 3),
      inas::make_convolution("L", {8, 10, 10}, 8, 3, 3),
      inas::make_convolution("L", {4, 10, 10}, 4, 3, 3),
      inas::make_convolution("L", {4, 10, 10}, 8, 1, 3),
      inas::make_convolution("L", {4, 10, 10}, 8, 3, 1),
      inas::make_convolution("L", {4, 12, 10}, 8, 3, 3),
      inas::make_convolution("L", {4, 10, 12}, 8, 3, 3),
      inas::make_global_average_pool("L", {4, 10, 10}),
      inas::make_fully_connected("L", {4, 10, 10}, 4),
      // From here on neighbours differ in the stride, the type, the bias.
      inas::make_max_pooling("L", {1, 5, 5}, 2, 2, 3),
      inas::make_max_pooling("L", {1, 5, 5}, 2, 2, 2),
      inas::make_max_pooling("L", {1, 5, 5}, 2, 2, 1),
      inas::make_convolution("L", {1, 5, 5}, 1, 2, 2),
      with_bias(inas::make_convolution("L", {1, 5, 5}, 1, 2, 2))};
  for (int round = 0; round < 2; ++round) {
    for (const Layer& layer : layers) {
      EXPECT_EQ(explorer.explore(layer), inas::explorer::best_design(device, layer, {}));
    }
    EXPECT_EQ(explorer.known_layers(), layers.size());
  }
}

TEST(Explorer, ABiasCostsWhatItsOutputsTake) {
  Device device = device_with(0.005);
  const Layer plain = inas::make_convolution("L", {4, 10, 10}, 8, 3, 3);
  const auto latency_s = [&](const Layer& layer) {
    return inas::explorer::best_design(device, layer, {}).best->latency_s;
  };
  const double bias_s =
      device.profile.runtime.of(inas::execution::Kernel::convolution).bias.latency_s;
  ASSERT_GT(bias_s, 0);
  EXPECT_GT(latency_s(with_bias(plain)), latency_s(plain) + 8 * 8 * 8 * bias_s);
  for (inas::costmodel::KernelLaws* laws :
       {&device.profile.runtime.kernels[0], &device.profile.runtime.convolution_lea}) {
    laws->bias = {};
  }
  EXPECT_EQ(latency_s(with_bias(plain)), latency_s(plain));
}

TEST(Explorer, ARememberedReasonNamesTheCallersLayer) {
  Explorer explorer(device_with(1e-4), {});
  const Layer a = inas::make_convolution("CONV_A", {4, 10, 10}, 8, 3, 3);
  Layer b = a;
  b.name = "CONV_B";
  const LayerResult first = explorer.explore(a);
  LayerResult second = explorer.explore(b);
  EXPECT_EQ(explorer.known_layers(), 1u);
  ASSERT_TRUE(first.why && second.why);
  EXPECT_EQ(first.why->layer, "CONV_A");
  EXPECT_EQ(second.why->layer, "CONV_B");
  second.why->layer = "CONV_A";
  EXPECT_EQ(first, second);
}

TEST(Explorer, NetworksShareTheirLayers) {
  Explorer explorer(device_with(0.005), {});
  const inas::SearchSpace space = library::paper_space("har");
  (void)explorer.explore(space, {3, 8, 1, 8, 1, 8});  // CONV_1 and CONV_2 are alike
  EXPECT_EQ(explorer.known_layers(), 4u);
  (void)explorer.explore(space, {3, 8, 1, 8, 1, 8});
  EXPECT_EQ(explorer.known_layers(), 4u);
  (void)explorer.explore(space, {3, 8, 1, 8, 1, 16});  // CONV_2, pooling and FC_END are new
  EXPECT_EQ(explorer.known_layers(), 7u);
}

inas::ExplorerSettings without_ledger() {
  inas::ExplorerSettings settings;
  settings.ledger = false;
  return settings;
}

TEST(Explorer, LatencyIsTheSumOfTheLayersInTheirOrder) {
  Explorer explorer(device_with(0.005), without_ledger());
  const NetworkResult result = explorer.explore(library::paper_space("har"), {5, 16, 3, 8, 1, 24});
  ASSERT_TRUE(result.feasible());
  ASSERT_EQ(result.layers.size(), 5u);
  double sum = 0;
  for (const auto& layer : result.layers) sum += layer.latency_s;
  EXPECT_EQ(result.latency_s, sum);
  EXPECT_EQ(result.by_layers_s, sum);
}

TEST(Explorer, FourThreadsGetWhatOneThreadGets) {
  const Device device = device_with(0.0005, 1200);  // some networks are infeasible
  const inas::SearchSpace space = library::paper_space("har");
  std::vector<Architecture> architectures;
  for (std::int64_t i = 0; i < 24; ++i) {
    const auto kernel = [&](std::int64_t n) {
      return space.kernels[static_cast<std::size_t>(n % 4)];
    };
    const auto filters = [&](std::int64_t n) {
      return space.filters[static_cast<std::size_t>(n % 4)];
    };
    architectures.push_back(
        {kernel(i), filters(i / 2), kernel(i / 3), filters(i / 4), kernel(i / 5), filters(i / 6)});
  }
  Explorer alone(device, {});
  std::vector<NetworkResult> expected;
  for (const Architecture& a : architectures) expected.push_back(alone.explore(space, a));

  Explorer shared(device, {});
  constexpr std::size_t kThreads = 4;
  std::vector<std::vector<NetworkResult>> found(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    found[t].resize(architectures.size());
    threads.emplace_back([&, t] {
      // Half of them forwards, half of them backwards, to meet at different layers.
      for (std::size_t i = 0; i < architectures.size(); ++i) {
        const std::size_t at = t % 2 == 0 ? i : architectures.size() - 1 - i;
        found[t][at] = shared.explore(space, architectures[at]);
        (void)shared.known_layers();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t t = 0; t < kThreads; ++t) {
    for (std::size_t i = 0; i < architectures.size(); ++i) {
      SCOPED_TRACE("thread " + std::to_string(t) + ", " + inas::to_string(architectures[i]));
      expect_equal(found[t][i], expected[i]);
    }
  }
  EXPECT_EQ(shared.known_layers(), alone.known_layers());
}

TEST(Explorer, ChecksNvmCapacityWithTheDesignsThatItChose) {
  Device device = device_with(0.005);
  const Network network = inas::build_network(library::paper_space("har"), {3, 8, 3, 8, 3, 8});
  const NetworkResult chosen = Explorer(device, without_ledger()).explore(network);
  ASSERT_TRUE(chosen.feasible());
  std::vector<inas::execution::ExecutedLayer> layers;
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    layers.push_back({network.layers[index], chosen.layers[index].design});
  }
  EXPECT_EQ(chosen.nvm_bytes, inas::execution::lay_out(layers).total_bytes);
  device.platform.nvm_bytes = chosen.nvm_bytes;
  EXPECT_TRUE(Explorer(device, without_ledger()).explore(network).feasible());
  device.platform.nvm_bytes = chosen.nvm_bytes - 1;
  // The latency requirement is broken, too.
  const NetworkResult result = Explorer(device, without_ledger()).explore(network, 1e-6);
  ASSERT_TRUE(result.why.has_value());
  EXPECT_EQ(result.why->constraint, Constraint::nvm_capacity);
  EXPECT_EQ(result.why->shortfall(), 1);
  EXPECT_EQ(result.layers, chosen.layers);
}

TEST(Explorer, ChecksThePublishedNvmConstraintBeforeTheLayers) {
  Device device = device_with(1e-4);  // C1 is broken, too
  device.profile.faults.nvm_holds_two_largest_maps = true;
  const Network network = inas::build_network(library::paper_space("har"), {3, 8, 3, 8, 3, 8});
  std::int64_t largest = 0;
  for (const inas::Layer& layer : network.layers) {
    largest = std::max({largest, layer.ifm.values(), layer.ofm.values()});
  }
  const std::int64_t needed = 2 * (2 * largest + inas::weight_count(network));
  device.platform.nvm_bytes = needed - 1;
  Explorer too_small(device, {});
  const NetworkResult result = too_small.explore(network);
  ASSERT_TRUE(result.why.has_value());
  EXPECT_EQ(result.why->constraint, Constraint::nvm_capacity);
  EXPECT_EQ(result.why->shortfall(), 1);
  EXPECT_EQ(result.why->layer_index, -1);
  EXPECT_TRUE(result.layers.empty());
  EXPECT_EQ(too_small.known_layers(), 0u);

  device.platform.nvm_bytes = needed;
  Explorer just_large_enough(device, {});
  EXPECT_EQ(just_large_enough.explore(network).why->constraint, Constraint::atomicity);
}

TEST(Explorer, EndsWithTheFirstInfeasibleLayer) {
  // 700 B hold some tile of each layer but FC_0, whose least tile takes 1002 B.
  Explorer explorer(device_with(0.01, 700), {});
  const NetworkResult result = explorer.explore(library::paper_space("kws"), {48, 64, 48, 64}, 1.0);
  ASSERT_TRUE(result.why.has_value());
  EXPECT_EQ(result.why->constraint, Constraint::spatial);
  EXPECT_EQ(result.why->layer, "FC_0");
  EXPECT_EQ(result.why->layer_index, 0);
  EXPECT_EQ(result.why->needed, 1002);
  EXPECT_EQ(result.why->available, 700);
  EXPECT_EQ(result.why->shortfall(), 302);
  ASSERT_TRUE(result.why->nearest.has_value());
  EXPECT_TRUE(result.layers.empty());
  EXPECT_EQ(result.latency_s, 0);
}

TEST(Explorer, ANetworkThatMissesTheRequirementHasAllItsDesigns) {
  Explorer explorer(device_with(0.005), {});
  const inas::SearchSpace space = library::paper_space("har");
  const Architecture architecture{3, 8, 3, 8, 3, 8};
  const NetworkResult free = explorer.explore(space, architecture);
  ASSERT_TRUE(free.feasible());
  // The requirement is a bound that may be met exactly.
  EXPECT_TRUE(explorer.explore(space, architecture, free.latency_s).feasible());
  const double required = std::nextafter(free.latency_s, 0);
  const NetworkResult late = explorer.explore(space, architecture, required);
  ASSERT_TRUE(late.why.has_value());
  EXPECT_EQ(late.why->constraint, Constraint::responsiveness);
  EXPECT_EQ(late.why->needed, free.latency_s);
  EXPECT_EQ(late.why->available, required);
  EXPECT_EQ(late.layers, free.layers);
}

TEST(Explorer, AKernelLargerThanItsMapIsAGeometryFault) {
  Explorer explorer(device_with(0.005), {});
  inas::SearchSpace space = library::paper_space("har");
  space.input.height = 12;
  const NetworkResult result = explorer.explore(space, {7, 8, 5, 8, 3, 8});  // 12, 6, 2 rows
  ASSERT_TRUE(result.why.has_value());
  EXPECT_EQ(result.why->constraint, Constraint::geometry);
  EXPECT_EQ(result.why->layer, "CONV_2");
  EXPECT_EQ(result.why->layer_index, 2);
  EXPECT_EQ(result.why->needed, 3);
  EXPECT_EQ(result.why->available, 2);
  EXPECT_TRUE(explorer.explore(space, {7, 8, 5, 8, 1, 8}).feasible());
}

TEST(Explorer, ReasonsAreOneSentenceWithTheNumbers) {
  Explorer no_energy(device_with(1e-4), {});
  Explorer no_memory(device_with(0.005, 700), {});
  const auto energy = no_energy.explore(library::paper_space("har"), {3, 8, 3, 8, 3, 8});
  const auto memory = no_memory.explore(library::paper_space("kws"), {48, 64, 48, 64});
  ASSERT_TRUE(energy.why && memory.why);
  EXPECT_EQ(energy.why->constraint, Constraint::atomicity);
  EXPECT_NE(describe(*energy.why).find("CONV_0"), std::string::npos);
  const std::string text = describe(*memory.why);
  EXPECT_NE(text.find("FC_0"), std::string::npos) << text;
  EXPECT_NE(text.find("1002"), std::string::npos) << text;
  EXPECT_NE(text.find("700"), std::string::npos) << text;
}

TEST(Explorer, RefusesAnInvalidDevice) {
  Device device = device_with(0.005);
  device.supply.von_v = device.supply.vsup_v;
  EXPECT_THROW(Explorer(device, {}), inas::InvalidArgument);
  device = device_with(0.005);
  device.platform.vm_bytes = 0;
  EXPECT_THROW(Explorer(device, {}), inas::InvalidArgument);
}

TEST(Explorer, RefusesLayersThatDoNotFollowEachOther) {
  Explorer explorer(device_with(0.005), {});
  const Network network{{inas::make_convolution("CONV_0", {2, 8, 8}, 4, 3, 3),
                         inas::make_global_average_pool("GAVGPOOL_0", {3, 6, 6})}};
  EXPECT_THROW((void)explorer.explore(network), inas::InvalidArgument);
}

TEST(Explorer, ContinuousPowerHasNoPowerCycles) {
  Device device = device_with(0.005);
  device.supply.kind = inas::PowerKind::continuous;
  Explorer explorer(device, {});
  const NetworkResult result = explorer.explore(library::paper_space("har"), {3, 8, 3, 8, 3, 8});
  ASSERT_TRUE(result.feasible());
  for (const auto& layer : result.layers) {
    EXPECT_EQ(layer.cycles.all(), 0);
    EXPECT_EQ(layer.design.batch, 1);
    EXPECT_EQ(layer.energy_max_j, layer.energy_min_j);
  }
}

TEST(MakeSolution, PricingItAgainGivesTheSameFigures) {
  inas::Settings settings;
  settings.space = library::paper_space("har");
  settings.power.capacitance_f = 0.005;
  const Architecture architecture{5, 16, 3, 8, 1, 24};
  const Network network = inas::build_network(settings.space, architecture);
  Explorer explorer(make_device(settings.platform, settings.power), settings.explorer);
  const NetworkResult result = explorer.explore(network);
  ASSERT_TRUE(result.feasible());
  inas::Solution solution = inas::explorer::make_solution(settings, architecture, network, result);
  EXPECT_EQ(inas::network_of(solution), network);
  EXPECT_EQ(solution.latency_s, result.latency_s);
  expect_equal(inas::explorer::price_solution(solution), result);

  solution.settings.search.latency_requirement_s = std::nextafter(result.latency_s, 0);
  EXPECT_EQ(inas::explorer::price_solution(solution).why->constraint, Constraint::responsiveness);
  solution.settings.power.capacitance_f = 1e-4;
  const NetworkResult starved = inas::explorer::price_solution(solution);
  ASSERT_TRUE(starved.why.has_value());
  EXPECT_EQ(starved.why->constraint, Constraint::atomicity);
  EXPECT_EQ(starved.why->layer_index, 0);
  EXPECT_EQ(starved.layers.size(), network.layers.size());
}

TEST(MakeSolution, PricingSaysEveryConstraintThatTheDesignsBreak) {
  inas::Settings settings;
  settings.space = library::paper_space("har");
  settings.explorer.ledger = false;
  const Architecture architecture{5, 16, 3, 8, 1, 24};
  const Network network = inas::build_network(settings.space, architecture);
  Explorer explorer(make_device(settings.platform, settings.power), settings.explorer);
  const NetworkResult found = explorer.explore(network);
  ASSERT_TRUE(found.feasible());
  inas::Solution solution = inas::explorer::make_solution(settings, architecture, network, found);
  const auto broken = [&] {
    return inas::explorer::broken_constraints(solution, inas::explorer::price_solution(solution));
  };
  EXPECT_TRUE(broken().empty());

  solution.settings.platform.nvm_bytes = 100;
  solution.settings.search.latency_requirement_s = 0.01;
  ASSERT_EQ(broken().size(), 2u);
  EXPECT_EQ(broken()[0].constraint, Constraint::nvm_capacity);
  EXPECT_EQ(broken()[1].constraint, Constraint::responsiveness);

  // VM and the budget are lost by single layers, some by both; which, is read off the designs.
  std::vector<std::int64_t> vm;
  for (const auto& layer : found.layers) vm.push_back(layer.vm_bytes);
  std::sort(vm.begin(), vm.end());
  solution.settings = settings;
  solution.settings.platform.vm_bytes = vm[vm.size() / 2] - 1;
  solution.settings.power.capacitance_f = 0.001;
  const double budget_j = inas::costmodel::energy_budget_j(solution.settings.power);
  std::vector<std::pair<std::int64_t, Constraint>> expected;
  for (std::size_t index = 0; index < found.layers.size(); ++index) {
    const auto layer = static_cast<std::int64_t>(index);
    if (found.layers[index].vm_bytes > solution.settings.platform.vm_bytes) {
      expected.emplace_back(layer, Constraint::spatial);
    }
    if (found.layers[index].energy_max_j > budget_j) {
      expected.emplace_back(layer, Constraint::atomicity);
    }
  }
  std::vector<std::pair<std::int64_t, Constraint>> said;
  for (const auto& why : broken()) {
    said.emplace_back(why.layer_index, why.constraint);
    const std::string sentence = describe(why);
    EXPECT_NE(sentence.find("design " + to_string(*why.nearest)), std::string::npos) << sentence;
    EXPECT_EQ(sentence.find("no design"), std::string::npos) << sentence;
  }
  EXPECT_EQ(said, expected);
  EXPECT_GT(expected.size(), 2u);

  // Nothing is preserved under continuous power: S and K are 1.
  solution.settings = settings;
  solution.settings.power.kind = inas::PowerKind::continuous;
  const NetworkResult continuous = inas::explorer::price_solution(solution);
  EXPECT_TRUE(continuous.feasible());
  EXPECT_LT(continuous.latency_s, found.latency_s);
  for (const auto& layer : continuous.layers) {
    EXPECT_EQ(layer.design.batch, 1);
    EXPECT_EQ(layer.design.batches_per_cycle, 1);
  }
}

TEST(MakeSolution, NeedsADesignForEveryLayer) {
  inas::Settings settings;
  settings.space = library::paper_space("har");
  const Network network = inas::build_network(settings.space, {3, 8, 3, 8, 3, 8});
  EXPECT_THROW((void)inas::explorer::make_solution(settings, {3, 8, 3, 8, 3, 8}, network, {}),
               inas::InvalidArgument);
}

}  // namespace
