#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <inas/report/study_page.hpp>

/// What the figures show of the trials beside the trials themselves.
namespace inas::report {

/// Trials that are drawn: those with an accuracy and a latency that are finite numbers.
[[nodiscard]] std::vector<const TrialRow*> drawn_trials(std::span<const TrialRow> trials);

/// Of those the ones that were trained shortly, and those that were not: their accuracies compare.
[[nodiscard]] std::vector<const TrialRow*> short_trials(std::span<const TrialRow> trials);
[[nodiscard]] std::vector<const TrialRow*> comparable_trials(std::span<const TrialRow> trials);

/// Of the latter the ones that no other beats: none is at least as fast and at least as accurate,
/// and better in one of the two. By latency; of equal ones the earliest.
[[nodiscard]] std::vector<const TrialRow*> pareto_front(std::span<const TrialRow> trials);

/// The comparable trials that were the best when they ended: each is more accurate than all before
/// it that meet the requirement, as it does itself.
[[nodiscard]] std::vector<const TrialRow*> improvements(std::span<const TrialRow> trials,
                                                        std::optional<double> requirement_s);

/// How often a constraint was the reason, and the layer that it was most often about.
struct RefusalCount {
  std::string constraint;
  std::int64_t count = 0;
  std::string layer;  ///< empty: mostly the whole network
  std::int64_t of_layer = 0;
};
/// The most frequent first; of equal ones that which comes first in the alphabet.
[[nodiscard]] std::vector<RefusalCount> refusal_counts(std::span<const TrialRow> trials);

/// Energies of power cycles in at most `bars` groups of `each` consecutive ones; of every group the
/// dearest.
struct CycleBars {
  std::int64_t each = 1;
  std::vector<double> energy_j;
};
[[nodiscard]] CycleBars cycle_bars(std::span<const double> energy_j, std::int64_t bars);

}  // namespace inas::report
