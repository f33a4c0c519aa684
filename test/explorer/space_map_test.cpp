#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <library/paper_spaces.hpp>
#include <support/architectures.hpp>

#include <inas/core/error.hpp>
#include <inas/core/space_stage.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/space_map.hpp>

namespace {

using inas::Architecture;
using inas::Divisors;
using inas::ExplorerSettings;
using inas::NetworkFamily;
using inas::SearchSpace;
using inas::costmodel::Device;
using inas::costmodel::make_device;
using inas::explorer::Constraint;
using inas::explorer::Explorer;
using inas::explorer::LayerFailures;
using inas::explorer::NetworkCount;
using inas::explorer::NetworkResult;
using inas::explorer::RankedNetwork;
using inas::explorer::SizeClass;
using inas::explorer::SizeMeasure;
using inas::explorer::SpaceCounts;
using inas::explorer::SpaceMap;
using inas::explorer::SpaceMapOptions;

/// Not the full design space: what a map makes of the layers' results is no matter of their
/// designs.
constexpr ExplorerSettings kDesigns = inas::published_space(Divisors::all);

/// A space on a device, with a requirement: what every test below runs over.
struct Case {
  std::string name;
  SearchSpace space;
  Device device;
  std::optional<double> requirement_s;
};

Device device_with(double capacitance_f, std::int64_t vm_bytes = 2048,
                   std::int64_t nvm_bytes = 1'000'000) {
  inas::Platform platform;
  platform.vm_bytes = vm_bytes;
  platform.nvm_bytes = nvm_bytes;
  inas::PowerSupply supply;
  supply.capacitance_f = capacitance_f;
  return make_device(platform, supply);
}

/// Every network of a space as Explorer::explore sees it, one by one.
struct Truth {
  std::vector<Architecture> architectures;
  std::vector<NetworkResult> results;  ///< with the requirement
  std::vector<double> latency_s;       ///< infinite if not executable
  std::vector<double> sorted_s;
  std::int64_t feasible = 0;
};

Truth truth_of(const Case& it) {
  Truth truth;
  Explorer explorer(it.device, kDesigns);
  truth.architectures = inas::test::all_architectures(it.space);
  for (const Architecture& architecture : truth.architectures) {
    truth.results.push_back(explorer.explore(it.space, architecture, it.requirement_s));
    const NetworkResult& result = truth.results.back();
    const bool executable = !result.why || result.why->constraint == Constraint::responsiveness;
    truth.latency_s.push_back(executable ? result.latency_s
                                         : std::numeric_limits<double>::infinity());
    if (executable) truth.sorted_s.push_back(result.latency_s);
    truth.feasible += result.feasible() ? 1 : 0;
  }
  std::sort(truth.sorted_s.begin(), truth.sorted_s.end());
  return truth;
}

double median_latency_s(const SearchSpace& space, const Device& device) {
  const Truth truth = truth_of({"", space, device, std::nullopt});
  return truth.sorted_s.empty() ? 1.0 : truth.sorted_s[truth.sorted_s.size() / 2];
}

/// Of the networks whose need is known.
std::vector<std::int64_t> nvm_bytes_of(const Truth& truth) {
  std::vector<std::int64_t> bytes;
  for (const NetworkResult& result : truth.results) {
    if (result.nvm_bytes > 0) bytes.push_back(result.nvm_bytes);
  }
  return bytes;
}

std::int64_t median_nvm_bytes(const SearchSpace& space, const Device& device) {
  std::vector<std::int64_t> bytes = nvm_bytes_of(truth_of({"", space, device, std::nullopt}));
  std::sort(bytes.begin(), bytes.end());
  return bytes[bytes.size() / 2];
}

/// Spaces with everything that can go wrong: misfits, tight VM, tight budgets, tight NVM.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    const SearchSpace misfits{
        NetworkFamily::convolution_2d, {2, 11, 11}, 4, 3, {1, 3, 5, 8}, {3, 8}};
    const SearchSpace signal{
        NetworkFamily::convolution_1d, {9, 40, 1}, 6, 3, {1, 5, 16}, {4, 7, 24}};
    const SearchSpace connected{
        NetworkFamily::fully_connected, {1, 250, 1}, 12, 4, {}, {12, 48, 97}};
    const SearchSpace single{NetworkFamily::convolution_2d, {1, 6, 6}, 2, 1, {6}, {2}};
    const SearchSpace none_fits{NetworkFamily::convolution_2d, {1, 6, 6}, 2, 2, {7}, {2}};
    std::vector<Case> made;
    const auto add = [&](const std::string& name, const SearchSpace& space, const Device& device) {
      made.push_back({name, space, device, std::nullopt});
      made.push_back({name + ", C2", space, device, median_latency_s(space, device)});
    };
    add("misfits", misfits, device_with(0.005));
    add("tight budget", misfits, device_with(0.0004));
    add("tighter budget", misfits, device_with(0.00029));
    add("tight VM", misfits, device_with(0.005, 90));
    add("tight VM and budget", signal, device_with(0.0004, 96));
    const auto add_tight_nvm = [&](const std::string& name, const SearchSpace& space,
                                   Device device) {
      device.platform.nvm_bytes = median_nvm_bytes(space, device);
      add(name, space, device);
    };
    add_tight_nvm("tight NVM", misfits, device_with(0.005));
    add_tight_nvm("tight NVM and budget", misfits, device_with(0.0003));
    inas::Platform published;
    published.profile = "msp430fr5994-published";
    add_tight_nvm("published, tight NVM", misfits, make_device(published, {}));
    inas::PowerSupply small;
    small.capacitance_f = 0.0003;
    add_tight_nvm("published, tight NVM and budget", misfits, make_device(published, small));
    add("signal", signal, device_with(0.001));
    add("connected", connected, device_with(0.005));
    add("connected, tight VM", connected, device_with(0.005, 1000));
    add_tight_nvm("connected, tight NVM", connected, device_with(0.005));
    add("a single network", single, device_with(0.005));
    add("no kernel fits", none_fits, device_with(0.005));
    const SearchSpace pooled{
        NetworkFamily::convolution_2d, {2, 11, 11}, 4, 3, {1, 5}, {3, 8}, {1, 2}};
    add("pools", pooled, device_with(0.005));
    add("pools, tight budget", pooled, device_with(0.0003));
    add("pools, tight VM", pooled, device_with(0.005, 90));
    add_tight_nvm("pools, tight NVM", pooled, device_with(0.005));
    SearchSpace strided{NetworkFamily::convolution_2d, {2, 11, 11}, 4, 2, {1, 5}, {3, 8}};
    strided.strides = {1, 2};
    strided.paddings = {0, 1};
    add("strides and paddings", strided, device_with(0.005));
    add("strides and paddings, tight budget", strided, device_with(0.0003));
    add("strides and paddings, tight VM", strided, device_with(0.005, 90));
    add_tight_nvm("strides and paddings, tight NVM", strided, device_with(0.005));
    SearchSpace oblong{NetworkFamily::convolution_2d, {2, 6, 13}, 4, 2, {1, 3, 7}, {3, 8}, {1, 2}};
    oblong.paddings = {0, 1};
    add("oblong maps", oblong, device_with(0.005));
    add("oblong maps, tight budget", oblong, device_with(0.0003));
    add_tight_nvm("oblong maps, tight NVM", oblong, device_with(0.005));
    const SearchSpace blocks = library::small_blocks();
    add("blocks", blocks, device_with(0.005));
    add("blocks, tight budget", blocks, device_with(0.0003));
    add("blocks, tight VM", blocks, device_with(0.005, 90));
    add_tight_nvm("blocks, tight NVM", blocks, device_with(0.005));
    inas::PowerSupply continuous;
    continuous.kind = inas::PowerKind::continuous;
    add("continuous power", signal, make_device({}, continuous));
    return made;
  }();
  return all;
}

