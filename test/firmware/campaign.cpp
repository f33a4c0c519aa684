/// Cuts power at every byte and every call of small models, and prints how often.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <support/tool.hpp>

#include <inas/core/error.hpp>
#include <inas/core/network.hpp>

#include "firmware/power_failures.hpp"

namespace {

using namespace inas;
using namespace inas::firmware;

struct Entry {
  std::string kind;
  std::vector<TestLayer> layers;
  std::uint64_t seed = 0;
  std::int64_t ledger_budget = 0;
};

std::vector<std::int64_t> divisors(std::int64_t n) {
  std::vector<std::int64_t> result;
  for (std::int64_t d = 1; d <= n; ++d) {
    if (n % d == 0) result.push_back(d);
  }
  return result;
}

/// Every S of `layer` in each loop order, mac and dma; K: all, or 1, one in the middle and the
/// last; and once with a ledger.
void add_designs(std::vector<Entry>& entries, const std::string& kind, const Layer& layer,
                 const Tile& tile, bool every_K) {
  for (const LoopOrder order : loop_orders(layer)) {
    for (const MacGranularity mac : {MacGranularity::tap, MacGranularity::row}) {
      if (!has_vectors(layer) && mac == MacGranularity::row) continue;
      for (const DmaGranularity dma : {DmaGranularity::pixel, DmaGranularity::coalesced}) {
        TestLayer of{layer, {tile, order, 1, mac, dma, 1}};
        // Both units, and the LEA with both of its vectors.
        if (has_vectors(layer) && dma == DmaGranularity::coalesced) of.design.unit = Unit::cpu;
        for (const std::int64_t S : divisors(counts_of(of).extent)) {
          of.design.batch = S;
          const std::vector<std::int64_t> all = divisors(counts_of(of).batches);
          for (std::size_t k = 0; k < all.size(); ++k) {
            if (!every_K && k != 0 && k != all.size() / 2 && k + 1 != all.size()) continue;
            of.design.batches_per_cycle = all[k];
            entries.push_back({kind, {of}, entries.size()});
          }
          Generator generator(entries.size());
          std::vector<TestLayer> layers{of};
          const std::int64_t budget = random_ledger(generator, layers);
          entries.push_back({kind, layers, entries.size(), budget});
        }
      }
    }
  }
}

Layer with_bias(Layer layer) {
  layer.bias = true;
  return layer;
}

Layer activated(Layer layer, Activation activation) {
  layer.activation = activation;
  return layer;
}

/// Layers of all types, whose maps live on to additions, with random designs.
Entry random_network(Generator& generator) {
  Entry entry{"network", {}, generator()};
  entry.layers = random_graph(generator, 5, 2 + generator() % 4);
  if (generator() % 2 == 0) entry.ledger_budget = random_ledger(generator, entry.layers);
  return entry;
}

std::vector<Entry> systematic_entries(bool exhaustive) {
  std::vector<Entry> entries;
  const auto add = [&](const std::string& kind, const Layer& layer,
                       const std::vector<Tile>& tiles) {
    for (std::size_t i = 0; i < (exhaustive ? tiles.size() : 1); ++i) {
      add_designs(entries, kind, layer, tiles[i], exhaustive);
    }
  };
  const Layer conv = make_convolution("CONV", {3, 5, 5}, 4, 2, 2);
  add("convolution, tiles divide", conv, {{2, 2, 2, 1}, {1, 2, 4, 3}, {4, 4, 1, 1}, {2, 4, 4, 1}});
  add("convolution, ragged tiles", conv, {{3, 3, 3, 2}, {3, 4, 4, 2}, {1, 3, 3, 1}, {4, 3, 3, 3}});
  const Layer biased = with_bias(conv);
  add("convolution with bias", biased, {{2, 2, 2, 1}, {3, 4, 4, 2}});
  const Layer strided = make_convolution("CONV", {2, 7, 6}, 3, 3, 2, 2);
  add("strided convolution", activated(strided, Activation::relu),
      {{3, 1, 2, 1}, {1, 3, 3, 2}, {2, 2, 1, 1}});
  const Layer padded = make_convolution("CONV", {2, 4, 4}, 2, 3, 3, 1, {1, 1, 1, 1});
  add("padded convolution", activated(padded, Activation::relu6),
      {{2, 2, 2, 1}, {4, 4, 1, 2}, {1, 3, 2, 1}, {3, 4, 2, 2}});
  const Layer both = with_bias(make_convolution("CONV", {2, 5, 6}, 2, 3, 4, 2, {2, 0, 1, 3}));
  add("padded strided convolution", both, {{3, 2, 2, 1}, {1, 3, 1, 2}, {2, 2, 2, 2}});
  const Layer depthwise =
      with_bias(make_depthwise_convolution("DWCONV", {4, 5, 5}, 2, 3, 1, {0, 1, 0, 1}));
  add("depthwise convolution", activated(depthwise, Activation::relu6),
      {{2, 5, 2, 1}, {4, 1, 4, 1}, {1, 5, 1, 1}});
  const Layer small = make_depthwise_convolution("DWCONV", {3, 6, 7}, 3, 3, 2, {1, 1, 1, 1});
  add("depthwise convolution, ragged tiles", small, {{2, 3, 2, 1}, {3, 2, 3, 1}, {1, 4, 1, 1}});
  const Layer conv1d = with_bias(make_convolution("CONV", {3, 8, 1}, 3, 3, 1));
  add("1-D convolution", conv1d, {{2, 1, 1, 1}, {3, 1, 3, 3}, {6, 1, 1, 3}, {1, 1, 3, 1}});
  add("1-D convolution, ragged tiles", conv1d, {{4, 1, 2, 2}, {5, 1, 3, 2}});
  const Layer fc = make_fully_connected("FC", {6, 2, 1}, 6);
  add("fully connected", fc, {{1, 1, 2, 2}, {1, 1, 6, 1}, {1, 1, 4, 5}, {1, 1, 1, 6}});
  const Layer pool = make_global_average_pool("POOL", {4, 4, 4});
  add("global average pooling", activated(pool, Activation::relu6),
      {{2, 1, 2, 1}, {1, 1, 4, 1}, {4, 4, 1, 1}});
  add("global average pooling, ragged tiles", pool, {{3, 3, 3, 1}, {1, 3, 4, 1}});
  const Layer largest = make_max_pooling("POOL", {4, 9, 8}, 2, 2, 2);
  add("max pooling", largest, {{2, 2, 2, 1}, {1, 4, 4, 1}, {4, 4, 1, 1}});
  const Layer overlapping = make_max_pooling("POOL", {3, 6, 6}, 3, 2, 1);
  add("max pooling, ragged tiles", overlapping, {{3, 3, 2, 1}, {1, 3, 3, 1}, {3, 5, 2, 1}});
  const Layer apart = make_max_pooling("POOL", {3, 8, 9}, 2, 1, 3);
  add("max pooling, windows apart", apart, {{2, 2, 3, 1}, {3, 3, 2, 1}, {1, 3, 1, 1}});
  const Layer border = make_max_pooling("POOL", {3, 5, 5}, 3, 3, 2, {1, 2, 1, 0});
  add("max pooling, padded", activated(border, Activation::relu6),
      {{1, 3, 3, 1}, {3, 1, 1, 1}, {2, 2, 2, 1}});
  const Layer mean = make_average_pooling("AVGPOOL", {4, 6, 6}, 3, 2, 1, {1, 0, 1, 1});
  add("average pooling", activated(mean, Activation::relu), {{2, 3, 2, 1}, {6, 2, 4, 1}});
  const Layer strides = make_average_pooling("AVGPOOL", {3, 7, 5}, 2, 3, 2, {1, 2, 1, 2});
  add("average pooling, ragged tiles", strides, {{3, 2, 2, 1}, {2, 3, 3, 1}});
  const std::string input(kNetworkInputName);
  const Layer sum = make_add("ADD", {4, 4, 3}, input, input);
  add("addition", activated(sum, Activation::relu6), {{2, 3, 2, 1}, {4, 1, 4, 1}});
  add("addition, ragged tiles", sum, {{3, 2, 3, 1}, {1, 3, 1, 1}});
  Generator generator(1);
  for (int i = 0; i < (exhaustive ? 1000 : 50); ++i) entries.push_back(random_network(generator));
  return entries;
}

std::vector<Entry> random_entries(std::uint64_t count, std::uint64_t seed) {
  std::vector<Entry> entries;
  Generator generator(seed);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i % 4 == 3) {
      entries.push_back(random_network(generator));
    } else {
      Entry entry{"random layer", {random_layer(generator, 5)}, generator()};
      if (i % 2 == 0) entry.ledger_budget = random_ledger(generator, entry.layers);
      entries.push_back(entry);
    }
  }
  return entries;
}

