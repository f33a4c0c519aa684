#pragma once

#include <Eigen/Core>

namespace inas::nas {

/// Linear regression with an L2 term, on standardised features. Of samples (x, y) with the means x̄,
/// ȳ and the standard deviations s of the features, z = (x − x̄)/s (0 where s is 0):
///
///   w = argmin Σ (y − ȳ − wᵀz)² + λ·|w|²,   prediction of x: ȳ + wᵀz.
struct Ridge {
  Eigen::VectorXd mean;               ///< x̄
  Eigen::VectorXd inverse_deviation;  ///< 1/s, 0 where s is 0
  double target_mean = 0;             ///< ȳ
  Eigen::VectorXd weights;            ///< w

  [[nodiscard]] double predict(const Eigen::VectorXd& x) const {
    return target_mean + weights.dot(inverse_deviation.cwiseProduct(x - mean));
  }
};

/// Fits to samples, a row of `x` and a value of `y` each; one at least. λ > 0.
[[nodiscard]] Ridge fit_ridge(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, double lambda);

}  // namespace inas::nas