SpaceMap map_of(const Case& it, bool listed, std::int64_t threads = 1) {
  SpaceMapOptions options;
  options.latency_requirement_s = it.requirement_s;
  options.list_limit = listed ? 1 << 22 : 0;
  options.threads = threads;
  options.bins = 512;
  return SpaceMap(it.space, it.device, kDesigns, options);
}

/// Counts of the networks by the constraint that Explorer::explore names; `layers` gives the names
/// of all layers that the space knows, of which a network may lack some.
SpaceCounts counted(const Truth& truth, const std::vector<LayerFailures>& layers) {
  SpaceCounts counts;
  counts.by_layer = layers;
  std::map<std::string, LayerFailures*> by_name;
  for (LayerFailures& layer : counts.by_layer) {
    layer.spatial = layer.atomicity = 0;
    by_name[layer.layer] = &layer;
  }
  for (const NetworkResult& result : truth.results) {
    counts.networks += 1;
    if (!result.why) {
      counts.feasible += 1;
      continue;
    }
    switch (result.why->constraint) {
      case Constraint::geometry:
        counts.geometry += 1;
        break;
      case Constraint::nvm_capacity:
        counts.nvm_capacity += 1;
        break;
      case Constraint::spatial:
        counts.spatial += 1;
        by_name.at(result.why->layer)->spatial += 1;
        break;
      case Constraint::atomicity:
        counts.atomicity += 1;
        by_name.at(result.why->layer)->atomicity += 1;
        break;
      case Constraint::responsiveness:
        counts.responsiveness += 1;
        break;
    }
  }
  counts.feasible_least = counts.feasible_most = counts.feasible;
  return counts;
}

/// The same case on a device with enough NVM: what a counted map that leaves NVM out tells.
Case with_enough_nvm(Case it) {
  it.device.platform.nvm_bytes = 2'147'483'647;
  return it;
}

