#include <algorithm>
#include <barrier>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <support/architectures.hpp>

#include <inas/explorer/explorer.hpp>
#include <inas/explorer/layer_table.hpp>
#include <inas/explorer/space_map.hpp>
#include <inas/explorer/sweep.hpp>

#include "parallel.hpp"

namespace inas::explorer {
namespace {

constexpr std::int64_t kThreads = 4;

costmodel::Device device() { return costmodel::make_device({}, {}); }

/// 36 networks.
SearchSpace small_space() {
  return {NetworkFamily::convolution_2d, {1, 12, 12}, 4, 2, {1, 3, 5}, {4, 8}};
}

void expect_equal(const NetworkResult& found, const NetworkResult& expected) {
  EXPECT_EQ(found.layers, expected.layers);
  EXPECT_EQ(found.latency_s, expected.latency_s);
  EXPECT_EQ(found.nvm_bytes, expected.nvm_bytes);
  EXPECT_EQ(found.why, expected.why);
}

TEST(ParallelFor, EveryIndexIsVisitedOnce) {
  for (const std::int64_t threads : {std::int64_t{0}, std::int64_t{1}, kThreads}) {
    std::vector<int> visits(1000);
    parallel_for(visits.size(), threads, [&](std::size_t index) { ++visits[index]; });
    EXPECT_EQ(std::count(visits.begin(), visits.end(), 1), 1000) << threads << " threads";
  }
}

TEST(ParallelFor, AnExceptionOfABodyReachesTheCaller) {
  std::vector<int> visits(1000);
  const auto body = [&](std::size_t index) {
    ++visits[index];
    if (index % 50 == 49) throw std::runtime_error("in a body");
  };
  try {
    parallel_for(visits.size(), kThreads, body);
    ADD_FAILURE() << "no exception";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "in a body");
  }
  EXPECT_LE(*std::max_element(visits.begin(), visits.end()), 1);
}

TEST(Explorer, ThreadsThatShareOneGetWhatOneThreadGets) {
  const SearchSpace space = small_space();
  const std::vector<Architecture> architectures = test::all_architectures(space);
  const std::size_t count = architectures.size();
  Explorer alone(device(), published_space());
  std::vector<NetworkResult> expected;
  for (const Architecture& architecture : architectures) {
    expected.push_back(alone.explore(space, architecture, 3.0));
  }

  Explorer shared(device(), published_space());
  std::barrier begin(kThreads);
  std::vector<std::vector<NetworkResult>> found(kThreads, std::vector<NetworkResult>(count));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < found.size(); ++t) {
    threads.emplace_back([&, t] {
      begin.arrive_and_wait();
      // Two begin with the same network, so that one geometry is explored by several at a time.
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = (i + t / 2 * count / 2) % count;
        found[t][at] = shared.explore(space, architectures[at], 3.0);
        (void)shared.known_layers();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t t = 0; t < found.size(); ++t) {
    for (std::size_t i = 0; i < count; ++i) {
      SCOPED_TRACE("thread " + std::to_string(t) + ", " + inas::to_string(architectures[i]));
      expect_equal(found[t][i], expected[i]);
    }
  }
  EXPECT_EQ(shared.known_layers(), alone.known_layers());
}

TEST(ExploreLayers, IsTheSameOnSeveralThreads) {
  const std::vector<Layer> layers = distinct_layers(small_space());
  EXPECT_EQ(explore_layers(layers, device(), {}, kThreads),
            explore_layers(layers, device(), {}, 1));
}

TEST(SpaceMap, IsTheSameOnSeveralThreads) {
  for (const std::int64_t list_limit : {1 << 20, 1}) {
    SCOPED_TRACE(list_limit);
    SpaceMapOptions options;
    options.latency_requirement_s = 3;
    options.list_limit = list_limit;
    options.threads = 1;
    const SpaceMap one(small_space(), device(), published_space(), options);
    options.threads = kThreads;
    const SpaceMap many(small_space(), device(), published_space(), options);
    EXPECT_EQ(one.exact(), list_limit > 1);
    EXPECT_EQ(many.layers(), one.layers());
    EXPECT_EQ(many.counts(), one.counts());
    EXPECT_TRUE(std::ranges::equal(many.latencies_s(), one.latencies_s()));
    EXPECT_EQ(many.latency_percentile(50), one.latency_percentile(50));
    EXPECT_EQ(many.networks_within(3), one.networks_within(3));
  }
}

TEST(Sweep, IsTheSameOnSeveralThreads) {
  const Network network = build_network(small_space(), {3, 8, 5, 4});
  const SweepGrid grid{.capacitances_f = {1e-5, 1e-4, 1e-3}, .vm_bytes = {2048, 4096}};
  const auto one = sweep(device(), network, published_space(), grid, 3.0, 1);
  const auto many = sweep(device(), network, published_space(), grid, 3.0, kThreads);
  ASSERT_EQ(many.size(), one.size());
  for (std::size_t point = 0; point < one.size(); ++point) {
    EXPECT_EQ(many[point].capacitance_f, one[point].capacitance_f);
    EXPECT_EQ(many[point].vm_bytes, one[point].vm_bytes);
    expect_equal(many[point].result, one[point].result);
  }
}

}  // namespace
}  // namespace inas::explorer
