#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <queue>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/explorer/space_map.hpp>

#include "priced_graph.hpp"
#include "rounded_counts.hpp"
#include "space_listing.hpp"

namespace inas::explorer {
namespace {

constexpr std::int64_t kLeastBins = 64;
/// Listed networks whose feasible ones are counted together, to find the n-th one.
constexpr std::size_t kBlock = 1024;

void require_range(const char* name, std::int64_t found, std::int64_t low, std::int64_t high) {
  if (found < low || found > high) {
    throw InvalidArgument(fmt::format("{}: found {}, allowed: {} to {}", name, found, low, high));
  }
}

void require_valid(const SpaceMapOptions& options) {
  require_range("list_limit", options.list_limit, 0, std::int64_t{1} << 31);
  require_range("bins", options.bins, kLeastBins, std::int64_t{1} << 24);
  require_range("memory_bytes", options.memory_bytes, 1 << 20, std::int64_t{1} << 40);
  require_range("threads", options.threads, 0, 4096);
  if (options.latency_requirement_s && !(*options.latency_requirement_s > 0)) {
    throw InvalidArgument(fmt::format("latency_requirement_s: found {}, allowed: a positive number",
                                      *options.latency_requirement_s));
  }
}

/// A whole number from 0 to bound − 1, each equally likely, and the same with every standard
/// library.
std::uint64_t draw_below(std::mt19937_64& random, std::uint64_t bound) {
  const std::uint64_t rest = (0 - bound) % bound;
  std::uint64_t value = random();
  while (value < rest) value = random();
  return value % bound;
}

double draw_unit(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

std::vector<std::string> layer_names(const SearchSpace& space) {
  const bool connected = space.family == NetworkFamily::fully_connected;
  std::vector<std::string> names;
  for (std::int64_t layer = 0; layer < space.layers; ++layer) {
    names.push_back(fmt::format("{}_{}", connected ? "FC" : "CONV", layer));
  }
  if (!connected) names.emplace_back("GAVGPOOL_0");
  names.emplace_back("FC_END");
  return names;
}

/// A node of a path under construction, for the search of the fastest networks.
struct Candidate {
  double bound_s = 0;  ///< no completion is faster; a whole network's own latency
  std::vector<std::uint32_t> choices;
  std::size_t node = 0;
  double latency_s = 0;  ///< of the layers so far
  bool whole = false;
};

/// Least bound first, then the lexicographically first.
struct LaterCandidate {
  bool operator()(const Candidate& a, const Candidate& b) const {
    if (a.bound_s != b.bound_s) return a.bound_s > b.bound_s;
    if (a.choices != b.choices) return a.choices > b.choices;
    return a.whole && !b.whole;
  }
};

}  // namespace

struct SpaceMap::State {
  SearchSpace space;
  SpaceMapOptions options;
  std::int64_t nvm_capacity = 0;
  std::int64_t data_bytes = 0;
  PricedGraph priced;
  SpaceCounts counts;
  std::int64_t max_nvm_bytes = 0;
  bool nvm_matters = false;
  bool listed = false;

  // Listed spaces.
  SpaceListing listing;
  std::vector<std::uint32_t> feasible_before;  ///< each block of listed networks, and their sum

  // Counted spaces with an executable network.
  std::optional<RoundedCounts> rounded;
  double least_s = 0;
  double largest_s = 0;
  double error_s = 0;
  std::int64_t bins = 0;