TEST(SpaceMap, ACasePerConstraintIsCovered) {
  std::set<Constraint> seen;
  for (const Case& it : cases()) {
    for (const NetworkResult& result : truth_of(it).results) {
      if (result.why) seen.insert(result.why->constraint);
    }
  }
  EXPECT_EQ(seen.size(), 5u);
}

TEST(SpaceMap, AListedSpaceGivesEveryLatencyBitForBit) {
  for (const Case& it : cases()) {
    SCOPED_TRACE(it.name);
    const Truth truth = truth_of(it);
    const SpaceMap map = map_of(it, true);
    ASSERT_TRUE(map.exact());
    ASSERT_EQ(map.latencies_s().size(), truth.architectures.size());
    for (std::size_t index = 0; index < truth.architectures.size(); ++index) {
      EXPECT_EQ(map.latencies_s()[index], truth.latency_s[index])
          << inas::to_string(truth.architectures[index]);
      EXPECT_EQ(map.architecture(static_cast<std::int64_t>(index)), truth.architectures[index]);
    }
  }
}

TEST(SpaceMap, AListedSpaceCountsByTheConstraintThatTheExplorerNames) {
  for (const Case& it : cases()) {
    SCOPED_TRACE(it.name);
    const SpaceMap map = map_of(it, true);
    const SpaceCounts expected = counted(truth_of(it), map.counts().by_layer);
    const SpaceCounts& found = map.counts();
    EXPECT_EQ(found.networks.text(), expected.networks.text());
    EXPECT_EQ(found.geometry.text(), expected.geometry.text());
    EXPECT_EQ(found.nvm_capacity.text(), expected.nvm_capacity.text());
    EXPECT_EQ(found.spatial.text(), expected.spatial.text());
    EXPECT_EQ(found.atomicity.text(), expected.atomicity.text());
    EXPECT_EQ(found.responsiveness.text(), expected.responsiveness.text());
    EXPECT_EQ(found.feasible.text(), expected.feasible.text());
    EXPECT_TRUE(found == expected);
    EXPECT_FALSE(map.nvm_left_out());
  }
}

TEST(SpaceMap, ACountedSpaceHasExactCountsButForC2WhichIsBounded) {
  for (const Case& it : cases()) {
    SCOPED_TRACE(it.name);
    const SpaceMap map = map_of(it, false);
    ASSERT_FALSE(map.exact());
    EXPECT_TRUE(map.latencies_s().empty());
    const Case without_nvm = with_enough_nvm(it);
    const SpaceCounts expected = counted(truth_of(without_nvm), map.counts().by_layer);
    SpaceCounts found = map.counts();
    EXPECT_LE(found.feasible_least, expected.feasible);
    EXPECT_GE(found.feasible_most, expected.feasible);
    EXPECT_EQ(found.executable(), expected.executable());
    found.feasible = found.feasible_least = found.feasible_most = expected.feasible;
    found.responsiveness = expected.responsiveness;
    EXPECT_TRUE(found == expected);
    bool exceeds = false;
    for (const std::int64_t bytes : nvm_bytes_of(truth_of(without_nvm))) {
      exceeds = exceeds || bytes > it.device.platform.nvm_bytes;
    }
    EXPECT_EQ(map.nvm_left_out(), exceeds);
  }
}

TEST(SpaceMap, TheMostNvmIsThatOfTheNeediestNetwork) {
  for (const Case& it : cases()) {
    SCOPED_TRACE(it.name);
    std::int64_t most = 0;
    for (const std::int64_t bytes : nvm_bytes_of(truth_of(with_enough_nvm(it)))) {
      most = std::max(most, bytes);
    }
    EXPECT_EQ(map_of(it, true).max_nvm_bytes(), most);
    EXPECT_EQ(map_of(it, false).max_nvm_bytes(), most);
  }
}

double percentile(const std::vector<double>& sorted, double percent) {
  const double rank = percent / 100 * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  if (below + 1 == sorted.size()) return sorted.back();
  return sorted[below] + (rank - std::floor(rank)) * (sorted[below + 1] - sorted[below]);
}

TEST(SpaceMap, PercentilesAreExactIfListedAndWithinTheStatedErrorIfCounted) {
  for (const Case& it : cases()) {
    SCOPED_TRACE(it.name);
    const Truth truth = truth_of(it);
    const Truth without_nvm = truth_of(with_enough_nvm(it));
    const SpaceMap listed = map_of(it, true);
    const SpaceMap rounded = map_of(it, false);
    for (const double percent : {0.0, 1.0, 25.0, 50.0, 61.7, 99.0, 100.0}) {
      SCOPED_TRACE(percent);
      ASSERT_EQ(listed.latency_percentile(percent).has_value(), !truth.sorted_s.empty());
      ASSERT_EQ(rounded.latency_percentile(percent).has_value(), !without_nvm.sorted_s.empty());
      if (!truth.sorted_s.empty()) {
        EXPECT_DOUBLE_EQ(*listed.latency_percentile(percent), percentile(truth.sorted_s, percent));
      }
      if (without_nvm.sorted_s.empty()) continue;
      const double exact = percentile(without_nvm.sorted_s, percent);
      EXPECT_NEAR(*rounded.latency_percentile(percent), exact, rounded.latency_error_s());
      if (percent == 0 || percent == 100) {
        EXPECT_EQ(*rounded.latency_percentile(percent), exact);
      }
    }
  }
}

