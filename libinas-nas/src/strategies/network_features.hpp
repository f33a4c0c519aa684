#pragma once

#include <vector>

#include <Eigen/Core>

#include <inas/core/search_space.hpp>
#include <inas/core/space_stage.hpp>

namespace inas::nas {

/// What is known of a network before it is trained, as numbers that its accuracy may depend on:
///
///   for each decision and each of its values 1 if it was chosen, else 0;
///   log MACs, log weights, log latency of the network;
///   for each stage with decisions the log of its MACs and of the values of the map behind it, so
///   that what a choice costs and leaves, which depends on those before, stands beside the choice.
///
/// Logarithms are of 1 + x but for the latency, in s.
class NetworkFeatures {
 public:
  explicit NetworkFeatures(const SearchSpace& space);

  [[nodiscard]] Eigen::Index count() const { return count_; }
  /// Of a network of the space whose kernels fit.
  [[nodiscard]] Eigen::VectorXd of(const Architecture& architecture, double latency_s) const;

 private:
  Shape input_;
  std::vector<Stage> stages_;
  Eigen::Index count_ = 0;
};

}  // namespace inas::nas
