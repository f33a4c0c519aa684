#include "strategies/network_features.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace inas::nas {
namespace {

TEST(NetworkFeatures, AreChoicesAndLogarithmsOfTheWholeAndOfEachStage) {
  const SearchSpace space{.family = NetworkFamily::convolution_2d,
                          .input = {1, 8, 8},
                          .classes = 3,
                          .layers = 2,
                          .kernels = {1, 3},
                          .filters = {2, 4}};
  const NetworkFeatures features(space);
  const Eigen::VectorXd found = features.of({3, 4, 1, 2}, 0.5);
  // 3×3 with 4 filters leaves 4×6×6; 1×1 with 2 leaves 2×6×6; then 2 means and 3 classes.
  const double first = 4 * 36 * 9;
  const double second = 2 * 36 * 4;
  Eigen::VectorXd expected(15);
  expected << std::log1p(first), std::log1p(4 * 36), 0, 1, 0, 1,  //
      std::log1p(second), std::log1p(2 * 36), 1, 0, 1, 0,         //
      std::log1p(first + second + 2 * 3), std::log1p(4 * 9 + 2 * 4 + 2 * 3), std::log(0.5);
  EXPECT_EQ(features.count(), 15);
  EXPECT_TRUE(found.isApprox(expected, 1e-12)) << found.transpose() << "\n" << expected.transpose();
}

TEST(NetworkFeatures, HaveAsManyNumbersForAnyNetworkOfBlocks) {
  SearchSpace space{.family = NetworkFamily::blocks,
                    .input = {1, 28, 28},
                    .classes = 10,
                    .kernels = {3, 5},
                    .filters = {},
                    .strides = {1, 2}};
  space.blocks.resolutions = {20, 28};
  space.blocks.widths = {8, 12};
  const NetworkFeatures features(space);
  const std::vector<Decision> all = decisions(space);
  for (const bool largest : {false, true}) {
    Architecture architecture;
    for (const Decision& decision : all) {
      architecture.push_back(largest ? decision.values.back() : decision.values.front());
    }
    const Eigen::VectorXd found = features.of(architecture, 1);
    EXPECT_EQ(found.size(), features.count());
    EXPECT_TRUE(found.allFinite()) << found.transpose();
    EXPECT_NEAR(found(features.count() - 3),
                std::log1p(static_cast<double>(mac_count(build_network(space, architecture)))),
                1e-12);
  }
}

}  // namespace
}  // namespace inas::nas
