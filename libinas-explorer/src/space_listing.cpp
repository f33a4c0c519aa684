#include "space_listing.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>
#include <span>

#include "parallel.hpp"

namespace inas::explorer {
namespace {

/// Writes the latencies of all networks that go on with an edge. There is a level behind it, if
/// only that of the last stages.
class Lister {
 public:
  Lister(const PricedGraph& priced, std::span<double> latency_s)
      : priced_(priced), latency_s_(latency_s), below_(networks_below(priced)) {}

  /// `latency_s`: up to the edge. `index`: of the first of these networks.
  void list(std::size_t level, std::size_t edge, double latency_s, std::size_t index) const {
    const double longer_s = priced_.longer_s(level, edge, latency_s);
    if (longer_s == kNever) {
      std::fill_n(latency_s_.begin() + static_cast<std::ptrdiff_t>(index), below_[level + 1],
                  kNever);
      return;
    }
    const std::size_t first = priced_.edge(level + 1, priced_.next(level, edge), 0);
    const std::size_t end = first + priced_.choices(level + 1);
    const bool last = level + 2 == priced_.levels();
    for (std::size_t next = first; next < end; ++next, index += below_[level + 2]) {
      if (last) {
        latency_s_[index] = priced_.longer_s(level + 1, next, longer_s);
      } else {
        list(level + 1, next, longer_s, index);
      }
    }
  }

  [[nodiscard]] std::size_t below(std::size_t level) const { return below_[level]; }

 private:
  const PricedGraph& priced_;
  std::span<double> latency_s_;
  std::vector<std::size_t> below_;
};

/// The same as scheduled: where a network's schedules stand goes along.
class ScheduleLister {
 public:
  ScheduleLister(const PricedGraph& priced, std::span<double> latency_s)
      : priced_(priced), latency_s_(latency_s), below_(networks_below(priced)) {}

  void list(std::size_t level, std::size_t edge, NetworkSchedule schedule,
            std::size_t index) const {
    if (priced_.edge_s[level][edge] == kNever) {
      std::fill_n(latency_s_.begin() + static_cast<std::ptrdiff_t>(index), below_[level + 1],
                  kNever);
      return;
    }
    for (const SpaceGraph::Placed& placed : priced_.placed(level, edge)) {
      schedule.run(priced_.scheduled(placed));
    }
    if (level + 1 == priced_.levels()) {
      latency_s_[index] = schedule.finish().fastest(true, true).latency_s;
      return;
    }
    const std::size_t first = priced_.edge(level + 1, priced_.next(level, edge), 0);
    const std::size_t end = first + priced_.choices(level + 1);
    for (std::size_t next = first; next < end; ++next, index += below_[level + 2]) {
      list(level + 1, next, schedule, index);
    }
  }

  [[nodiscard]] std::size_t below(std::size_t level) const { return below_[level]; }

 private:
  const PricedGraph& priced_;
  std::span<double> latency_s_;
  std::vector<std::size_t> below_;
};

/// The same where NVM matters: what a network needs goes along, and it counts under the first
/// constraint that it breaks.
class NvmLister {
 public:
  NvmLister(const PricedGraph& priced, std::int64_t nvm_bytes, SpaceListing& listing)
      : priced_(priced), nvm_bytes_(nvm_bytes), listing_(listing), below_(networks_below(priced)) {}

  /// What is known of a network so far.
  struct Path {
    double latency_s = 0;  ///< by layers
    std::optional<NetworkSchedule> schedule;
    execution::NvmSum nvm;
    execution::NvmSum fluid_nvm;
    SpaceGraph::Placed failed;  ///< the first layer without a design
  };

  void list() {
    Path path;
    if (priced_.prices) path.schedule.emplace(*priced_.prices);
    list(0, 0, path, 0);
  }

 private:
  void list(std::size_t level, std::size_t node, const Path& path, std::size_t index) {
    if (level == priced_.levels()) {
      listing_.latency_s[index] = latency_of(path);
      return;
    }
    const std::size_t step = below_[level + 1];
    for (std::size_t choice = 0; choice < priced_.choices(level); ++choice, index += step) {
      const std::size_t edge = priced_.edge(level, node, choice);
      if (!priced_.fits(level, edge)) {
        std::fill_n(listing_.latency_s.begin() + static_cast<std::ptrdiff_t>(index), step, kNever);
        continue;
      }
      Path longer = path;
      const auto placed = priced_.placed(level, edge);
      for (std::size_t place = 0; place < placed.size(); ++place) {
        longer.nvm.add(priced_.nvm(placed[place], level, place));
        longer.fluid_nvm.add(priced_.fluid_nvm(placed[place], level, place));
        add(longer, placed[place]);
      }
      list(level + 1, priced_.next(level, edge), longer, index);
    }
  }