/// What the latency of a network is the sum of: the stages with a choice, and the tail.
double terms_of(const SearchSpace& space) {
  const std::vector<inas::Stage> all = stages(space);
  return 1 +
         static_cast<double>(std::count_if(all.begin(), all.end(), [](const inas::Stage& stage) {
           return !stage.decisions.empty();
         }));
}

TEST(SpaceMap, TheRoundedDistributionStaysBetweenTheExactOneMovedByTheError) {
  for (const Case& it : cases()) {
    SCOPED_TRACE(it.name);
    const Truth truth = truth_of(with_enough_nvm(it));
    const SpaceMap map = map_of(it, false);
    const auto within = [&](double latency_s) {
      return static_cast<double>(
          std::upper_bound(truth.sorted_s.begin(), truth.sorted_s.end(), latency_s) -
          truth.sorted_s.begin());
    };
    const double error_s = map.latency_error_s();
    for (const double latency_s : truth.sorted_s) {
      EXPECT_LE(within(latency_s - error_s), map.networks_within(latency_s));
      EXPECT_GE(within(latency_s + error_s), map.networks_within(latency_s));
    }
    if (truth.sorted_s.size() > 1) {
      // The stated error is small: each term is off by half a step of 1/512 of the range.
      const double range_s = truth.sorted_s.back() - truth.sorted_s.front();
      EXPECT_LE(error_s,
                terms_of(it.space) * range_s / 1024 * 1.001 + truth.sorted_s.back() * 1e-8);
    }
  }
}

TEST(SpaceMap, MoreBinsMakeTheErrorSmaller) {
  const Case& it = cases().front();
  SpaceMapOptions options;
  options.list_limit = 0;
  options.bins = 128;
  const SpaceMap coarse(it.space, it.device, kDesigns, options);
  options.bins = 4096;
  const SpaceMap fine(it.space, it.device, kDesigns, options);
  EXPECT_NEAR(coarse.latency_error_s() / fine.latency_error_s(), 32, 1e-6);
  EXPECT_EQ(fine.bins(), 4096);
}

TEST(SpaceMap, ABinCountsTheNetworksInsideIt) {
  for (const Case& it : cases()) {
    SCOPED_TRACE(it.name);
    const Truth truth = truth_of(it);
    const SpaceMap map = map_of(it, true);
    const auto bins = map.histogram(7);
    if (truth.sorted_s.empty()) {
      EXPECT_TRUE(bins.empty());
      continue;
    }
    EXPECT_EQ(bins.front().from_s, truth.sorted_s.front());
    EXPECT_EQ(bins.back().to_s, truth.sorted_s.back());
    for (const auto& bin : bins) {
      const bool last = &bin == &bins.back();
      const auto inside =
          std::count_if(truth.sorted_s.begin(), truth.sorted_s.end(), [&](double latency_s) {
            return latency_s >= bin.from_s && (last || latency_s < bin.to_s);
          });
      EXPECT_EQ(bin.networks, static_cast<double>(inside));
    }
    double sum = 0;
    for (const auto& bin : map_of(it, false).histogram(7)) sum += bin.networks;
    EXPECT_EQ(sum, static_cast<double>(truth_of(with_enough_nvm(it)).sorted_s.size()));
  }
}

/// Every beginning of every architecture, and the least latency of the architectures it begins.
std::map<Architecture, double> least_after(const Truth& truth) {
  std::map<Architecture, double> least;
  for (std::size_t index = 0; index < truth.architectures.size(); ++index) {
    const Architecture& whole = truth.architectures[index];
    for (std::size_t length = 0; length <= whole.size(); ++length) {
      const Architecture prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const auto at = least.emplace(prefix, std::numeric_limits<double>::infinity()).first;
      at->second = std::min(at->second, truth.latency_s[index]);
    }
  }
  return least;
}

TEST(SpaceMap, TheConditionalMinimumIsThatOfAllCompletions) {
  for (const Case& it : cases()) {
    const Truth truth = truth_of(it);
    std::set<Architecture> beyond_nvm;
    for (std::size_t index = 0; index < truth.architectures.size(); ++index) {
      const auto& why = truth.results[index].why;
      if (why && why->constraint == Constraint::nvm_capacity) {
        beyond_nvm.insert(truth.architectures[index]);
      }
    }
    for (const bool listed : {true, false}) {
      SCOPED_TRACE(it.name + (listed ? ", listed" : ", counted"));
      const SpaceMap map = map_of(it, listed);
      for (const auto& [prefix, least_s] :
           least_after(listed ? truth : truth_of(with_enough_nvm(it)))) {
        SCOPED_TRACE(inas::to_string(prefix));
        const std::optional<double> found = map.min_latency_s(prefix);
        ASSERT_EQ(found.has_value(), std::isfinite(least_s));
        if (found) {
          EXPECT_EQ(*found, least_s);
        }
        // NVM capacity, where left out, is checked of whole architectures.
        EXPECT_EQ(map.can_be_feasible(prefix),
                  std::isfinite(least_s) && (!it.requirement_s || least_s <= *it.requirement_s) &&
                      beyond_nvm.count(prefix) == 0);
      }
    }
  }
}