  void make(const costmodel::Device& device, const ExplorerSettings& settings);
  void count_listed();
  void count_rounded();
  [[nodiscard]] double requirement_s() const {
    return options.latency_requirement_s.value_or(kNever);
  }
  /// The rounded latencies of at most `latency_s`, all of them if it is infinite.
  [[nodiscard]] std::int64_t steps_within(double latency_s) const;
  [[nodiscard]] double value_at_rank(double rank) const;
  [[nodiscard]] Architecture architecture_of(std::size_t index) const;
  [[nodiscard]] bool within_nvm(const Architecture& architecture) const {
    return !nvm_matters ||
           nvm_bytes(build_network(space, architecture), data_bytes) <= nvm_capacity;
  }
  struct Start {
    PathStart path;
    std::size_t first = 0;  ///< index of the first listed network that starts so
    std::size_t count = 1;  ///< of how many; both meaningful in listed spaces only
  };
  [[nodiscard]] Start start_of(std::span<const std::int64_t> prefix) const;
  [[nodiscard]] double exact_min_s(const Start& start) const;
  [[nodiscard]] RankedNetwork ranked(Architecture architecture, double latency_s) const;
  [[nodiscard]] Architecture architecture_of_choices(
      const std::vector<std::uint32_t>& choices) const;
  [[nodiscard]] std::vector<SizeClass> fastest_listed(std::size_t count, SizeMeasure measure) const;
  [[nodiscard]] std::vector<SizeClass> fastest_counted(std::size_t count) const;
  [[nodiscard]] std::optional<Architecture> sample_listed(std::mt19937_64& random) const;
  [[nodiscard]] std::optional<Architecture> sample_counted(std::mt19937_64& random) const;
};

void SpaceMap::State::make(const costmodel::Device& device, const ExplorerSettings& settings) {
  require_valid(options);
  nvm_capacity = device.platform.nvm_bytes;
  data_bytes = device.platform.data_bytes;
  priced = price_graph(space, device, settings, options.threads);
  max_nvm_bytes = explorer::max_nvm_bytes(priced, data_bytes);
  nvm_matters = max_nvm_bytes > nvm_capacity;

  counts.networks = 1;
  for (std::size_t level = 0; level < priced.levels(); ++level) {
    counts.networks *= static_cast<std::uint64_t>(priced.choices());
  }
  counts.geometry = counts.networks - priced.fitting_after[0][0];
  listed = counts.networks <= NetworkCount(static_cast<std::uint64_t>(options.list_limit));
  FailureCounts failures;
  if (listed) {
    listing = list_space(
        priced, nvm_matters ? std::optional(NvmLimit{nvm_capacity, data_bytes}) : std::nullopt,
        options.threads);
    failures = listing.failures;
    counts.nvm_capacity = listing.beyond_nvm;
    count_listed();
  } else {
    failures = count_failures(priced);
    count_rounded();
  }
  const std::vector<std::string> names = layer_names(space);
  for (std::size_t position = 0; position < names.size(); ++position) {
    counts.spatial += failures.spatial[position];
    counts.atomicity += failures.atomicity[position];
    counts.by_layer.push_back(
        {names[position], failures.spatial[position], failures.atomicity[position]});
  }
}

void SpaceMap::State::count_listed() {
  const double limit_s = requirement_s();
  std::uint32_t feasible = 0;
  for (std::size_t block = 0; block < listing.latency_s.size(); block += kBlock) {
    feasible_before.push_back(feasible);
    const std::size_t end = std::min(block + kBlock, listing.latency_s.size());
    for (std::size_t index = block; index < end; ++index) {
      const double latency_s = listing.latency_s[index];
      feasible += latency_s <= limit_s && latency_s != kNever ? 1 : 0;
    }
  }
  feasible_before.push_back(feasible);
  counts.feasible = counts.feasible_least = counts.feasible_most = feasible;
  counts.responsiveness =
      NetworkCount(static_cast<std::uint64_t>(listing.sorted_s.size())) - counts.feasible;
}

void SpaceMap::State::count_rounded() {
  const NetworkCount executable = priced.executable_after[0][0];
  if (executable == NetworkCount(0)) return;
  const PathStart all{.last_choice = priced.choices()};
  least_s = best_latency_s<std::less<>>(priced, all);
  largest_s = best_latency_s<std::greater<>>(priced, all);

  std::int64_t nodes = 0;
  for (std::size_t level = 0; level <= priced.levels(); ++level) {
    nodes += static_cast<std::int64_t>(priced.graph.nodes(level));
  }
  const auto per_step = static_cast<std::int64_t>(sizeof(double));
  bins = std::clamp(options.memory_bytes / (per_step * nodes), kLeastBins, options.bins);
  // Networks that are all equally fast need some step, too.
  const double range_s = std::max(largest_s - least_s, largest_s * 0x1p-30);
  const double step_s = range_s > 0 ? range_s / static_cast<double>(bins) : 1;
  rounded.emplace(priced, step_s, options.threads);
  const auto terms = static_cast<double>(priced.levels() + 1);
  error_s = terms * step_s / 2 * (1 + 1e-9);

  const auto within = [&](double latency_s) {
    return rounded->at_most(0, 0, steps_within(latency_s));
  };
  const double limit_s = requirement_s();
  if (limit_s >= largest_s) {
    counts.feasible = counts.feasible_least = counts.feasible_most = executable;
  } else if (limit_s >= least_s) {
    const auto bounded = [&](double networks) {
      return std::min(NetworkCount::nearest(networks), executable);
    };
    counts.feasible = std::max(bounded(within(limit_s)), NetworkCount(1));
    counts.feasible_least = std::max(bounded(within(limit_s - error_s)), NetworkCount(1));
    counts.feasible_most = bounded(within(limit_s + error_s));
  }
  counts.responsiveness = executable - counts.feasible;
}

std::int64_t SpaceMap::State::steps_within(double latency_s) const {
  const double steps = std::floor(latency_s / rounded->step_s() + 1e-6);
  if (steps >= static_cast<double>(rounded->largest())) return rounded->largest();
  return steps < 0 ? -1 : static_cast<std::int64_t>(steps);
}

double SpaceMap::State::value_at_rank(double rank) const {
  if (listed) return listing.sorted_s[static_cast<std::size_t>(rank)];
  if (rank <= 0) return least_s;
  if (rank >= rounded->at_most(0, 0, rounded->largest()) - 1) return largest_s;
  std::int64_t low = rounded->least();
  std::int64_t high = rounded->largest();
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (rounded->at_most(0, 0, middle) > rank) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return std::clamp(static_cast<double>(low) * rounded->step_s(), least_s, largest_s);
}

Architecture SpaceMap::State::architecture_of(std::size_t index) const {
  std::vector<std::uint32_t> choices(priced.levels());
  for (std::size_t level = priced.levels(); level-- > 0;) {
    choices[level] = static_cast<std::uint32_t>(index % priced.choices());
    index /= priced.choices();
  }
  return architecture_of_choices(choices);
}

Architecture SpaceMap::State::architecture_of_choices(
    const std::vector<std::uint32_t>& choices) const {
  Architecture architecture;
  for (const std::uint32_t choice : choices) {
    if (priced.graph.decisions_per_layer == 2) {
      architecture.push_back(space.kernels[choice / priced.graph.filters]);
    }
    architecture.push_back(space.filters[choice % priced.graph.filters]);
  }
  return architecture;
}

SpaceMap::State::Start SpaceMap::State::start_of(std::span<const std::int64_t> prefix) const {
  const std::size_t per_layer = priced.graph.decisions_per_layer;
  if (prefix.size() > per_layer * priced.levels()) {
    throw InvalidArgument(fmt::format("architecture: found {} choices, allowed: at most {}",
                                      prefix.size(), per_layer * priced.levels()));
  }
  Start start;
  PathStart& path = start.path;
  path.last_choice = priced.choices();
  const auto below = [&](std::size_t level) { return listed ? networks_below(priced, level) : 0; };
  start.count = below(0);
  std::size_t kernel = 0;
  for (std::size_t place = 0; place < prefix.size(); ++place) {
    const bool is_kernel = per_layer == 2 && place % 2 == 0;
    const std::vector<std::int64_t>& values = is_kernel ? space.kernels : space.filters;
    const auto found = std::lower_bound(values.begin(), values.end(), prefix[place]);
    if (found == values.end() || *found != prefix[place]) {
      throw InvalidArgument(fmt::format("architecture: found {} as choice {}, allowed: {}",
                                        prefix[place], place + 1,
                                        inas::to_string(Architecture(values))));
    }
    const auto at = static_cast<std::size_t>(found - values.begin());
    if (is_kernel) {
      kernel = at;
      path.first_choice = kernel * priced.graph.filters;
      path.last_choice = path.first_choice + priced.graph.filters;
      start.count = priced.graph.filters * below(path.level + 1);
      continue;
    }
    const std::size_t choice = kernel * priced.graph.filters + at;
    start.first += choice * below(path.level + 1);
    start.count = below(path.level + 1);
    if (path.latency_s != kNever) {
      path.latency_s += priced.edge_latency_s(path.level, path.node, choice);
      if (path.latency_s != kNever) {
        path.node = static_cast<std::size_t>(priced.edge(path.level, path.node, choice).next);
      }
    }
    ++path.level;
    path.first_choice = 0;
    path.last_choice = priced.choices();
  }
  if (per_layer == 2 && prefix.size() % 2 == 1) {
    start.first += path.first_choice * below(path.level + 1);
  }
  return start;
}

double SpaceMap::State::exact_min_s(const Start& start) const {
  if (listed && nvm_matters) {
    const auto first = listing.latency_s.begin() + static_cast<std::ptrdiff_t>(start.first);
    return *std::min_element(first, first + static_cast<std::ptrdiff_t>(start.count));
  }
  return best_latency_s<std::less<>>(priced, start.path);
}

RankedNetwork SpaceMap::State::ranked(Architecture architecture, double latency_s) const {
  const Network network = build_network(space, architecture);
  return {std::move(architecture), latency_s, weight_count(network), mac_count(network)};
}

std::vector<SizeClass> SpaceMap::State::fastest_listed(std::size_t count,
                                                       SizeMeasure measure) const {
  std::vector<std::int64_t> sizes;  // of the distinct layers
  for (const Layer& layer : priced.table.layers) {
    sizes.push_back(measure == SizeMeasure::weights ? weight_count(layer) : mac_count(layer));
  }
  const auto size_of = [&](std::int32_t layer) {
    return layer < 0 ? 0 : sizes[static_cast<std::size_t>(layer)];
  };
  using Entry = std::pair<double, std::size_t>;  // latency and index: the order of ties
  struct Class {
    std::uint64_t networks = 0;
    std::priority_queue<Entry> fastest;  ///< the slowest on top
  };
  std::map<std::int64_t, Class> classes;  // by the exponent of the size
  const auto add = [&](std::int64_t size, std::size_t index) {
    const double latency_s = listing.latency_s[index];
    if (latency_s == kNever) return;
    Class& chosen =
        classes[static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(size)))];
    ++chosen.networks;
    const Entry entry{latency_s, index};
    if (chosen.fastest.size() < count) {
      chosen.fastest.push(entry);
    } else if (entry < chosen.fastest.top()) {
      chosen.fastest.pop();
      chosen.fastest.push(entry);
    }
  };
  const std::function<void(std::size_t, std::size_t, std::int64_t, std::size_t)> visit =
      [&](std::size_t level, std::size_t node, std::int64_t size, std::size_t index) {
        if (level == priced.levels()) {
          const SpaceGraph::Tail& tail = priced.graph.tails[node];
          add(size + size_of(tail.pool) + size_of(tail.end), index);
          return;
        }
        const std::size_t step = networks_below(priced, level + 1);
        for (std::size_t choice = 0; choice < priced.choices(); ++choice, index += step) {
          const SpaceGraph::Edge& edge = priced.edge(level, node, choice);
          if (priced.edge_latency_s(level, node, choice) == kNever) continue;
          visit(level + 1, static_cast<std::size_t>(edge.next), size + size_of(edge.layer), index);
        }
      };
  visit(0, 0, 0, 0);

