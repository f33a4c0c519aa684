#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/percentile.hpp>
#include <inas/explorer/space_map.hpp>

#include "counted_networks.hpp"
#include "listed_networks.hpp"

namespace inas::explorer {
namespace {

void require_range(const char* name, std::int64_t found, std::int64_t low, std::int64_t high) {
  if (found < low || found > high) {
    throw InvalidArgument(fmt::format("{}: found {}, allowed: {} to {}", name, found, low, high));
  }
}

void require_valid(const SpaceMapOptions& options) {
  require_range("list_limit", options.list_limit, 0, std::int64_t{1} << 31);
  require_range("bins", options.bins, 64, std::int64_t{1} << 24);
  require_range("memory_bytes", options.memory_bytes, 1 << 20, std::int64_t{1} << 40);
  require_range("threads", options.threads, 0, 4096);
  if (options.latency_requirement_s && !(*options.latency_requirement_s > 0)) {
    throw InvalidArgument(fmt::format("latency_requirement_s: found {}, allowed: a positive number",
                                      *options.latency_requirement_s));
  }
}

MappedSpace map_space(const SearchSpace& space, const costmodel::Device& device,
                      const ExplorerSettings& settings, const SpaceMapOptions& options) {
  require_valid(options);
  MappedSpace mapped{
      .space = space,
      .options = options,
      .nvm_bytes = device.platform.nvm_bytes,
      .priced = price_graph(space, device, settings, options.threads, options.layers_done)};
  mapped.max_nvm_bytes = max_nvm_bytes(mapped.priced);
  return mapped;
}

}  // namespace

struct SpaceMap::State {
  MappedSpace mapped;
  SpaceCounts counts;
  bool listed = false;
  std::unique_ptr<const MappedNetworks> networks;

  explicit State(MappedSpace of) : mapped(std::move(of)) {
    const PricedGraph& priced = mapped.priced;
    counts.networks = 1;
    for (const SpaceGraph::Level& level : priced.graph.levels) {
      counts.networks *= static_cast<std::uint64_t>(level.choices);
    }
    counts.geometry = counts.networks - priced.fitting_after[0][0];
    listed = counts.networks <= NetworkCount(static_cast<std::uint64_t>(mapped.options.list_limit));
    if (listed) {
      networks = std::make_unique<ListedNetworks>(mapped);
    } else {
      networks = std::make_unique<CountedNetworks>(mapped);
    }
    mapped.options.layers_done = mapped.options.networks_done = {};  // all is mapped
    networks->count(counts);
    const FailureCounts failures = networks->failures();
    for (std::size_t name = 0; name < priced.graph.names.size(); ++name) {
      counts.spatial += failures.spatial[name];
      counts.atomicity += failures.atomicity[name];
      counts.by_layer.push_back(
          {priced.graph.names[name], failures.spatial[name], failures.atomicity[name]});
    }
  }
};

SpaceMap::SpaceMap(const SearchSpace& space, const costmodel::Device& device,
                   const ExplorerSettings& settings, const SpaceMapOptions& options)
    : state_(std::make_unique<State>(map_space(space, device, settings, options))) {}

SpaceMap::~SpaceMap() = default;
SpaceMap::SpaceMap(SpaceMap&&) noexcept = default;
SpaceMap& SpaceMap::operator=(SpaceMap&&) noexcept = default;

const SearchSpace& SpaceMap::space() const { return state_->mapped.space; }
const SpaceMapOptions& SpaceMap::options() const { return state_->mapped.options; }
const LayerTable& SpaceMap::layers() const { return state_->mapped.priced.table; }
const SpaceCounts& SpaceMap::counts() const { return state_->counts; }
bool SpaceMap::exact() const { return state_->listed; }
bool SpaceMap::scheduled() const { return state_->listed && state_->mapped.priced.prices; }
double SpaceMap::latency_error_s() const { return state_->networks->latency_error_s(); }
std::int64_t SpaceMap::bins() const { return state_->networks->bins(); }
std::int64_t SpaceMap::max_nvm_bytes() const { return state_->mapped.max_nvm_bytes; }
bool SpaceMap::nvm_left_out() const { return state_->mapped.nvm_matters() && !state_->listed; }
std::span<const double> SpaceMap::latencies_s() const { return state_->networks->latencies_s(); }

Architecture SpaceMap::architecture(std::int64_t index) const {
  const auto count = static_cast<std::int64_t>(latencies_s().size());
  if (index < 0 || index >= count) {
    throw InvalidArgument(
        fmt::format("index: found {}, allowed: below {}, the number of listed "
                    "networks",
                    index, count));
  }
  return state_->networks->architecture(static_cast<std::size_t>(index));
}

std::optional<double> SpaceMap::latency_percentile(double percent) const {
  if (!(percent >= 0 && percent <= 100)) {
    throw InvalidArgument(fmt::format("percent: found {}, allowed: 0 to 100", percent));
  }
  const MappedNetworks& networks = *state_->networks;
  if (networks.executable() == 0) return std::nullopt;
  return percentile(networks.executable(), percent,
                    [&](double rank) { return networks.latency_s_at(rank); });
}

double SpaceMap::networks_within(double latency_s) const {
  return state_->networks->within(latency_s);
}

std::vector<LatencyBin> SpaceMap::histogram(std::int64_t count) const {
  require_range("bins", count, 1, 1'000'000);
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
  state_->networks->for_each([&](double latency_s, double networks) {
    const auto after =
        std::upper_bound(bins.begin(), bins.end(), latency_s,
                         [](double value, const LatencyBin& bin) { return value < bin.from_s; });
    (after == bins.begin() ? bins.front() : *(after - 1)).networks += networks;
  });
  return bins;
}

std::optional<double> SpaceMap::min_latency_s(std::span<const std::int64_t> prefix) const {
  const double least_s = state_->networks->least_s(start_of(state_->mapped.priced, prefix));
  if (least_s == kNever) return std::nullopt;
  return least_s;
}

bool SpaceMap::can_be_feasible(std::span<const std::int64_t> prefix) const {
  return state_->networks->can_be_feasible(start_of(state_->mapped.priced, prefix));
}

std::optional<Architecture> SpaceMap::sample_feasible(std::mt19937_64& random) const {
  return state_->networks->sample_feasible(random);
}

std::vector<double> SpaceMap::sample_scheduled_s(std::int64_t count, std::mt19937_64& random,
                                                 const RoundsDone& done) const {
  require_range("count", count, 1, 1'000'000);
  std::vector<double> latencies_s;
  for (std::int64_t draw = 0; draw < count; ++draw) {
    const std::optional<double> latency_s = state_->networks->draw_scheduled_s(random);
    if (!latency_s) return {};
    latencies_s.push_back(*latency_s);
    if (done) done(draw + 1, count);
  }
  std::sort(latencies_s.begin(), latencies_s.end());
  return latencies_s;
}

std::vector<SizeClass> SpaceMap::fastest(std::int64_t count, SizeMeasure measure) const {
  require_range("count", count, 1, 10'000);
  return state_->networks->fastest(static_cast<std::size_t>(count), measure);
}

}  // namespace inas::explorer