TEST(SpaceMap, ARequirementEqualToALatencyIsMetByIt) {
  const Case& base = cases().front();
  const Truth truth = truth_of(base);
  for (const std::size_t index : {std::size_t{0}, truth.sorted_s.size() / 3}) {
    for (const bool listed : {true, false}) {
      Case it = base;
      it.requirement_s = truth.sorted_s[index];
      const SpaceMap map = map_of(it, listed);
      for (std::size_t at = 0; at < truth.architectures.size(); ++at) {
        EXPECT_EQ(map.can_be_feasible(truth.architectures[at]),
                  truth.latency_s[at] <= *it.requirement_s);
      }
    }
  }
}

TEST(SpaceMap, ForeignPrefixesAreRefused) {
  const SpaceMap map = map_of(cases().front(), true);
  EXPECT_THROW((void)map.min_latency_s(Architecture{2}), inas::InvalidArgument);
  EXPECT_THROW((void)map.min_latency_s(Architecture{3, 4}), inas::InvalidArgument);
  EXPECT_THROW((void)map.can_be_feasible(Architecture{1, 3, 1, 3, 1, 3, 1}), inas::InvalidArgument);
}

TEST(SpaceMap, SamplesAreUniformOverTheFeasibleNetworks) {
  for (const Case& it : cases()) {
    const Truth truth = truth_of(it);
    for (const bool listed : {true, false}) {
      SCOPED_TRACE(it.name + (listed ? ", listed" : ", counted"));
      const SpaceMap map = map_of(it, listed);
      std::mt19937_64 random(20);
      if (truth.feasible == 0) {
        // A counted space that leaves NVM out may find out by trying only.
        if (!map.nvm_left_out()) {
          EXPECT_FALSE(map.sample_feasible(random).has_value());
        }
        continue;
      }
      std::map<Architecture, double> seen;
      const auto feasible = static_cast<double>(truth.feasible);
      const std::int64_t draws = 20 * truth.feasible;
      for (std::int64_t draw = 0; draw < draws; ++draw) ++seen[map.sample_feasible(random).value()];
      double chi_squared = 0;
      for (std::size_t index = 0; index < truth.architectures.size(); ++index) {
        const double count = seen[truth.architectures[index]];
        if (truth.results[index].feasible()) {
          chi_squared += (count - 20) * (count - 20) / 20;
        } else {
          EXPECT_EQ(count, 0) << inas::to_string(truth.architectures[index]);
        }
      }
      // n − 1 degrees of freedom: mean n − 1, variance 2·(n − 1); 4.5 standard deviations.
      EXPECT_LE(chi_squared, feasible - 1 + 4.5 * std::sqrt(2 * (feasible - 1)) + 1e-9);
    }
  }
}

std::vector<RankedNetwork> ranked(const Case& it, const Truth& truth) {
  std::vector<RankedNetwork> all;
  for (std::size_t index = 0; index < truth.architectures.size(); ++index) {
    if (!std::isfinite(truth.latency_s[index])) continue;
    const inas::Network network = build_network(it.space, truth.architectures[index]);
    all.push_back({truth.architectures[index], truth.latency_s[index], weight_count(network),
                   mac_count(network)});
  }
  std::stable_sort(all.begin(), all.end(), [](const RankedNetwork& a, const RankedNetwork& b) {
    return a.latency_s < b.latency_s;
  });
  return all;
}

TEST(SpaceMap, TheFastestOfEachSizeClassAreThoseOfTheWholeList) {
  for (const Case& it : cases()) {
    SCOPED_TRACE(it.name);
    const std::vector<RankedNetwork> all = ranked(it, truth_of(it));
    const SpaceMap map = map_of(it, true);
    for (const SizeMeasure measure : {SizeMeasure::weights, SizeMeasure::macs}) {
      std::size_t networks = 0;
      std::int64_t border = 0;
      for (const SizeClass& found : map.fastest(3, measure)) {
        EXPECT_GE(found.at_least, border);
        EXPECT_EQ(found.below, 2 * found.at_least);
        border = found.below;
        std::vector<RankedNetwork> expected;
        for (const RankedNetwork& network : all) {
          const std::int64_t size =
              measure == SizeMeasure::weights ? network.weights : network.macs;
          if (size >= found.at_least && size < found.below) expected.push_back(network);
        }
        EXPECT_EQ(found.networks.text(), std::to_string(expected.size()));
        networks += expected.size();
        expected.resize(std::min<std::size_t>(3, expected.size()));
        EXPECT_TRUE(found.fastest == expected) << found.at_least;
      }
      EXPECT_EQ(networks, all.size());
    }
  }
}