  std::vector<SizeClass> result;
  for (auto& [exponent, found] : classes) {
    SizeClass size_class;
    size_class.at_least = std::int64_t{1} << (exponent - 1);
    size_class.below = std::int64_t{1} << exponent;
    size_class.networks = found.networks;
    for (; !found.fastest.empty(); found.fastest.pop()) {
      const auto& [latency_s, index] = found.fastest.top();
      size_class.fastest.push_back(ranked(architecture_of(index), latency_s));
    }
    std::reverse(size_class.fastest.begin(), size_class.fastest.end());
    result.push_back(std::move(size_class));
  }
  return result;
}

std::vector<SizeClass> SpaceMap::State::fastest_counted(std::size_t count) const {
  // Best first: a path's bound is its latency and the least of what follows. That is added in
  // another order than the network's own, so it is lowered by more than their roundings.
  constexpr double kSafety = 1 - 1e-12;
  constexpr int kMostLookedAt = 1'000'000;
  SizeClass all;
  all.below = std::numeric_limits<std::int64_t>::max();
  all.networks = priced.executable_after[0][0];
  if (!rounded) return {};
  std::priority_queue<Candidate, std::vector<Candidate>, LaterCandidate> open;
  open.push({kSafety * priced.least_after_s[0][0], {}, 0, 0, false});
  int looked_at = 0;
  while (!open.empty() && all.fastest.size() < count) {
    const Candidate best = open.top();
    open.pop();
    if (best.whole) {
      if (++looked_at > kMostLookedAt) {
        throw Error(
            fmt::format("the {} fastest networks exceed NVM; a larger platform.nvm_bytes may "
                        "help",
                        kMostLookedAt));
      }
      Architecture architecture = architecture_of_choices(best.choices);
      if (within_nvm(architecture)) {
        all.fastest.push_back(ranked(std::move(architecture), best.latency_s));
      }
      continue;
    }
    const std::size_t level = best.choices.size();
    if (level == priced.levels()) {
      const double latency_s = priced.with_tail_s(best.latency_s, best.node);
      open.push({latency_s, best.choices, best.node, latency_s, true});
      continue;
    }
    for (std::size_t choice = 0; choice < priced.choices(); ++choice) {
      const double latency_s = best.latency_s + priced.edge_latency_s(level, best.node, choice);
      if (latency_s == kNever) continue;
      const auto next = static_cast<std::size_t>(priced.edge(level, best.node, choice).next);
      const double least_s = priced.least_after_s[level + 1][next];
      if (least_s == kNever) continue;
      Candidate longer{kSafety * (latency_s + least_s), best.choices, next, latency_s, false};
      longer.choices.push_back(static_cast<std::uint32_t>(choice));
      open.push(std::move(longer));
    }
  }
  return {all};
}