/// The most calls of the HAL that an inference of a random model may make: the campaign's time
/// grows with the square of them.
constexpr std::int64_t kMostWork = 6000;

std::int64_t work(const Entry& entry) {
  std::int64_t macs = 0;
  for (const TestLayer& of : entry.layers) {
    macs += std::max(mac_count(of.layer), of.layer.ofm.values());
  }
  return macs;
}

Placement placement_of(const std::string& name) {
  if (name == "apart") return Placement::apart;
  if (name == "shared") return Placement::shared;
  if (name == "input-dies") return Placement::input_dies;
  throw Error(fmt::format("--placement: found \"{}\", allowed: apart, shared, input-dies", name));
}

struct Options {
  bool exhaustive = false;
  bool expect_wrong = false;
  Placement placement = Placement::shared;
  std::uint64_t random = 0;
  std::uint64_t seed = 1;
};

struct Summary {
  std::uint64_t models = 0;
  std::uint64_t skipped = 0;  ///< wrong already without power failures
  std::uint64_t wrong = 0;
  CampaignCounts counts;
};

int run(const Options& options) {
  std::vector<Entry> entries = options.random > 0 ? random_entries(options.random, options.seed)
                                                  : systematic_entries(options.exhaustive);
  if (options.exhaustive) {
    for (Entry& entry : random_entries(4000, options.seed)) entries.push_back(std::move(entry));
  }
  std::erase_if(entries, [](const Entry& entry) { return work(entry) > kMostWork; });

  const auto begin = std::chrono::steady_clock::now();
  std::map<std::string, Summary> summaries;
  std::string first_wrong;
  std::mutex mutex;
  std::atomic<std::size_t> next = 0;
  const auto work_off = [&] {
    for (std::size_t i = next++; i < entries.size(); i = next++) {
      const Entry& entry = entries[i];
      const TestModel model(entry.layers, entry.seed, 0, options.placement, entry.ledger_budget);
      const CampaignResult result = run_campaign(model, entry.seed, options.exhaustive ? 500 : 100);
      const std::lock_guard lock(mutex);
      Summary& summary = summaries[entry.kind];
      ++summary.models;
      summary.counts += result.counts;
      if (!result.right_without_failures) ++summary.skipped;
      if (result.wrong) ++summary.wrong;
      const bool complaint =
          result.wrong || (!options.expect_wrong && !result.right_without_failures);
      if (complaint && first_wrong.empty()) {
        first_wrong = fmt::format("{} (seed {}): {}", description(model), entry.seed,
                                  result.wrong.value_or("wrong without any power failure"));
      }
    }
  };
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < std::max(1U, std::thread::hardware_concurrency()); ++t) {
    threads.emplace_back(work_off);
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  Summary total;
  fmt::print("{:<30} {:>7} {:>10} {:>10} {:>9} {:>9} {:>9} {:>9} {:>7} {:>6}\n", "models", "number",
             "byte cuts", "call cuts", "pairs", "restarts", "bouncing", "periodic", "stuck",
             "wrong");
  const auto row = [](const std::string& kind, const Summary& s) {
    fmt::print("{:<30} {:>7} {:>10} {:>10} {:>9} {:>9} {:>9} {:>9} {:>7} {:>6}\n", kind, s.models,
               s.counts.bytes, s.counts.calls, s.counts.pairs, s.counts.restarts, s.counts.bouncing,
               s.counts.periodic, s.counts.stuck, s.wrong);
  };
  for (const auto& [kind, summary] : summaries) {
    row(kind, summary);
    total.models += summary.models;
    total.skipped += summary.skipped;
    total.wrong += summary.wrong;
    total.counts += summary.counts;
  }
  row("all", total);
  fmt::print("{} runs with power failures in {:.1f} s: ", total.counts.all(), seconds);
  if (options.expect_wrong) {
    if (total.wrong == 0) {
      fmt::print("the seeded fault was not found\n");
      return 1;
    }
    if (total.skipped == total.models) {
      fmt::print("the seeded fault shows without power failures and restarts\n");
      return 1;
    }
    fmt::print("the seeded fault was found in {} of {} models\n  {}\n", total.wrong,
               total.models - total.skipped, first_wrong);
    return 0;
  }
  if (!first_wrong.empty()) {
    fmt::print("wrong\n  {}\n", first_wrong);
    return 1;
  }
  fmt::print("every output is the undisturbed one\n");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const inas::test::Tool tool{
      .name = "inas-power-failure-campaign",
      .arguments = "[options]",
      .description =
          "Cuts power at every byte and every call of small models, and prints how often.\n"
          "Without options: models of each layer type, loop order, S, mac and dma, with K and\n"
          "with a ledger, and some networks.\n"
          "  --exhaustive      more tiles and networks, every K, and 4,000 random models\n"
          "  --random N        N random layers and networks only; 0: as without\n"
          "  --seed N          of what is random (default: 1)\n"
          "  --placement NAME  how maps share NVM: apart, shared, input-dies (default: shared)\n"
          "  --expect-wrong    the runtime or the placement has a seeded fault; succeed if power\n"
          "                    failures or restarts, and only they, show it\n"
          "Exit code: 0 as expected, 1 not, 2 bad input.",
      .flags = {"--exhaustive", "--expect-wrong"},
      .options = {"--random", "--seed", "--placement"}};
  return inas::test::run_tool(tool, argc, argv, [](const inas::test::ToolArguments& given) {
    Options options;
    options.exhaustive = given.has("--exhaustive");
    options.expect_wrong = given.has("--expect-wrong");
    options.random = static_cast<std::uint64_t>(given.number("--random", 0, 0));
    options.seed = static_cast<std::uint64_t>(given.number("--seed", 0, 1));
    if (given.has("--placement")) options.placement = placement_of(given.options.at("--placement"));
    return run(options);
  });
}