TEST(SpaceMap, TheFastestOfACountedSpaceAreThoseOfTheWholeList) {
  for (const Case& it : cases()) {
    SCOPED_TRACE(it.name);
    std::vector<RankedNetwork> expected = ranked(it, truth_of(it));
    const SpaceMap map = map_of(it, false);
    const std::vector<SizeClass> found = map.fastest(40, SizeMeasure::weights);
    if (expected.empty()) {
      EXPECT_TRUE(found.empty() || found[0].fastest.empty());
      continue;
    }
    ASSERT_EQ(found.size(), 1u);
    expected.resize(std::min<std::size_t>(40, expected.size()));
    EXPECT_TRUE(found[0].fastest == expected);
  }
}

TEST(SpaceMap, TheNumberOfThreadsChangesNothing) {
  // With misfits, tight NVM (the published rule, too), and pools.
  for (const Case& it : {cases()[1], cases()[11], cases()[15], cases()[31]}) {
    for (const bool listed : {true, false}) {
      SCOPED_TRACE(it.name + (listed ? ", listed" : ", counted"));
      const SpaceMap one = map_of(it, listed, 1);
      for (const std::int64_t threads : {0, 2, 5}) {
        const SpaceMap other = map_of(it, listed, threads);
        EXPECT_TRUE(one.layers() == other.layers());
        EXPECT_TRUE(one.counts() == other.counts());
        EXPECT_TRUE(std::equal(one.latencies_s().begin(), one.latencies_s().end(),
                               other.latencies_s().begin(), other.latencies_s().end()));
        for (const double percent : {3.0, 50.0, 97.0}) {
          EXPECT_EQ(one.latency_percentile(percent), other.latency_percentile(percent));
        }
        std::mt19937_64 random_a(5);
        std::mt19937_64 random_b(5);
        for (int draw = 0; draw < 50; ++draw) {
          EXPECT_EQ(one.sample_feasible(random_a), other.sample_feasible(random_b));
        }
      }
    }
  }
}

Case paper_case(const std::string& name, double capacitance_f, double resistance_ohm) {
  const inas::Platform platform = inas::published_platform("msp430fr5994-published");
  inas::PowerSupply supply;
  supply.capacitance_f = capacitance_f;
  supply.ehm_resistance_ohm = resistance_ohm;
  return {name, library::paper_space(name), make_device(platform, supply), std::nullopt};
}

// Exact percentiles of the whole spaces, computed with the published model: reference/paper.md.
TEST(SpaceMap, ThePapersSpacesHaveTheirPublishedPercentiles) {
  const Case har = paper_case("har", 0.001, 62);
  const SpaceMap har_map(har.space, har.device, inas::published_space());
  EXPECT_EQ(har_map.layers().layers.size(), 508u);
  EXPECT_EQ(har_map.counts().networks.text(), "4096");
  EXPECT_NEAR(*har_map.latency_percentile(25), 29.25, 0.005);
  EXPECT_NEAR(*har_map.latency_percentile(50), 54.23, 0.005);
  EXPECT_NEAR(*har_map.latency_percentile(75), 138.57, 0.005);

  const Case cifar = paper_case("cifar", 0.005, 24);
  const SpaceMap map(cifar.space, cifar.device, inas::published_space());
  EXPECT_EQ(map.layers().layers.size(), 916u);
  EXPECT_EQ(map.counts().feasible.text(), "1048576");
  EXPECT_NEAR(*map.latency_percentile(25), 192.6, 0.05);
  EXPECT_NEAR(*map.latency_percentile(50), 297.7, 0.05);
  EXPECT_NEAR(*map.latency_percentile(75), 475.6, 0.05);
  Explorer explorer(cifar.device, inas::published_space());
  std::mt19937_64 random(9);
  for (int draw = 0; draw < 200; ++draw) {
    const auto index = static_cast<std::int64_t>(random() % 1048576);
    const Architecture architecture = map.architecture(index);
    EXPECT_EQ(explorer.explore(cifar.space, architecture).latency_s,
              map.latencies_s()[static_cast<std::size_t>(index)])
        << inas::to_string(architecture);
  }
}

TEST(SpaceMap, TheDefaultSpaceHasItsNumberOfExecutableNetworks) {
  SearchSpace space = library::paper_space("cifar");
  space.input = {1, 28, 28};
  SpaceMapOptions options;
  options.latency_requirement_s = 80.9;
  Device device = device_with(0.005);
  device.profile = inas::costmodel::load_profile("msp430fr5994-paper");
  const SpaceMap map(space, device, kDesigns, options);
  EXPECT_EQ(map.counts().executable().text(), "1042432");
  EXPECT_EQ(map.counts().geometry.text(), "6144");
  EXPECT_NEAR(*map.latency_percentile(25), 80.912, 0.001);
}

