#pragma once

#include "mapped_networks.hpp"
#include "rounded_counts.hpp"

namespace inas::explorer {

/// The networks of a space that is too large to list, by dynamic programming over its nodes.
class CountedNetworks final : public MappedNetworks {
 public:
  explicit CountedNetworks(const MappedSpace& mapped);

  void count(SpaceCounts& counts) const override;
  [[nodiscard]] FailureCounts failures() const override { return count_failures(mapped_.priced); }
  [[nodiscard]] double executable() const override;
  [[nodiscard]] double within(double latency_s) const override;
  [[nodiscard]] double latency_s_at(double rank) const override;
  void for_each(const std::function<void(double, double)>& visit) const override;
  [[nodiscard]] double least_s(const PathStart& start) const override;
  [[nodiscard]] bool can_be_feasible(const PathStart& start) const override;
  [[nodiscard]] std::optional<Architecture> sample_feasible(std::mt19937_64& random) const override;
  [[nodiscard]] std::optional<double> draw_scheduled_s(std::mt19937_64& random) const override;
  [[nodiscard]] std::vector<SizeClass> fastest(std::size_t count,
                                               SizeMeasure measure) const override;
  [[nodiscard]] double latency_error_s() const override { return error_s_; }
  [[nodiscard]] std::int64_t bins() const override { return bins_; }

 private:
  /// The steps of `counts` that make at most `latency_s`, all of them if it is infinite.
  [[nodiscard]] static std::int64_t steps_within(const RoundedCounts& counts, double latency_s);
  /// Networks whose rounded latency is at most so many steps.
  [[nodiscard]] double at_most(std::int64_t steps) const { return rounded_->at_most(0, 0, steps); }

  /// With a ledger: can a network that starts so be feasible as scheduled? Exact for a whole one;
  /// for others no is certain.
  [[nodiscard]] bool can_be_scheduled(const PathStart& start) const;
  /// A path with a sum of at most so many steps of `counts`, of which there must be one, each
  /// equally likely: a choice of each level.
  [[nodiscard]] std::vector<std::size_t> draw_path(const RoundedCounts& counts, std::int64_t steps,
                                                   std::mt19937_64& random) const;
  /// Of a choice of each level; levels left out decide nothing. The network must be executable.
  [[nodiscard]] bool is_feasible(const std::vector<std::size_t>& choices) const;
  void find_bounds();
  [[nodiscard]] double bound_of(std::size_t level, std::size_t edge) const;

  const MappedSpace& mapped_;
  std::optional<RoundedCounts> rounded_;  ///< empty if no network is executable
  /// With a ledger: per level and edge, what its layers add to any schedule at least, infinite if
  /// it is not executable; how many networks have which sum of these; per level, the one behind the
  /// last included, and node, what any schedule takes at least from there.
  std::vector<std::vector<double>> bound_s_;
  std::optional<RoundedCounts> bounds_;
  std::vector<std::vector<double>> bound_after_s_;
  double least_s_ = 0;
  double largest_s_ = 0;
  double error_s_ = 0;
  std::int64_t bins_ = 0;
};

}  // namespace inas::explorer
