#include "counted_networks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/random_draw.hpp>

namespace inas::explorer {
namespace {

constexpr std::int64_t kLeastBins = 64;
/// Bounds are sums in another order than the schedules that they bound.
constexpr double kBoundSafety = 1 - 1e-12;

/// A path under construction, for the search of the fastest networks.
struct Candidate {
  double bound_s = 0;  ///< no completion is faster; a whole network's own latency
  std::vector<std::size_t> choices;
  std::size_t node = 0;
  double latency_s = 0;  ///< of the layers so far
};

/// Least bound first, then the lexicographically first.
struct LaterCandidate {
  bool operator()(const Candidate& a, const Candidate& b) const {
    if (a.bound_s != b.bound_s) return a.bound_s > b.bound_s;
    return a.choices > b.choices;
  }
};

}  // namespace

CountedNetworks::CountedNetworks(const MappedSpace& mapped) : mapped_(mapped) {
  const PricedGraph& priced = mapped.priced;
  if (priced.executable_after[0][0] == NetworkCount(0)) return;
  if (priced.prices) find_bounds();
  const PathStart all = start_of(priced, {});
  least_s_ = best_latency_s<std::less<>>(priced, all);
  largest_s_ = best_latency_s<std::greater<>>(priced, all);

  std::int64_t nodes = 0;
  for (std::size_t level = 0; level < priced.levels(); ++level) {
    nodes += static_cast<std::int64_t>(priced.graph.nodes(level));
  }
  const auto per_step = static_cast<std::int64_t>(sizeof(double));
  const SpaceMapOptions& options = mapped.options;
  bins_ = std::clamp(options.memory_bytes / (per_step * nodes), kLeastBins, options.bins);
  // Networks that are all equally fast need some step, too.
  const double range_s = std::max(largest_s_ - least_s_, largest_s_ * 0x1p-30);
  const double step_s = range_s > 0 ? range_s / static_cast<double>(bins_) : 1;
  rounded_.emplace(priced, priced.edge_s, step_s, options.threads);
  if (priced.prices) bounds_.emplace(priced, bound_s_, step_s, options.threads);
  const auto terms = static_cast<double>(priced.levels());
  error_s_ = terms * step_s / 2 * (1 + 1e-9);
}

void CountedNetworks::count(SpaceCounts& counts) const {
  if (!rounded_) return;
  const NetworkCount executable = mapped_.priced.executable_after[0][0];
  const double limit_s = mapped_.requirement_s();
  if (limit_s >= largest_s_) {
    counts.feasible = counts.feasible_least = counts.feasible_most = executable;
  } else if (limit_s >= least_s_) {
    const auto bounded = [&](double latency_s) {
      return std::min(NetworkCount::nearest(at_most(steps_within(*rounded_, latency_s))),
                      executable);
    };
    counts.feasible = std::max(bounded(limit_s), NetworkCount(1));
    counts.feasible_least = std::max(bounded(limit_s - error_s_), NetworkCount(1));
    counts.feasible_most = bounded(limit_s + error_s_);
  }
  // As scheduled more may be feasible, but none whose bound is beyond the requirement.
  if (bounds_ && limit_s < largest_s_) {
    const std::int64_t steps = steps_within(*bounds_, limit_s + error_s_);
    counts.feasible_most =
        std::max(counts.feasible_most,
                 std::min(NetworkCount::nearest(bounds_->at_most(0, 0, steps)), executable));
  }
  counts.responsiveness = executable - counts.feasible;
}

double CountedNetworks::executable() const { return rounded_ ? at_most(rounded_->largest()) : 0; }

std::int64_t CountedNetworks::steps_within(const RoundedCounts& counts, double latency_s) {
  const double steps = std::floor(latency_s / counts.step_s() + 1e-6);
  if (steps >= static_cast<double>(counts.largest())) return counts.largest();
  return steps < 0 ? -1 : static_cast<std::int64_t>(steps);
}

double CountedNetworks::within(double latency_s) const {
  if (!rounded_ || !(latency_s >= least_s_)) return 0;
  return latency_s >= largest_s_ ? executable() : at_most(steps_within(*rounded_, latency_s));
}

double CountedNetworks::latency_s_at(double rank) const {
  if (rank <= 0) return least_s_;
  if (rank >= executable() - 1) return largest_s_;
  std::int64_t low = rounded_->least();
  std::int64_t high = rounded_->largest();
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (at_most(middle) > rank) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return std::clamp(static_cast<double>(low) * rounded_->step_s(), least_s_, largest_s_);
}

void CountedNetworks::for_each(const std::function<void(double, double)>& visit) const {
  double below = 0;
  for (std::int64_t step = rounded_->least(); step <= rounded_->largest(); ++step) {
    const double within = at_most(step);
    visit(static_cast<double>(step) * rounded_->step_s(), within - below);
    below = within;
  }
}

double CountedNetworks::least_s(const PathStart& start) const {
  return best_latency_s<std::less<>>(mapped_.priced, start);
}

bool CountedNetworks::can_be_feasible(const PathStart& start) const {
  if (mapped_.priced.prices) return can_be_scheduled(start);
  return one_is_within(mapped_.priced, start, mapped_.requirement_s()) &&
         (!start.whole || mapped_.within_nvm(start.chosen));
}

bool CountedNetworks::can_be_scheduled(const PathStart& start) const {
  const PricedGraph& priced = mapped_.priced;
  if (start.latency_s == kNever) return false;
  if (start.whole) return is_feasible(start.chosen);
  double so_far_s = 0;
  std::size_t node = 0;
  for (std::size_t level = 0; level < start.level; ++level) {
    const std::size_t edge = priced.edge(level, node, start.chosen[level]);
    so_far_s += bound_s_[level][edge];
    node = priced.next(level, edge);
  }
  for (std::size_t choice = start.first_choice; choice < start.last_choice; ++choice) {
    const std::size_t edge = priced.edge(start.level, start.node, choice);
    if (priced.edge_s[start.level][edge] == kNever) continue;
    const double bound_s = so_far_s + bound_s_[start.level][edge] +
                           bound_after_s_[start.level + 1][priced.next(start.level, edge)];
    if (bound_s != kNever && kBoundSafety * bound_s <= mapped_.requirement_s()) return true;
  }
  return false;
}

double CountedNetworks::bound_of(std::size_t level, std::size_t edge) const {
  if (mapped_.priced.edge_s[level][edge] == kNever) return kNever;
  double bound_s = 0;
  for (const SpaceGraph::Placed& placed : mapped_.priced.placed(level, edge)) {
    const LayerResult& result = mapped_.priced.result(placed);
    // Without a design for the ledger the layer, and so its network, ends its power cycles.
    bound_s += result.fluid ? result.fluid->fluid_s : result.best->latency_s;
  }
  return bound_s;
}

void CountedNetworks::find_bounds() {
  const PricedGraph& priced = mapped_.priced;
  for (std::size_t level = 0; level < priced.levels(); ++level) {
    std::vector<double>& bounds = bound_s_.emplace_back();
    for (std::size_t edge = 0; edge < priced.edge_s[level].size(); ++edge) {
      bounds.push_back(bound_of(level, edge));
    }
  }
  bound_after_s_.resize(priced.levels() + 1);
  bound_after_s_[priced.levels()].resize(priced.graph.ends, 0);
  for (std::size_t level = priced.levels(); level-- > 0;) {
    for (std::size_t node = 0; node < priced.graph.nodes(level); ++node) {
      double least_s = kNever;
      for (std::size_t choice = 0; choice < priced.choices(level); ++choice) {
        const std::size_t edge = priced.edge(level, node, choice);
        if (priced.edge_s[level][edge] == kNever) continue;
        least_s = std::min(
            least_s, bound_s_[level][edge] + bound_after_s_[level + 1][priced.next(level, edge)]);
      }
      bound_after_s_[level].push_back(least_s);
    }
  }
}

std::vector<std::size_t> CountedNetworks::draw_path(const RoundedCounts& counts, std::int64_t steps,
                                                    std::mt19937_64& random) const {
  const PricedGraph& priced = mapped_.priced;
  std::vector<std::size_t> choices(priced.levels());
  std::size_t node = 0;
  for (std::size_t level = 0; level < priced.levels(); ++level) {
    const bool decided = priced.graph.levels[level].decided();
    double rest = decided ? draw_unit(random) * counts.at_most(level, node, steps) : 0;
    std::optional<std::size_t> chosen;  // an edge
    for (std::size_t choice = 0; choice < priced.choices(level); ++choice) {
      const std::size_t edge = priced.edge(level, node, choice);
      const std::optional<std::int64_t> shift = counts.steps_of(level, edge);
      if (!shift) continue;
      const double networks = counts.at_most(level + 1, priced.next(level, edge), steps - *shift);
      if (networks == 0) continue;
      choices[level] = choice;  // the last one takes what rounding leaves
      chosen = edge;
      if (rest < networks) break;
      rest -= networks;
    }
    steps -= counts.steps_of(level, chosen.value()).value();
    node = priced.next(level, *chosen);
  }
  return choices;
}

bool CountedNetworks::is_feasible(const std::vector<std::size_t>& choices) const {
  if (bounds_) {
    const double latency_s = mapped_.scheduled_s(choices);
    return latency_s != kNever && latency_s <= mapped_.requirement_s();
  }
  const PricedGraph& priced = mapped_.priced;
  double latency_s = 0;
  std::size_t node = 0;
  for (std::size_t level = 0; level < priced.levels(); ++level) {
    const std::size_t edge = priced.edge(level, node, level < choices.size() ? choices[level] : 0);
    latency_s = priced.longer_s(level, edge, latency_s);
    node = priced.next(level, edge);
  }
  return latency_s <= mapped_.requirement_s() && mapped_.within_nvm(choices);
}

std::optional<Architecture> CountedNetworks::sample_feasible(std::mt19937_64& random) const {
  constexpr int kMaxDraws = 1'000'000;
  const double limit_s = mapped_.requirement_s();
  if (!rounded_) return std::nullopt;
  // A schedule may be far below the sum by layers, but not below its bound.
  const bool scheduled = bounds_.has_value();
  if (scheduled ? kBoundSafety * bound_after_s_[0][0] > limit_s : least_s_ > limit_s) {
    return std::nullopt;
  }
  const RoundedCounts& counts = scheduled ? *bounds_ : *rounded_;
  const std::int64_t steps = steps_within(counts, limit_s + error_s_);
  for (int draw = 0; draw < kMaxDraws; ++draw) {
    const std::vector<std::size_t> choices = draw_path(counts, steps, random);
    if (is_feasible(choices)) return architecture_of(mapped_.priced, choices);
  }
  throw Error(
      fmt::format("none of {} networks drawn near the latency requirement is feasible; a longer "
                  "search.latency_requirement_s or a larger platform.nvm_bytes may help",
                  kMaxDraws));
}

std::optional<double> CountedNetworks::draw_scheduled_s(std::mt19937_64& random) const {
  if (!bounds_) return std::nullopt;
  return mapped_.scheduled_s(draw_path(*bounds_, bounds_->largest(), random));
}

std::vector<SizeClass> CountedNetworks::fastest(std::size_t count, SizeMeasure) const {
  // Best first: a path's bound is its latency and the least of what follows. That is added in
  // another order than the network's own, so it is lowered by more than their roundings.
  constexpr double kSafety = 1 - 1e-12;
  constexpr int kMostLookedAt = 100'000;
  if (!rounded_) return {};
  const PricedGraph& priced = mapped_.priced;
  SizeClass all;
  all.below = std::numeric_limits<std::int64_t>::max();
  all.networks = priced.executable_after[0][0];
  std::priority_queue<Candidate, std::vector<Candidate>, LaterCandidate> open;
  open.push({kSafety * priced.least_after_s[0][0], {}, 0, 0});
  int looked_at = 0;
  while (!open.empty() && all.fastest.size() < count) {
    const Candidate best = open.top();
    open.pop();
    const std::size_t level = best.choices.size();
    if (level == priced.levels()) {
      if (++looked_at > kMostLookedAt) {
        throw Error(
            fmt::format("the {} fastest networks exceed NVM; a larger platform.nvm_bytes may "
                        "help",
                        kMostLookedAt));
      }
      if (mapped_.within_nvm(best.choices)) {
        all.fastest.push_back(
            mapped_.ranked(architecture_of(priced, best.choices), best.latency_s));
      }
      continue;
    }
    for (std::size_t choice = 0; choice < priced.choices(level); ++choice) {
      const std::size_t edge = priced.edge(level, best.node, choice);
      const double latency_s = priced.longer_s(level, edge, best.latency_s);
      if (latency_s == kNever) continue;
      const std::size_t next = priced.next(level, edge);
      const double least_s = priced.least_after_s[level + 1][next];
      if (least_s == kNever) continue;
      const bool whole = level + 1 == priced.levels();
      Candidate longer{whole ? latency_s : kSafety * (latency_s + least_s), best.choices, next,
                       latency_s};
      longer.choices.push_back(choice);
      open.push(std::move(longer));
    }
  }
  return {all};
}

}  // namespace inas::explorer