// 16¹⁰ networks.
TEST(SpaceMap, ASpaceTooLargeToListIsCountedAndItsSamplesAreFeasible) {
  SearchSpace space = library::paper_space("cifar");
  space.layers = 10;
  const Device device = device_with(0.005);
  SpaceMapOptions options;
  options.latency_requirement_s = 150;
  const SpaceMap map(space, device, kDesigns, options);
  EXPECT_FALSE(map.exact());
  EXPECT_EQ(map.counts().networks.text(), "1099511627776");
  NetworkCount sum = map.counts().geometry + map.counts().spatial;
  sum += map.counts().atomicity + map.counts().responsiveness + map.counts().feasible;
  EXPECT_EQ(sum, map.counts().networks);
  const double share =
      map.counts().feasible.approximate() / map.counts().executable().approximate();

  // An independent estimate: random networks that fit, explored one by one.
  Explorer explorer(device, kDesigns);
  std::mt19937_64 random(31);
  const std::vector<inas::Decision> all = decisions(space);
  int executable = 0;
  int feasible = 0;
  while (executable < 4000) {
    Architecture architecture;
    for (const inas::Decision& decision : all) {
      architecture.push_back(decision.values[random() % decision.values.size()]);
    }
    const NetworkResult result = explorer.explore(space, architecture, 150);
    if (result.why && result.why->constraint != Constraint::responsiveness) continue;
    ++executable;
    feasible += result.feasible() ? 1 : 0;
  }
  const double estimate = feasible / 4000.0;
  EXPECT_NEAR(share, estimate, 4 * std::sqrt(estimate * (1 - estimate) / 4000));

  for (int draw = 0; draw < 200; ++draw) {
    const Architecture architecture = map.sample_feasible(random).value();
    EXPECT_TRUE(explorer.explore(space, architecture, 150).feasible());
  }
  const Architecture fastest =
      map.fastest(1, SizeMeasure::weights).at(0).fastest.at(0).architecture;
  EXPECT_EQ(explorer.explore(space, fastest).latency_s, *map.latency_percentile(0));
  EXPECT_EQ(map.min_latency_s(Architecture{}), map.latency_percentile(0));
}

TEST(SpaceMap, MemoryForHistogramsBoundsTheBins) {
  SearchSpace space = library::paper_space("cifar");
  space.layers = 10;
  SpaceMapOptions options;
  options.bins = 1 << 20;
  options.memory_bytes = 1 << 22;
  const SpaceMap map(space, device_with(0.005), kDesigns, options);
  EXPECT_LT(map.bins(), 4096);
  EXPECT_GE(map.bins(), 64);
  EXPECT_GT(map.latency_error_s(), 0);
}

TEST(SpaceMap, ASpaceWithoutAnExecutableNetworkIsAValueNotAnError) {
  for (const bool listed : {true, false}) {
    const Case it{"", cases().front().space, device_with(1e-5), std::nullopt};
    const SpaceMap map = map_of(it, listed);
    std::mt19937_64 random(1);
    EXPECT_EQ(map.counts().executable().text(), "0");
    EXPECT_GT(map.counts().atomicity, NetworkCount(0));
    EXPECT_FALSE(map.latency_percentile(50).has_value());
    EXPECT_TRUE(map.histogram(5).empty());
    EXPECT_FALSE(map.min_latency_s(Architecture{}).has_value());
    EXPECT_FALSE(map.sample_feasible(random).has_value());
    EXPECT_TRUE(map.fastest(2, SizeMeasure::macs).empty());
  }
}

TEST(SpaceMap, BadArgumentsAreRefused) {
  const Case& it = cases().front();
  const auto with = [&](auto&& change) {
    SpaceMapOptions options;
    change(options);
    return SpaceMap(it.space, it.device, kDesigns, options);
  };
  EXPECT_THROW((void)with([](SpaceMapOptions& o) { o.threads = -1; }), inas::InvalidArgument);
  EXPECT_THROW((void)with([](SpaceMapOptions& o) { o.bins = 0; }), inas::InvalidArgument);
  EXPECT_THROW((void)with([](SpaceMapOptions& o) { o.list_limit = -1; }), inas::InvalidArgument);
  EXPECT_THROW((void)with([](SpaceMapOptions& o) { o.latency_requirement_s = -1; }),
               inas::InvalidArgument);
  EXPECT_THROW((void)with([](SpaceMapOptions& o) {
                 o.latency_requirement_s = std::numeric_limits<double>::quiet_NaN();
               }),
               inas::InvalidArgument);
  const SpaceMap map = map_of(it, true);
  EXPECT_THROW((void)map.latency_percentile(100.5), inas::InvalidArgument);
  EXPECT_THROW((void)map.histogram(0), inas::InvalidArgument);
  EXPECT_THROW((void)map.fastest(0, SizeMeasure::macs), inas::InvalidArgument);
  EXPECT_THROW((void)map.architecture(-1), inas::InvalidArgument);
  // A layer with more values than the model's.
  SearchSpace large{NetworkFamily::convolution_1d, {60'000, 60'000, 1}, 2, 1, {1}, {4}};
  EXPECT_THROW(SpaceMap(large, it.device, kDesigns), inas::InvalidArgument);
}