std::optional<Architecture> SpaceMap::State::sample_listed(std::mt19937_64& random) const {
  const std::uint32_t feasible = feasible_before.back();
  if (feasible == 0) return std::nullopt;
  auto wanted = static_cast<std::uint32_t>(draw_below(random, feasible));
  const auto block = std::upper_bound(feasible_before.begin(), feasible_before.end(), wanted) - 1;
  wanted -= *block;
  auto index = static_cast<std::size_t>(block - feasible_before.begin()) * kBlock;
  const double limit_s = requirement_s();
  for (;; ++index) {
    const double latency_s = listing.latency_s[index];
    if (latency_s > limit_s || latency_s == kNever) continue;
    if (wanted-- == 0) return architecture_of(index);
  }
}

std::optional<Architecture> SpaceMap::State::sample_counted(std::mt19937_64& random) const {
  constexpr int kMaxDraws = 1'000'000;
  const double limit_s = requirement_s();
  if (!rounded || least_s > limit_s) return std::nullopt;
  const std::int64_t all_steps = steps_within(limit_s + error_s);
  std::vector<std::uint32_t> choices(priced.levels());
  for (int draw = 0; draw < kMaxDraws; ++draw) {
    std::int64_t steps = all_steps;
    std::size_t node = 0;
    double latency_s = 0;
    for (std::size_t level = 0; level < priced.levels(); ++level) {
      double rest = draw_unit(random) * rounded->at_most(level, node, steps);
      std::optional<std::size_t> chosen;
      for (std::size_t choice = 0; choice < priced.choices(); ++choice) {
        const double step_s = priced.edge_latency_s(level, node, choice);
        if (step_s == kNever) continue;
        const double networks = rounded->at_most(
            level + 1, static_cast<std::size_t>(priced.edge(level, node, choice).next),
            steps - rounded->steps_of(step_s));
        if (networks == 0) continue;
        chosen = choice;  // the last one takes what rounding leaves
        if (rest < networks) break;
        rest -= networks;
      }
      choices[level] = static_cast<std::uint32_t>(chosen.value());
      const double step_s = priced.edge_latency_s(level, node, *chosen);
      steps -= rounded->steps_of(step_s);
      latency_s += step_s;
      node = static_cast<std::size_t>(priced.edge(level, node, *chosen).next);
    }
    if (priced.with_tail_s(latency_s, node) > limit_s) continue;
    Architecture architecture = architecture_of_choices(choices);
    if (within_nvm(architecture)) return architecture;
  }
  throw Error(
      fmt::format("none of {} networks drawn near the latency requirement is feasible; a longer "
                  "search.latency_requirement_s or a larger platform.nvm_bytes may help",
                  kMaxDraws));
}

