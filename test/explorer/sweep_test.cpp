#include <cmath>
#include <limits>
#include <mutex>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include <inas/core/error.hpp>
#include <inas/core/search_space.hpp>
#include <inas/explorer/design_space.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/sweep.hpp>

namespace inas::explorer {
namespace {

using costmodel::Device;
using costmodel::make_device;

Network small_network() {
  const SearchSpace space{.family = NetworkFamily::convolution_2d,
                          .input = {1, 12, 12},
                          .classes = 10,
                          .layers = 2,
                          .kernels = {1, 3},
                          .filters = {4, 8}};
  return build_network(space, {3, 8, 3, 4});
}

const SweepGrid kGrid{.capacitances_f = {0.0002, 0.0005, 0.005, 0.02},
                      .vm_bytes = {32, 256, 2048},
                      .ehm_resistances_ohm = {24, 300},
                      .loop_orders = {{}, {true, false, false}, {false, true, true}}};

void expect_equal(const NetworkResult& a, const NetworkResult& b) {
  EXPECT_EQ(a.latency_s, b.latency_s);
  EXPECT_EQ(a.layers, b.layers);
  EXPECT_EQ(a.why, b.why);
}

TEST(Sweep, EveryPointIsWhatAnExplorerOfThatDeviceFinds) {
  const Network network = small_network();
  const std::vector<SweepPoint> points = sweep(make_device({}, {}), network, {}, kGrid, 60.0);
  ASSERT_EQ(points.size(), 4u * 3 * 2 * 3);
  std::size_t next = 0;
  int feasible = 0;
  for (const double capacitance_f : kGrid.capacitances_f) {
    for (const std::int64_t vm_bytes : kGrid.vm_bytes) {
      for (const double resistance_ohm : kGrid.ehm_resistances_ohm) {
        for (const LoopOrders& orders : kGrid.loop_orders) {
          const SweepPoint& point = points[next++];
          SCOPED_TRACE(testing::Message() << capacitance_f << " F, " << vm_bytes << " B, "
                                          << resistance_ohm << " Ω, " << to_string(orders));
          EXPECT_EQ(point.capacitance_f, capacitance_f);
          EXPECT_EQ(point.vm_bytes, vm_bytes);
          EXPECT_EQ(point.ehm_resistance_ohm, resistance_ohm);
          EXPECT_EQ(point.loop_orders, orders);
          Platform platform;
          platform.vm_bytes = vm_bytes;
          PowerSupply supply;
          supply.capacitance_f = capacitance_f;
          supply.ehm_resistance_ohm = resistance_ohm;
          Explorer explorer(make_device(platform, supply), {.loop_orders = orders});
          expect_equal(point.result, explorer.explore(network, 60.0));
          feasible += point.result.feasible() ? 1 : 0;
        }
      }
    }
  }
  // Both outcomes must occur, or the comparison says little.
  EXPECT_GT(feasible, 5);
  EXPECT_LT(feasible, 67);
}

TEST(Sweep, DoesNotDependOnTheNumberOfThreads) {
  const Network network = small_network();
  const Device device = make_device({}, {});
  const std::vector<SweepPoint> one = sweep(device, network, {}, kGrid, 60.0, 1);
  for (const std::int64_t threads : {0, 2, 7}) {
    const std::vector<SweepPoint> many = sweep(device, network, {}, kGrid, 60.0, threads);
    ASSERT_EQ(many.size(), one.size());
    for (std::size_t index = 0; index < one.size(); ++index) {
      expect_equal(many[index].result, one[index].result);
    }
  }
}

TEST(Sweep, ItTellsOfEveryPointOnceOnAnyThread) {
  for (const std::int64_t threads : {1, 0, 7}) {
    std::mutex mutex;
    std::multiset<std::int64_t> told;
    const auto points = sweep(make_device({}, {}), small_network(), {}, kGrid, 60.0, threads,
                              [&](std::int64_t done, std::int64_t total) {
                                const std::lock_guard lock(mutex);
                                EXPECT_EQ(total, 72);
                                told.insert(done);
                              });
    ASSERT_EQ(points.size(), 72u);
    std::multiset<std::int64_t> expected;
    for (std::int64_t done = 1; done <= 72; ++done) expected.insert(done);
    EXPECT_EQ(told, expected) << threads;
  }
}

TEST(Sweep, EmptyListsStandForTheDeviceItself) {
  const Network network = small_network();
  PowerSupply supply;
  supply.capacitance_f = 0.0033;
  const Device device = make_device({}, supply);
  ExplorerSettings settings = inas::published_space();
  settings.loop_orders = {true, true, false};
  const std::vector<SweepPoint> points = sweep(device, network, settings, {}, std::nullopt);
  ASSERT_EQ(points.size(), 1u);
  EXPECT_EQ(points[0].capacitance_f, 0.0033);
  EXPECT_EQ(points[0].loop_orders, settings.loop_orders);
  Explorer explorer(device, settings);
  expect_equal(points[0].result, explorer.explore(network));
}

TEST(Sweep, OnlyTheLoopOrdersOfTheMaskAreUsedButPoolingKeepsItsOwn) {
  const Network network = small_network();
  const SweepGrid grid{.capacitances_f = {},
                       .vm_bytes = {},
                       .ehm_resistances_ohm = {},
                       .loop_orders = {{true, false, false}, {false, true, false}}};
  for (const SweepPoint& point : sweep(make_device({}, {}), network, {}, grid, std::nullopt)) {
    ASSERT_TRUE(point.result.feasible());
    for (std::size_t index = 0; index < network.layers.size(); ++index) {
      const LoopOrder order = point.result.layers[index].design.order;
      const bool pooling = network.layers[index].type == LayerType::global_average_pool;
      EXPECT_EQ(order, pooling               ? LoopOrder::reuse_O
                       : point.loop_orders.I ? LoopOrder::reuse_I
                                             : LoopOrder::reuse_W);
    }
  }
}

TEST(Sweep, BestOfAMaskIsTheBestOfItsOrdersAlone) {
  std::mt19937_64 random(5);
  for (int repeat = 0; repeat < 30; ++repeat) {
    const auto extent = [&](int low, int high) {
      return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    const std::int64_t size = extent(3, 12);
    const Layer layer = make_convolution("CONV_0", {extent(1, 9), size, size}, extent(1, 9), 3, 3);
    const Device device = make_device({}, {});
    double least_s = std::numeric_limits<double>::infinity();
    for (const LoopOrders& one : {LoopOrders{true, false, false}, LoopOrders{false, true, false},
                                  LoopOrders{false, false, true}}) {
      const LayerResult alone = best_design(device, layer, {.loop_orders = one});
      ASSERT_TRUE(alone.best);
      EXPECT_TRUE(one.has(alone.best->design.order));
      EXPECT_EQ(alone, best_design_by_sweep(device, layer, {.loop_orders = one}));
      least_s = std::min(least_s, alone.best->latency_s);
    }
    EXPECT_EQ(best_design(device, layer, {}).best->latency_s, least_s);
  }
}

TEST(Sweep, LatencyIsNotMonotoneInTheCapacitance) {
  // The reason for enumerating capacitances: see the header.
  SweepGrid grid;
  for (int tenths = 3; tenths <= 200; ++tenths) grid.capacitances_f.push_back(tenths / 1e4);
  const auto points = sweep(make_device({}, {}), small_network(), {}, grid, std::nullopt);
  int falls = 0;
  int rises = 0;
  for (std::size_t index = 1; index < points.size(); ++index) {
    if (!points[index - 1].result.feasible()) continue;
    const double before_s = points[index - 1].result.latency_s;
    falls += points[index].result.latency_s < before_s ? 1 : 0;
    rises += points[index].result.latency_s > before_s ? 1 : 0;
  }
  EXPECT_GT(falls, 0);
  EXPECT_GT(rises, 0);
}

TEST(Sweep, SmallestCapacitanceIsTheFirstThatMeetsTheRequirement) {
  const Network network = small_network();
  SweepGrid grid;
  for (const int value : {470, 330, 220, 100, 47, 33, 22, 15, 10, 6, 5, 4, 3, 2}) {
    grid.capacitances_f.push_back(value / 1e4);  // descending: the order must not matter
  }
  const Device device = make_device({}, {});
  for (const double requirement_s : {3.0, 8.0, 10.0, 20.0, 100.0, 1000.0, 1e6}) {
    SCOPED_TRACE(testing::Message() << requirement_s << " s");
    double expected_f = std::numeric_limits<double>::infinity();
    for (const double capacitance_f : grid.capacitances_f) {
      PowerSupply supply;
      supply.capacitance_f = capacitance_f;
      Explorer explorer(make_device({}, supply), {});
      const NetworkResult result = explorer.explore(network);
      if (result.feasible() && result.latency_s <= requirement_s) {
        expected_f = std::min(expected_f, capacitance_f);
      }
    }
    const auto points = sweep(device, network, {}, grid, requirement_s);
    const SweepPoint* smallest = smallest_capacitance(points);
    EXPECT_EQ(
        smallest == nullptr ? std::numeric_limits<double>::infinity() : smallest->capacitance_f,
        expected_f);
  }
}

TEST(Sweep, LeastCapacitanceIsTheFirstDoubleThatIsFeasible) {
  const Network network = small_network();
  for (const auto& [multiple_batches, ragged] :
       {std::pair{false, false}, std::pair{true, false}, std::pair{true, true}}) {
    for (const std::int64_t vm_bytes : {64, 300, 2048}) {
      for (const double margin : {0.3, 0.55, 1.0}) {
        SCOPED_TRACE(testing::Message() << vm_bytes << " B, margin " << margin);
        Platform platform;
        platform.vm_bytes = vm_bytes;
        PowerSupply supply;
        supply.margin = margin;
        const ExplorerSettings settings{.multiple_batches = multiple_batches,
                                        .ragged_tiles = ragged};
        const auto least_f = least_capacitance_f(make_device(platform, supply), network, settings);
        ASSERT_TRUE(least_f);
        supply.capacitance_f = *least_f;
        Explorer at(make_device(platform, supply), settings);
        EXPECT_TRUE(at.explore(network).feasible());
        supply.capacitance_f = std::nextafter(*least_f, 0.0);
        Explorer below(make_device(platform, supply), settings);
        EXPECT_FALSE(below.explore(network).feasible());
      }
    }
  }
}

TEST(Sweep, NoCapacitorHelpsIfNoTileFits) {
  Platform platform;
  platform.vm_bytes = 8;
  EXPECT_FALSE(least_capacitance_f(make_device(platform, {}), small_network(), {}));
  const auto points = sweep(make_device(platform, {}), small_network(), {}, {}, std::nullopt);
  EXPECT_EQ(smallest_capacitance(points), nullptr);
  EXPECT_EQ(points[0].result.why->constraint, Constraint::spatial);
}

TEST(Sweep, BadInputIsRefused) {
  const Network network = small_network();
  const Device device = make_device({}, {});
  const auto with = [&](SweepGrid grid) { (void)sweep(device, network, {}, grid, std::nullopt); };
  SweepGrid grid;
  grid.capacitances_f = {0.001, -1};
  EXPECT_THROW(with(grid), InvalidArgument);
  grid.capacitances_f = {0.001, 0.002, 0.001};
  EXPECT_THROW(with(grid), InvalidArgument);
  grid = {};
  grid.vm_bytes = {0};
  EXPECT_THROW(with(grid), InvalidArgument);
  grid = {};
  grid.ehm_resistances_ohm = {-3};
  EXPECT_THROW(with(grid), InvalidArgument);
  grid.ehm_resistances_ohm = {24};
  const PowerSupply constant_power{.harvester = Harvester::constant_power, .harvest_w = 1e-3};
  EXPECT_THROW((void)sweep(make_device({}, constant_power), network, {}, grid, std::nullopt),
               InvalidArgument);
  grid = {};
  grid.loop_orders = {{false, false, false}};
  EXPECT_THROW(with(grid), InvalidArgument);
  EXPECT_THROW((void)sweep(device, {}, {}, {}, std::nullopt), InvalidArgument);
  EXPECT_THROW((void)sweep(device, network, {}, {}, std::nullopt, -1), InvalidArgument);
  grid = {};
  for (int index = 1; index <= 1001; ++index) {
    grid.capacitances_f.push_back(index * 1e-4);
    grid.ehm_resistances_ohm.push_back(index);
  }
  EXPECT_THROW(with(grid), Error);
  PowerSupply continuous;
  continuous.kind = PowerKind::continuous;
  EXPECT_THROW((void)least_capacitance_f(make_device({}, continuous), network, {}),
               InvalidArgument);
}

}  // namespace
}  // namespace inas::explorer
