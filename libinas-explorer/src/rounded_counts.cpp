#include "rounded_counts.hpp"

#include <algorithm>
#include <cmath>

#include "parallel.hpp"

namespace inas::explorer {

RoundedCounts::RoundedCounts(const PricedGraph& priced,
                             const std::vector<std::vector<double>>& edge_s, double step_s,
                             std::int64_t threads)
    : edge_s_(edge_s), step_s_(step_s), counts_(priced.levels() + 1) {
  counts_.back().resize(priced.graph.ends, Counts{.first = 0, .at_most = {1}});
  for (std::size_t level = priced.levels(); level-- > 0;) {
    counts_[level].resize(priced.graph.nodes(level));
    parallel_for(counts_[level].size(), threads,
                 [&](std::size_t node) { counts_[level][node] = count(priced, level, node); });
  }
}

std::optional<std::int64_t> RoundedCounts::steps_of(std::size_t level, std::size_t edge) const {
  const double latency_s = edge_s_[level][edge];
  if (latency_s == kNever) return std::nullopt;
  return std::llround(latency_s / step_s_);
}

double RoundedCounts::at_most(std::size_t level, std::size_t node, std::int64_t steps) const {
  const Counts& counts = counts_[level][node];
  if (counts.at_most.empty() || steps < counts.first) return 0;
  return counts.at_most[static_cast<std::size_t>(std::min(steps, counts.last()) - counts.first)];
}

RoundedCounts::Counts RoundedCounts::count(const PricedGraph& priced, std::size_t level,
                                           std::size_t node) const {
  struct Step {
    std::int64_t shift;
    const Counts* next;
  };
  std::vector<Step> steps;
  std::int64_t first = 0;
  std::int64_t last = 0;
  for (std::size_t choice = 0; choice < priced.choices(level); ++choice) {
    const std::size_t edge = priced.edge(level, node, choice);
    const std::optional<std::int64_t> shift = steps_of(level, edge);
    if (!shift) continue;
    const Counts& next = counts_[level + 1][priced.next(level, edge)];
    if (next.at_most.empty()) continue;
    first = steps.empty() ? *shift + next.first : std::min(first, *shift + next.first);
    last = steps.empty() ? *shift + next.last() : std::max(last, *shift + next.last());
    steps.push_back({*shift, &next});
  }
  Counts counts;
  if (steps.empty()) return counts;
  counts.first = first;
  counts.at_most.assign(static_cast<std::size_t>(last - first + 1), 0.0);
  // Cumulative counts add up like counts: shifted, and constant behind their end.
  for (const Step& step : steps) {
    auto at = static_cast<std::size_t>(step.shift + step.next->first - first);
    for (const double networks : step.next->at_most) counts.at_most[at++] += networks;
    for (; at < counts.at_most.size(); ++at) counts.at_most[at] += step.next->at_most.back();
  }
  return counts;
}

}  // namespace inas::explorer
