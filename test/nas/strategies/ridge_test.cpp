#include "strategies/ridge.hpp"

#include <random>

#include <Eigen/Dense>
#include <gtest/gtest.h>

namespace inas::nas {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

struct Samples {
  MatrixXd x;  ///< one row each
  VectorXd y;
};

/// Features of very different means and sizes, and one that never changes.
Samples random_samples(Eigen::Index count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Samples samples{MatrixXd(count, 5), VectorXd(count)};
  for (Eigen::Index row = 0; row < count; ++row) {
    samples.x.row(row) << (normal(random) > 0 ? 1.0 : 0.0), 1e3 + normal(random),
        1e-3 * normal(random), 12 + 2 * normal(random), 7;
    samples.y(row) = 0.8 + 0.02 * samples.x(row, 0) + 0.01 * normal(random);
  }
  return samples;
}

Ridge fitted(const Samples& samples, double lambda) {
  return fit_ridge(samples.x, samples.y, lambda);
}

TEST(Ridge, WeightsEqualAPlainLeastSquaresSolveWithTheLTwoTermAsRows) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    for (const double lambda : {1e-3, 1.0, 30.0}) {
      const Samples samples = random_samples(40, seed);
      MatrixXd z = samples.x.rowwise() - samples.x.colwise().mean();
      for (Eigen::Index i = 0; i < z.cols(); ++i) {
        const double deviation = std::sqrt(z.col(i).squaredNorm() / 40);
        if (deviation > 0) z.col(i) /= deviation;
      }
      // min |Az − b|² with √λ·I below A and zeros below b.
      MatrixXd a(45, 5);
      a << z, std::sqrt(lambda) * MatrixXd::Identity(5, 5);
      VectorXd b = VectorXd::Zero(45);
      b.head(40) = samples.y.array() - samples.y.mean();
      const VectorXd expected = a.colPivHouseholderQr().solve(b);
      const Ridge ridge = fitted(samples, lambda);
      EXPECT_LT((ridge.weights - expected).norm(), 1e-9) << seed << ", " << lambda;
      for (Eigen::Index row = 0; row < 40; ++row) {
        EXPECT_NEAR(ridge.predict(samples.x.row(row).transpose()),
                    samples.y.mean() + z.row(row).dot(expected), 1e-9);
      }
    }
  }
}

TEST(Ridge, WithoutAnLTwoTermWorthMentioningALinearFunctionIsFoundAgain) {
  Samples samples = random_samples(20, 4);
  const VectorXd w = (VectorXd(5) << 0.3, -0.2, 50, 0.01, 0).finished();
  samples.y = (samples.x * w).array() + 4;
  const Ridge ridge = fitted(samples, 1e-9);
  const Samples others = random_samples(20, 5);
  for (Eigen::Index row = 0; row < 20; ++row) {
    EXPECT_NEAR(ridge.predict(others.x.row(row).transpose()), others.x.row(row).dot(w) + 4, 1e-6);
  }
}

TEST(Ridge, OneSampleIsPredictedEverywhere) {
  const Samples samples = random_samples(2, 6);
  const Ridge ridge = fit_ridge(samples.x.topRows(1), VectorXd::Constant(1, 0.7), 1);
  EXPECT_DOUBLE_EQ(ridge.predict(samples.x.row(1).transpose()), 0.7);
}

}  // namespace
}  // namespace inas::nas
