#include "ridge.hpp"

#include <cassert>
#include <cmath>

#include <Eigen/Cholesky>

namespace inas::nas {

using Eigen::MatrixXd;
using Eigen::VectorXd;

Ridge fit_ridge(const MatrixXd& x, const VectorXd& y, double lambda) {
  assert(x.rows() > 0 && x.rows() == y.size() && lambda > 0);
  Ridge ridge;
  ridge.mean = x.colwise().mean();
  ridge.target_mean = y.mean();
  MatrixXd z = x.rowwise() - ridge.mean.transpose();
  const double samples = static_cast<double>(x.rows());
  // A feature that all samples share has a variance of rounding errors alone.
  constexpr double kNoVariance = 1e-20;
  ridge.inverse_deviation = VectorXd::Zero(x.cols());
  for (Eigen::Index i = 0; i < x.cols(); ++i) {
    const double variance = z.col(i).squaredNorm() / samples;
    if (variance > kNoVariance) ridge.inverse_deviation(i) = 1 / std::sqrt(variance);
  }
  z = z * ridge.inverse_deviation.asDiagonal();
  MatrixXd products = z.transpose() * z;
  products.diagonal().array() += lambda;
  ridge.weights = products.ldlt().solve(z.transpose() * (y.array() - ridge.target_mean).matrix());
  return ridge;
}

}  // namespace inas::nas
