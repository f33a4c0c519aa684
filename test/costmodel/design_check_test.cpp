#include <gtest/gtest.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/continuous.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/costmodel/intermittent.hpp>

namespace {

using inas::Design;
using inas::InvalidArgument;
using inas::Layer;

const Layer kConvolution = inas::make_convolution("CONV_0", {6, 14, 14}, 8, 3, 3);  // 8×12×12

TEST(CheckDesign, EveryPriceChecksItsDesign) {
  const auto device = inas::costmodel::make_device({}, {});
  const Design wrong{.tile = {5, 4, 2, 3}};
  EXPECT_THROW((void)inas::costmodel::intermittent_cost(device, kConvolution, wrong),
               InvalidArgument);
  EXPECT_THROW((void)inas::costmodel::continuous_cost(device.profile, kConvolution, wrong),
               InvalidArgument);
  EXPECT_THROW((void)inas::costmodel::nvm_traffic(device.profile, kConvolution, wrong),
               InvalidArgument);
  EXPECT_THROW(
      (void)inas::costmodel::published_single_cycle_traffic(device.profile, kConvolution, wrong),
      InvalidArgument);
}

TEST(CheckDesign, ContinuousPowerPreservesNothing) {
  const auto device = inas::costmodel::make_device({}, {});
  const Design batched{.tile = {3, 4, 2, 3}, .batch = 2};
  EXPECT_NO_THROW((void)inas::costmodel::intermittent_cost(device, kConvolution, batched));
  EXPECT_THROW((void)inas::costmodel::continuous_cost(device.profile, kConvolution, batched),
               InvalidArgument);
}

}  // namespace
