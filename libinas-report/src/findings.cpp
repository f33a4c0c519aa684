#include "findings.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>

namespace inas::report {

std::vector<const TrialRow*> drawn_trials(std::span<const TrialRow> trials) {
  std::vector<const TrialRow*> drawn;
  for (const TrialRow& trial : trials) {
    if (!trial.accuracy || !std::isfinite(*trial.accuracy)) continue;
    if (!trial.latency_s || !std::isfinite(*trial.latency_s)) continue;
    drawn.push_back(&trial);
  }
  return drawn;
}

std::vector<const TrialRow*> short_trials(std::span<const TrialRow> trials) {
  std::vector<const TrialRow*> drawn = drawn_trials(trials);
  std::erase_if(drawn, [](const TrialRow* trial) { return !trial->shortly; });
  return drawn;
}

std::vector<const TrialRow*> comparable_trials(std::span<const TrialRow> trials) {
  std::vector<const TrialRow*> drawn = drawn_trials(trials);
  std::erase_if(drawn, [](const TrialRow* trial) { return trial->shortly; });
  return drawn;
}

std::vector<const TrialRow*> pareto_front(std::span<const TrialRow> trials) {
  std::vector<const TrialRow*> drawn = comparable_trials(trials);
  std::stable_sort(drawn.begin(), drawn.end(), [](const TrialRow* a, const TrialRow* b) {
    if (*a->latency_s != *b->latency_s) return *a->latency_s < *b->latency_s;
    return *a->accuracy > *b->accuracy;
  });
  std::vector<const TrialRow*> front;
  double best = -std::numeric_limits<double>::infinity();
  for (const TrialRow* trial : drawn) {
    if (*trial->accuracy <= best) continue;
    best = *trial->accuracy;
    front.push_back(trial);
  }
  return front;
}

std::vector<const TrialRow*> improvements(std::span<const TrialRow> trials,
                                          std::optional<double> requirement_s) {
  std::vector<const TrialRow*> result;
  double best = -std::numeric_limits<double>::infinity();
  for (const TrialRow* trial : comparable_trials(trials)) {
    if (requirement_s && *trial->latency_s > *requirement_s) continue;
    if (*trial->accuracy <= best) continue;
    best = *trial->accuracy;
    result.push_back(trial);
  }
  return result;
}

std::vector<RefusalCount> refusal_counts(std::span<const TrialRow> trials) {
  std::map<std::string, std::map<std::string, std::int64_t>> layers;
  for (const TrialRow& trial : trials) {
    if (trial.refusal) ++layers[trial.refusal->constraint][trial.refusal->layer];
  }
  std::vector<RefusalCount> counts;
  for (const auto& [constraint, of_layers] : layers) {
    RefusalCount count{.constraint = constraint, .count = 0, .layer = "", .of_layer = 0};
    for (const auto& [layer, number] : of_layers) {
      count.count += number;
      if (number > count.of_layer) {
        count.layer = layer;
        count.of_layer = number;
      }
    }
    counts.push_back(std::move(count));
  }
  std::stable_sort(counts.begin(), counts.end(),
                   [](const RefusalCount& a, const RefusalCount& b) { return a.count > b.count; });
  return counts;
}

CycleBars cycle_bars(std::span<const double> energy_j, std::int64_t bars) {
  CycleBars result;
  const auto cycles = static_cast<std::int64_t>(energy_j.size());
  result.each = std::max<std::int64_t>(1, (cycles + bars - 1) / bars);
  for (std::int64_t start = 0; start < cycles; start += result.each) {
    const auto length = static_cast<std::size_t>(std::min(result.each, cycles - start));
    const auto group = energy_j.subspan(static_cast<std::size_t>(start), length);
    result.energy_j.push_back(*std::max_element(group.begin(), group.end()));
  }
  return result;
}

}  // namespace inas::report
