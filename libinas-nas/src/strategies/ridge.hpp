#pragma once

#include <Eigen/Core>

namespace inas::nas {

/// Linear regression with an L2 term, on standardised features. Of n samples (x, y), with the means
/// x̄, ȳ and the standard deviations s of the features, z = (x − x̄)/s (0 where s is 0):
///
///   w = argmin Σ (y − ȳ − wᵀz)² + λ·|w|²,   prediction of x: ȳ + wᵀz.
///
/// Samples are added one by one and not kept: a fit costs the cube of the number of features,
/// however many samples there are.
class Ridge {
 public:
  Ridge(Eigen::Index features, double lambda);

  void add(const Eigen::VectorXd& x, double y);
  /// Fits to all samples so far; there must be one.
  void fit();
  /// Of the last fit.
  [[nodiscard]] double predict(const Eigen::VectorXd& x) const;
  /// w of the last fit.
  [[nodiscard]] const Eigen::VectorXd& weights() const { return weights_; }

 private:
  double lambda_;
  // Sums over the samples, of features and targets as they differ from the first sample's: what
  // all have in common would cost digits.
  double samples_ = 0;
  Eigen::VectorXd origin_;
  double target_origin_ = 0;
  Eigen::VectorXd sum_;
  Eigen::MatrixXd products_;
  double target_sum_ = 0;
  Eigen::VectorXd target_products_;

  Eigen::VectorXd mean_;
  Eigen::VectorXd inverse_deviation_;
  double target_mean_ = 0;
  Eigen::VectorXd weights_;
};

}  // namespace inas::nas
