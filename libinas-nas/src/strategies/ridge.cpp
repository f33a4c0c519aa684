#include "ridge.hpp"

#include <cassert>
#include <cmath>

#include <Eigen/Cholesky>

namespace inas::nas {

using Eigen::MatrixXd;
using Eigen::VectorXd;

Ridge::Ridge(Eigen::Index features, double lambda)
    : lambda_(lambda),
      sum_(VectorXd::Zero(features)),
      products_(MatrixXd::Zero(features, features)),
      target_products_(VectorXd::Zero(features)) {}

void Ridge::add(const VectorXd& x, double y) {
  if (samples_ == 0) {
    origin_ = x;
    target_origin_ = y;
  }
  const VectorXd moved = x - origin_;
  const double target = y - target_origin_;
  samples_ += 1;
  sum_ += moved;
  products_ += moved * moved.transpose();
  target_sum_ += target;
  target_products_ += target * moved;
}

void Ridge::fit() {
  assert(samples_ > 0);
  mean_ = sum_ / samples_;
  target_mean_ = target_sum_ / samples_;
  MatrixXd covariance = products_ - samples_ * mean_ * mean_.transpose();
  VectorXd with_target = target_products_ - samples_ * target_mean_ * mean_;
  // A feature that all samples share has a variance of rounding errors alone.
  constexpr double kNoVariance = 1e-12;
  inverse_deviation_ = VectorXd::Zero(mean_.size());
  for (Eigen::Index i = 0; i < mean_.size(); ++i) {
    const double variance = covariance(i, i) / samples_;
    if (variance > kNoVariance) inverse_deviation_(i) = 1 / std::sqrt(variance);
  }
  covariance = inverse_deviation_.asDiagonal() * covariance * inverse_deviation_.asDiagonal();
  covariance.diagonal().array() += lambda_;
  with_target = inverse_deviation_.asDiagonal() * with_target;
  weights_ = covariance.ldlt().solve(with_target);
}

double Ridge::predict(const VectorXd& x) const {
  const VectorXd moved = x - origin_ - mean_;
  return target_origin_ + target_mean_ + weights_.dot(inverse_deviation_.cwiseProduct(moved));
}

}  // namespace inas::nas
