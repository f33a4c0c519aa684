#include <string>

#include <gtest/gtest.h>

#include <inas/core/error.hpp>
#include <inas/costmodel/continuous.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/tiling.hpp>

namespace {

using inas::Design;
using inas::InvalidArgument;
using inas::Layer;
using inas::LoopOrder;
using inas::costmodel::check_design;

const Layer kConvolution = inas::make_convolution("CONV_0", {6, 14, 14}, 8, 3, 3);  // 8×12×12
const Layer kPool = inas::make_global_average_pool("GAVGPOOL_0", {8, 12, 9});

void expect_refused(const Layer& layer, const Design& design, const std::string& symbol) {
  SCOPED_TRACE(to_string(design));
  try {
    check_design(layer, design);
    ADD_FAILURE() << "accepted";
  } catch (const InvalidArgument& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find(layer.name), std::string::npos) << message;
    EXPECT_NE(message.find(symbol), std::string::npos) << message;
  }
}

TEST(CheckDesign, AcceptsDivisorsOddOnesToo) {
  EXPECT_NO_THROW(
      check_design(kConvolution, {.tile = {3, 4, 2, 3}, .order = LoopOrder::reuse_W, .batch = 12}));
  EXPECT_NO_THROW(check_design(kConvolution, {.tile = {12, 12, 8, 6}}));
  EXPECT_NO_THROW(check_design(kPool, {.tile = {4, 3, 8, 1}, .batch = 9}));
}

TEST(CheckDesign, RefusesTilesThatDoNotDivideTheLayer) {
  expect_refused(kConvolution, {.tile = {5, 4, 2, 3}}, "Tr");
  expect_refused(kConvolution, {.tile = {3, 24, 2, 3}}, "Tc");
  expect_refused(kConvolution, {.tile = {3, 4, 3, 3}}, "Tm");
  expect_refused(kConvolution, {.tile = {3, 4, 2, 4}}, "Tn");
  expect_refused(kConvolution, {.tile = {0, 4, 2, 3}}, "Tr");
  expect_refused(kConvolution, {.tile = {3, -4, 2, 3}}, "Tc");
}

TEST(CheckDesign, RefusesABatchThatDoesNotDivideItsLoop) {
  // μ = 4, ρ·γ = 12, ν = 2
  expect_refused(kConvolution, {.tile = {3, 4, 2, 3}, .order = LoopOrder::reuse_I, .batch = 3},
                 "S is 3");
  expect_refused(kConvolution, {.tile = {3, 4, 2, 3}, .order = LoopOrder::reuse_W, .batch = 8},
                 "S is 8");
  expect_refused(kConvolution, {.tile = {3, 4, 2, 3}, .order = LoopOrder::reuse_O, .batch = 4},
                 "S is 4");
  expect_refused(kConvolution, {.tile = {3, 4, 2, 3}, .batch = 0}, "S is 0");
  expect_refused(kPool, {.tile = {4, 3, 8, 1}, .batch = 2}, "S is 2");
}

TEST(CheckDesign, PoolingHasOneLoopOrderAndNoInputChannels) {
  expect_refused(kPool, {.tile = {4, 3, 8, 1}, .order = LoopOrder::reuse_I}, "reuse_O");
  expect_refused(kPool, {.tile = {4, 3, 8, 1}, .order = LoopOrder::reuse_W}, "reuse_O");
  expect_refused(kPool, {.tile = {4, 3, 8, 2}}, "Tn");
}

TEST(CheckDesign, BatchesPerCycleMustSplitTheLayerEvenly) {
  // 12×12 outputs of 8 channels from 6: ρ·γ = 4·3 = 12, μ = 4, ν = 2.
  Design design{.tile = {3, 4, 2, 3}, .order = LoopOrder::reuse_I, .batch = 2};
  for (const std::int64_t K : {1, 2, 4, 8, 12, 16, 24, 48}) {
    design.batches_per_cycle = K;
    EXPECT_NO_THROW(check_design(kConvolution, design)) << K;
  }
  for (const std::int64_t K : {0, 3, 5, 6, 10, 20, 96}) {
    design.batches_per_cycle = K;
    expect_refused(kConvolution, design, "K is");
  }
}

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