TEST(LayerTable, HasEachGeometryOfEveryNetworkOnceWithItsBestDesign) {
  for (const Case& it : cases()) {
    SCOPED_TRACE(it.name);
    // Whether ReLU follows does not matter to a design.
    const auto geometry = [](inas::Layer layer) {
      layer.name.clear();
      layer.inputs.clear();
      layer.activation = inas::Activation::none;
      return layer;
    };
    std::vector<inas::Layer> expected;
    for (const Architecture& architecture : inas::test::all_architectures(it.space)) {
      inas::Network network;
      if (!first_misfit(it.space, architecture)) network = build_network(it.space, architecture);
      for (const inas::Layer& layer : network.layers) {
        if (std::find(expected.begin(), expected.end(), geometry(layer)) == expected.end()) {
          expected.push_back(geometry(layer));
        }
      }
    }
    const auto table = inas::explorer::explore_layers(inas::explorer::distinct_layers(it.space),
                                                      it.device, kDesigns, 2);
    std::vector<inas::Layer> found;
    for (std::size_t index = 0; index < table.layers.size(); ++index) {
      found.push_back(geometry(table.layers[index]));
      EXPECT_EQ(std::count(found.begin(), found.end(), found.back()), 1);
      EXPECT_EQ(table.results[index],
                inas::explorer::best_design(it.device, table.layers[index], kDesigns));
    }
    for (const inas::Layer& layer : expected) {
      EXPECT_NE(std::find(found.begin(), found.end(), layer), found.end());
    }
  }
}

TEST(LayerTable, HasThePoolingOfSpacesThatOfferIt) {
  const SearchSpace space{
      NetworkFamily::convolution_2d, {2, 12, 12}, 4, 3, {1, 3, 8}, {3, 8}, {1, 2, 3}};
  // Square maps and kernels whose stride the type tells.
  const auto geometry = [](const inas::Layer& layer) {
    return std::tuple(layer.type, layer.ifm.channels, layer.ifm.height, layer.ofm.channels,
                      layer.kernel_height);
  };
  std::set<decltype(geometry({}))> expected;
  for (const Architecture& architecture : inas::test::all_architectures(space)) {
    if (first_misfit(space, architecture)) continue;
    for (const inas::Layer& layer : build_network(space, architecture).layers) {
      expected.insert(geometry(layer));
    }
  }
  const auto layers = inas::explorer::distinct_layers(space);
  std::set<decltype(geometry({}))> found;
  for (const inas::Layer& layer : layers) found.insert(geometry(layer));
  EXPECT_EQ(found.size(), layers.size());
  EXPECT_TRUE(std::includes(found.begin(), found.end(), expected.begin(), expected.end()));
}

TEST(LayerTable, TheCifarSpaceHas848Convolutions) {
  const auto layers = inas::explorer::distinct_layers(library::paper_space("cifar"));
  EXPECT_EQ(std::count_if(layers.begin(), layers.end(),
                          [](const inas::Layer& layer) {
                            return layer.type == inas::LayerType::convolution;
                          }),
            848);
}

TEST(NetworkCount, SaysAtLeastInsteadOfOverflowing) {
  NetworkCount count = 1;
  for (int doubling = 0; doubling < 127; ++doubling) count += count;
  EXPECT_TRUE(count.exact());
  EXPECT_EQ(count.text(), "170141183460469231731687303715884105728");
  count *= 3;
  EXPECT_FALSE(count.exact());
  EXPECT_EQ(count.text(), "at least 340282366920938463463374607431768211455");
  EXPECT_FALSE((count - 5).exact());
  EXPECT_FALSE((count + 1).exact());
  EXPECT_EQ(NetworkCount::nearest(0x1p130).text(), count.text());
  EXPECT_EQ(NetworkCount::nearest(12.4).text(), "12");
  EXPECT_EQ((NetworkCount(3) - 5).text(), "0");
  EXPECT_LT(NetworkCount(3), NetworkCount(5));
}

TEST(NetworkCount, ASpaceOfMoreThan128BitsIsCounted) {
  SearchSpace space = library::paper_space("cifar");
  space.layers = 64;
  space.kernels = {1};
  space.filters = {1, 2, 3, 4, 5};
  const SpaceMap map(space, device_with(0.005), kDesigns);
  EXPECT_FALSE(map.counts().networks.exact());
  std::mt19937_64 random(3);
  EXPECT_EQ(map.sample_feasible(random).value().size(), 128u);
}

}  // namespace