SpaceMap::SpaceMap(const SearchSpace& space, const costmodel::Device& device,
                   const ExplorerSettings& settings, const SpaceMapOptions& options)
    : state_(std::make_unique<State>()) {
  state_->space = space;
  state_->options = options;
  state_->make(device, settings);
}

SpaceMap::~SpaceMap() = default;
SpaceMap::SpaceMap(SpaceMap&&) noexcept = default;
SpaceMap& SpaceMap::operator=(SpaceMap&&) noexcept = default;

const SearchSpace& SpaceMap::space() const { return state_->space; }
const SpaceMapOptions& SpaceMap::options() const { return state_->options; }
const LayerTable& SpaceMap::layers() const { return state_->priced.table; }
const SpaceCounts& SpaceMap::counts() const { return state_->counts; }
bool SpaceMap::exact() const { return state_->listed; }
double SpaceMap::latency_error_s() const { return state_->error_s; }
std::int64_t SpaceMap::bins() const { return state_->bins; }
std::int64_t SpaceMap::max_nvm_bytes() const { return state_->max_nvm_bytes; }
bool SpaceMap::nvm_left_out() const { return state_->nvm_matters && !state_->listed; }
std::span<const double> SpaceMap::latencies_s() const { return state_->listing.latency_s; }

Architecture SpaceMap::architecture(std::int64_t index) const {
  const auto count = static_cast<std::int64_t>(state_->listing.latency_s.size());
  if (index < 0 || index >= count) {
    throw InvalidArgument(
        fmt::format("index: found {}, allowed: below {}, the number of listed "
                    "networks",
                    index, count));
  }
  return state_->architecture_of(static_cast<std::size_t>(index));
}