  void add(Path& path, const SpaceGraph::Placed& placed) const {
    if (path.failed.layer >= 0) return;
    const LayerResult& result = priced_.result(placed);
    if (!result.best) {
      path.failed = placed;
      return;
    }
    path.latency_s += result.best->latency_s;
    if (path.schedule) path.schedule->run(priced_.scheduled(placed));
  }

  /// Counts a whole network.
  double latency_of(const Path& path) {
    const bool has_designs = path.failed.layer < 0;
    const auto fits = [&](const execution::NvmSum& nvm) { return nvm.bytes() <= nvm_bytes_; };
    const bool by_layers_fit = fits(path.nvm);
    const bool fluid_fit = has_designs && path.schedule && fits(path.fluid_nvm);
    if (!by_layers_fit && !fluid_fit && (has_designs || !priced_.nvm_rule.needs_designs())) {
      listing_.beyond_nvm += 1;
      return kNever;
    }
    if (has_designs) return latency_of(path, by_layers_fit, fluid_fit);
    listing_.failures.add(path.failed, priced_.result(path.failed), 1);
    return kNever;
  }

  double latency_of(const Path& path, bool by_layers_fit, bool fluid_fit) {
    if (!path.schedule) return path.latency_s;
    const double latency_s =
        NetworkSchedule(*path.schedule).finish().fastest(by_layers_fit, fluid_fit).latency_s;
    if (latency_s == kNever) listing_.beyond_nvm += 1;
    return latency_s;
  }

  const PricedGraph& priced_;
  std::int64_t nvm_bytes_;
  SpaceListing& listing_;
  std::vector<std::size_t> below_;
};

/// Ascending, by radix: the bits of doubles that are not negative are in the order of their values.
std::vector<double> sorted(std::vector<double> values) {
  constexpr int kDigitBits = 11;
  constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  constexpr int kPasses = 6;
  const auto digit = [](double value, int pass) {
    return std::bit_cast<std::uint64_t>(value) >> (pass * kDigitBits) & (kDigits - 1);
  };
  std::vector<std::array<std::size_t, kDigits>> place(kPasses);
  for (auto& counts : place) counts.fill(0);
  for (const double value : values) {
    for (int pass = 0; pass < kPasses; ++pass) {
      ++place[static_cast<std::size_t>(pass)][digit(value, pass)];
    }
  }
  std::vector<double> other(values.size());
  for (int pass = 0; pass < kPasses; ++pass) {
    auto& at = place[static_cast<std::size_t>(pass)];
    if (std::find(at.begin(), at.end(), values.size()) != at.end()) continue;  // all the same
    std::size_t sum = 0;
    for (std::size_t& count : at) {
      const std::size_t here = count;
      count = sum;
      sum += here;
    }
    for (const double value : values) other[at[digit(value, pass)]++] = value;
    values.swap(other);
  }
  return values;
}

}  // namespace

std::vector<std::size_t> networks_below(const PricedGraph& priced) {
  std::vector<std::size_t> below(priced.levels() + 1, 1);
  for (std::size_t level = priced.levels(); level-- > 0;) {
    below[level] = below[level + 1] * priced.choices(level);
  }
  return below;
}

SpaceListing list_space(const PricedGraph& priced, std::optional<std::int64_t> nvm_bytes,
                        std::int64_t threads, const RoundsDone& done) {
  SpaceListing listing{.latency_s = std::vector<double>(networks_below(priced).front()),
                       .sorted_s = {},
                       .failures = FailureCounts(priced.graph),
                       .beyond_nvm = {}};
  if (nvm_bytes) {
    // One thread: the counters are many, and spaces that can exceed NVM are few.
    NvmLister(priced, *nvm_bytes, listing).list();
  } else if (priced.prices) {
    const ScheduleLister lister(priced, listing.latency_s);
    const NetworkSchedule nothing(*priced.prices);
    parallel_for(
        priced.choices(0), threads,
        [&](std::size_t choice) { lister.list(0, choice, nothing, choice * lister.below(1)); },
        done);
    listing.failures = count_failures(priced);
  } else {
    const Lister lister(priced, listing.latency_s);
    parallel_for(
        priced.choices(0), threads,
        [&](std::size_t choice) { lister.list(0, choice, 0, choice * lister.below(1)); }, done);
    listing.failures = count_failures(priced);
  }
  listing.sorted_s.reserve(listing.latency_s.size());
  for (const double latency_s : listing.latency_s) {
    if (latency_s != kNever) listing.sorted_s.push_back(latency_s);
  }
  listing.sorted_s = sorted(std::move(listing.sorted_s));
  return listing;
}

}  // namespace inas::explorer
