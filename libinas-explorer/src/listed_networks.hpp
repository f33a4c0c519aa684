#pragma once

#include "mapped_networks.hpp"

namespace inas::explorer {

/// Every network of a space with its latency. All numbers are exact.
class ListedNetworks final : public MappedNetworks {
 public:
  explicit ListedNetworks(const MappedSpace& mapped);

  void count(SpaceCounts& counts) const override;
  [[nodiscard]] FailureCounts failures() const override { return listing_.failures; }
  [[nodiscard]] double executable() const override {
    return static_cast<double>(listing_.sorted_s.size());
  }
  [[nodiscard]] double within(double latency_s) const override;
  [[nodiscard]] double latency_s_at(double rank) const override {
    return listing_.sorted_s[static_cast<std::size_t>(rank)];
  }
  void for_each(const std::function<void(double, double)>& visit) const override;
  [[nodiscard]] double least_s(const PathStart& start) const override;
  [[nodiscard]] bool can_be_feasible(const PathStart& start) const override;
  [[nodiscard]] std::optional<Architecture> sample_feasible(std::mt19937_64& random) const override;
  [[nodiscard]] std::vector<SizeClass> fastest(std::size_t count,
                                               SizeMeasure measure) const override;
  [[nodiscard]] std::span<const double> latencies_s() const override { return listing_.latency_s; }
  [[nodiscard]] Architecture architecture(std::size_t index) const override;

 private:
  [[nodiscard]] bool feasible(std::size_t index) const;
  /// Are all latencies sums over layers, of networks that all fit NVM?
  [[nodiscard]] bool additive() const {
    return !mapped_.nvm_matters() && !mapped_.priced.prices.has_value();
  }

  const MappedSpace& mapped_;
  std::vector<std::size_t> below_;  ///< networks below a node of each level
  SpaceListing listing_;
  std::vector<std::uint32_t> feasible_before_;  ///< each block of listed networks, and their sum
};

}  // namespace inas::explorer