std::optional<double> SpaceMap::latency_percentile(double percent) const {
  if (!(percent >= 0 && percent <= 100)) {
    throw InvalidArgument(fmt::format("percent: found {}, allowed: 0 to 100", percent));
  }
  const State& state = *state_;
  if (state.listed ? state.listing.sorted_s.empty() : !state.rounded) return std::nullopt;
  const double networks = state.listed ? static_cast<double>(state.listing.sorted_s.size())
                                       : state.rounded->at_most(0, 0, state.rounded->largest());
  const double rank = percent / 100 * (networks - 1);
  const double below = std::floor(rank);
  const double low_s = state.value_at_rank(below);
  if (rank == below) return low_s;
  return low_s + (rank - below) * (state.value_at_rank(below + 1) - low_s);
}

double SpaceMap::networks_within(double latency_s) const {
  const State& state = *state_;
  if (state.listed) {
    const auto& sorted_s = state.listing.sorted_s;
    return static_cast<double>(std::upper_bound(sorted_s.begin(), sorted_s.end(), latency_s) -
                               sorted_s.begin());
  }
  if (!state.rounded || !(latency_s >= state.least_s)) return 0;
  if (latency_s >= state.largest_s) {
    return state.rounded->at_most(0, 0, state.rounded->largest());
  }
  return state.rounded->at_most(0, 0, state.steps_within(latency_s));
}

