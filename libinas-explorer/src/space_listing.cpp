#include "space_listing.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <span>

#include "parallel.hpp"

namespace inas::explorer {
namespace {

/// Writes the latencies of all networks below a node.
class Lister {
 public:
  Lister(const PricedGraph& priced, std::span<double> latency_s)
      : priced_(priced), latency_s_(latency_s), levels_(priced.levels()) {
    for (std::size_t level = 0; level <= levels_; ++level) {
      below_.push_back(networks_below(priced, level));
    }
  }

  void list(std::size_t level, std::size_t node, double latency_s, std::size_t index) const {
    if (level == levels_) {
      latency_s_[index] = priced_.with_tail_s(latency_s, node);
      return;
    }
    const std::size_t step = below_[level + 1];
    const double* const edge_s = &priced_.edge_s[level][node * priced_.choices()];
    const SpaceGraph::Edge* const edges =
        &priced_.graph.levels[level].edges[node * priced_.choices()];
    for (std::size_t choice = 0; choice < priced_.choices(); ++choice, index += step) {
      if (edge_s[choice] == kNever) {
        std::fill_n(latency_s_.begin() + static_cast<std::ptrdiff_t>(index), step, kNever);
      } else {
        list(level + 1, static_cast<std::size_t>(edges[choice].next), latency_s + edge_s[choice],
             index);
      }
    }
  }

  [[nodiscard]] std::size_t below(std::size_t level) const { return below_[level]; }

 private:
  const PricedGraph& priced_;
  std::span<double> latency_s_;
  std::size_t levels_;
  std::vector<std::size_t> below_;
};

/// The same where NVM matters: a network's weights and largest map go along, and it counts under
/// the first constraint that it breaks.
class NvmLister {
 public:
  NvmLister(const PricedGraph& priced, const NvmLimit& limit, std::span<double> latency_s)
      : priced_(priced), limit_(limit), latency_s_(latency_s) {
    failures_.spatial.resize(network_length(priced.graph));
    failures_.atomicity.resize(network_length(priced.graph));
    for (std::size_t level = 0; level <= priced.levels(); ++level) {
      below_.push_back(networks_below(priced, level));
    }
  }

  /// What is known of a network so far.
  struct Path {
    double latency_s = 0;
    std::int64_t weights = 0;
    std::int64_t largest_map = 0;
    std::int32_t failed_layer = -1;  ///< the first without a design
    std::size_t failed_position = 0;
  };

  void list(std::size_t level, std::size_t node, const Path& path, std::size_t index) {
    if (level == priced_.levels()) {
      end(node, path, index);
      return;
    }
    for (std::size_t choice = 0; choice < priced_.choices(); ++choice, index += below_[level + 1]) {
      const SpaceGraph::Edge& edge = priced_.edge(level, node, choice);
      if (edge.layer < 0) {
        std::fill_n(latency_s_.begin() + static_cast<std::ptrdiff_t>(index), below_[level + 1],
                    kNever);
      } else {
        Path longer = path;
        add(longer, edge.layer, level);
        list(level + 1, static_cast<std::size_t>(edge.next), longer, index);
      }
    }
  }

  [[nodiscard]] const FailureCounts& failures() const { return failures_; }
  [[nodiscard]] const NetworkCount& beyond_nvm() const { return beyond_nvm_; }

  void add(Path& path, std::int32_t index, std::size_t position) const {
    const Layer& layer = priced_.layer(index);
    path.weights += weight_count(layer);
    path.largest_map = std::max({path.largest_map, layer.ifm.values(), layer.ofm.values()});
    if (path.failed_layer >= 0) return;
    const LayerResult& result = priced_.result(index);
    if (result.best) {
      path.latency_s += result.best->latency_s;
    } else {
      path.failed_layer = index;
      path.failed_position = position;
    }
  }

 private:
  void end(std::size_t node, Path path, std::size_t index) {
    const SpaceGraph::Tail& tail = priced_.graph.tails[node];
    std::size_t position = priced_.levels();
    if (tail.pool >= 0) add(path, tail.pool, position++);
    add(path, tail.end, position);
    latency_s_[index] = kNever;
    if (limit_.data_bytes * (2 * path.largest_map + path.weights) > limit_.bytes) {
      beyond_nvm_ += 1;
    } else if (path.failed_layer >= 0) {
      const bool spatial = priced_.result(path.failed_layer).why->constraint == Constraint::spatial;
      (spatial ? failures_.spatial : failures_.atomicity)[path.failed_position] += 1;
    } else {
      latency_s_[index] = path.latency_s;
    }
  }

  const PricedGraph& priced_;
  NvmLimit limit_;
  std::span<double> latency_s_;
  std::vector<std::size_t> below_;
  FailureCounts failures_;
  NetworkCount beyond_nvm_;
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

std::size_t networks_below(const PricedGraph& priced, std::size_t level) {
  std::size_t count = 1;
  for (; level < priced.levels(); ++level) count *= priced.choices();
  return count;
}

SpaceListing list_space(const PricedGraph& priced, std::optional<NvmLimit> limit,
                        std::int64_t threads) {
  SpaceListing listing;
  listing.latency_s.resize(networks_below(priced, 0));
  if (limit) {
    // One thread: the counters are many, and spaces that can exceed NVM are few.
    NvmLister lister(priced, *limit, listing.latency_s);
    lister.list(0, 0, {}, 0);
    listing.failures = lister.failures();
    listing.beyond_nvm = lister.beyond_nvm();
  } else {
    const Lister lister(priced, listing.latency_s);
    const std::size_t step = lister.below(1);
    parallel_for(priced.choices(), threads, [&](std::size_t choice) {
      const double latency_s = priced.edge_latency_s(0, 0, choice);
      if (latency_s == kNever) {
        std::fill_n(listing.latency_s.begin() + static_cast<std::ptrdiff_t>(choice * step), step,
                    kNever);
      } else {
        lister.list(1, static_cast<std::size_t>(priced.edge(0, 0, choice).next), 0 + latency_s,
                    choice * step);
      }
    });
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