std::vector<LatencyBin> SpaceMap::histogram(std::int64_t count) const {
  require_range("bins", count, 1, 1'000'000);
  const State& state = *state_;
  const std::optional<double> least_s = latency_percentile(0);
  if (!least_s) return {};
  const double largest_s = *latency_percentile(100);
  if (*least_s == largest_s) count = 1;
  const double width_s = (largest_s - *least_s) / static_cast<double>(count);
  std::vector<LatencyBin> bins(static_cast<std::size_t>(count));
  for (std::int64_t index = 0; index < count; ++index) {
    LatencyBin& bin = bins[static_cast<std::size_t>(index)];
    bin.from_s = *least_s + static_cast<double>(index) * width_s;
    bin.to_s = index + 1 == count ? largest_s : *least_s + static_cast<double>(index + 1) * width_s;
  }
  const auto bin_of = [&](double latency_s) -> LatencyBin& {
    const auto after =
        std::upper_bound(bins.begin(), bins.end(), latency_s,
                         [](double value, const LatencyBin& bin) { return value < bin.from_s; });
    return after == bins.begin() ? bins.front() : *(after - 1);
  };
  if (state.listed) {
    for (const double latency_s : state.listing.sorted_s) bin_of(latency_s).networks += 1;
    return bins;
  }
  double below = 0;
  for (std::int64_t step = state.rounded->least(); step <= state.rounded->largest(); ++step) {
    const double within = state.rounded->at_most(0, 0, step);
    bin_of(static_cast<double>(step) * state.rounded->step_s()).networks += within - below;
    below = within;
  }
  return bins;
}

std::optional<double> SpaceMap::min_latency_s(std::span<const std::int64_t> prefix) const {
  const double least_s = state_->exact_min_s(state_->start_of(prefix));
  if (least_s == kNever) return std::nullopt;
  return least_s;
}

bool SpaceMap::can_be_feasible(std::span<const std::int64_t> prefix) const {
  const State& state = *state_;
  const double limit_s = state.requirement_s();
  const State::Start start = state.start_of(prefix);
  if (!(state.listed && state.nvm_matters)) {
    // The least latency, added in another order; only if the rounding could matter is it computed
    // as Explorer does.
    const PathStart& path = start.path;
    if (path.latency_s == kNever) return false;
    double after_s = kNever;
    if (path.level == state.priced.levels()) {
      after_s = state.priced.least_after_s[path.level][path.node];
    } else {
      for (std::size_t choice = path.first_choice; choice < path.last_choice; ++choice) {
        const double step_s = state.priced.edge_latency_s(path.level, path.node, choice);
        if (step_s == kNever) continue;
        const auto next =
            static_cast<std::size_t>(state.priced.edge(path.level, path.node, choice).next);
        after_s = std::min(after_s, step_s + state.priced.least_after_s[path.level + 1][next]);
      }
    }
    if (after_s == kNever) return false;
    if (path.level == state.priced.levels() && state.nvm_matters &&
        !state.within_nvm(Architecture(prefix.begin(), prefix.end()))) {
      return false;
    }
    const double about_s = path.latency_s + after_s;
    constexpr double kRounding = 1e-12;
    if (about_s * (1 - kRounding) > limit_s) return false;
    if (about_s * (1 + kRounding) <= limit_s) return true;
  }
  const double least_s = state.exact_min_s(start);
  return least_s != kNever && least_s <= limit_s;
}

std::optional<Architecture> SpaceMap::sample_feasible(std::mt19937_64& random) const {
  return state_->listed ? state_->sample_listed(random) : state_->sample_counted(random);
}

std::vector<SizeClass> SpaceMap::fastest(std::int64_t count, SizeMeasure measure) const {
  require_range("count", count, 1, 10'000);
  const auto wanted = static_cast<std::size_t>(count);
  return state_->listed ? state_->fastest_listed(wanted, measure) : state_->fastest_counted(wanted);
}

}  // namespace inas::explorer
