#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/core/network.hpp>

namespace inas {
namespace {

TEST(Layer, CountsWeightsAndMacs) {
  const Layer convolution = make_convolution("C", {3, 32, 30}, 8, 5, 3);
  EXPECT_EQ(convolution.ofm, (Shape{8, 28, 28}));
  EXPECT_EQ(weight_count(convolution), 8 * 3 * 5 * 3);
  EXPECT_EQ(mac_count(convolution), 8 * 3 * 5 * 3 * 28 * 28);
  const Layer pool = make_global_average_pool("P", {8, 28, 28});
  EXPECT_EQ(pool.ofm, (Shape{8, 1, 1}));
  EXPECT_EQ(weight_count(pool), 0);
  const Layer connected = make_fully_connected("F", {2, 5, 1}, 7);
  EXPECT_EQ(weight_count(connected), 70);
  EXPECT_EQ(mac_count(connected), 70);
}

TEST(Layer, AKernelAsLargeAsItsInputIsLegal) {
  EXPECT_EQ(make_convolution("C", {2, 8, 8}, 4, 8, 8).ofm, (Shape{4, 1, 1}));
  EXPECT_EQ(make_global_average_pool("P", {2, 1, 1}).ofm, (Shape{2, 1, 1}));
}

TEST(Layer, MaxPoolingKeepsWholeWindowsAndHasNoWeights) {
  const Layer even = make_max_pooling("P", {3, 8, 6}, 2, 2, 2);
  EXPECT_EQ(even.type, LayerType::max_pool);
  EXPECT_EQ(even.ofm, (Shape{3, 4, 3}));
  EXPECT_EQ(weight_count(even), 0);
  EXPECT_EQ(mac_count(even), 0);
  EXPECT_EQ(make_max_pooling("P", {3, 9, 7}, 2, 2, 2).ofm, (Shape{3, 4, 3}));
  EXPECT_EQ(make_max_pooling("P", {3, 9, 1}, 2, 1, 2).ofm, (Shape{3, 4, 1}));
  EXPECT_EQ(make_max_pooling("P", {3, 9, 7}, 3, 3, 1).ofm, (Shape{3, 7, 5}));
  EXPECT_EQ(make_max_pooling("P", {3, 2, 2}, 2, 2, 65'535).ofm, (Shape{3, 1, 1}));
}

TEST(Layer, BrokenMaxPoolingIsRefusedWithTheLayersName) {
  test::expect_error([] { (void)make_max_pooling("P", {3, 1, 8}, 2, 2, 2); }, "P: the kernel is");
  for (const std::int64_t stride : {0, -2, 65'536}) {
    test::expect_error(
        [&] {
          (void)make_max_pooling("P", {3, 8, 8}, 2, 2, stride);
        },
        "P: the stride");
  }
  const Layer good = make_max_pooling("P", {3, 8, 8}, 2, 2, 2);
  for (const auto fault :
       {+[](Layer& layer) { layer.ofm.channels = 4; }, +[](Layer& layer) { layer.ofm.height = 3; },
        +[](Layer& layer) { layer.ofm.width = 7; }, +[](Layer& layer) { layer.stride = 1; },
        +[](Layer& layer) { layer.kernel_width = 0; }}) {
    Layer layer = good;
    fault(layer);
    test::expect_error([&] { validate(layer); }, "P: ");
  }
}

TEST(Layer, OnlyLayersWithWeightsMayHaveABias) {
  Layer convolution = make_convolution("C", {2, 8, 8}, 5, 3, 3);
  EXPECT_EQ(bias_count(convolution), 0);
  const std::int64_t weights = weight_count(convolution);
  convolution.bias = true;
  EXPECT_NO_THROW(validate(convolution));
  EXPECT_EQ(bias_count(convolution), 5);
  EXPECT_EQ(weight_count(convolution), weights);
  for (Layer pooling :
       {make_max_pooling("P", {3, 8, 8}, 2, 2, 2), make_global_average_pool("P", {2, 4, 4})}) {
    pooling.bias = true;
    test::expect_error([&] { validate(pooling); }, "P: found a bias, allowed: none");
  }
}

TEST(Layer, BrokenGeometryIsRefusedWithTheLayersName) {
  const Layer good = make_convolution("CONV_7", {3, 8, 8}, 4, 3, 3);
  const std::vector<std::function<void(Layer&)>> faults{
      [](Layer& layer) { layer.stride = 2; },
      [](Layer& layer) { layer.ofm.height = 8; },
      [](Layer& layer) { layer.ofm.width = 5; },
      [](Layer& layer) { layer.kernel_height = 9; },
      [](Layer& layer) { layer.kernel_width = 0; },
      [](Layer& layer) { layer.ifm.channels = -3; },
      [](Layer& layer) { layer.ofm.channels = 65'536; },
      [](Layer& layer) { layer.type = LayerType::fully_connected; },
      [](Layer& layer) { layer.type = LayerType::global_average_pool; },
  };
  for (std::size_t fault = 0; fault < faults.size(); ++fault) {
    SCOPED_TRACE(fault);
    Layer layer = good;
    faults[fault](layer);
    test::expect_error([&] { validate(layer); }, "CONV_7");
  }
}

TEST(Layer, SizesWhoseProductsOverflowAreRefused) {
  test::expect_error(
      [] {
        (void)make_convolution("BIG", {65'535, 65'535, 65'535}, 1, 1, 1);
      },
      "BIG");
  test::expect_error([] { (void)make_fully_connected("BIG", {1, 65'535, 32'767}, 65'535); }, "BIG");
}

TEST(Layer, WeightsEndAtTheLargestOf32Bits) {
  EXPECT_EQ(weight_count(make_fully_connected("F", {32'768, 1, 1}, 65'535)), 2'147'450'880);
  test::expect_error([] { (void)make_fully_connected("F", {32'769, 1, 1}, 65'535); }, "F");
}

TEST(Layer, EveryExtentIsFromOneTo65535) {
  const Layer good = make_convolution("CONV_7", {3, 8, 8}, 4, 3, 3);
  for (const auto field : {+[](Layer& layer) { return &layer.ifm.channels; },
                           +[](Layer& layer) { return &layer.ifm.height; },
                           +[](Layer& layer) { return &layer.ifm.width; },
                           +[](Layer& layer) { return &layer.ofm.channels; },
                           +[](Layer& layer) { return &layer.ofm.height; },
                           +[](Layer& layer) { return &layer.ofm.width; },
                           +[](Layer& layer) { return &layer.kernel_height; },
                           +[](Layer& layer) { return &layer.kernel_width; }}) {
    for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{65'536},
                                     std::int64_t{1} << 62, std::int64_t{1} << 32}) {
      Layer layer = good;
      *field(layer) = value;
      test::expect_error([&] { validate(layer); }, "CONV_7");
    }
  }
}

/// The runtime's division of a sum by their number holds up to there.
TEST(Layer, AWindowOfAveragePoolingHasFewerThan32768Positions) {
  const Shape map{2, 60'000, 1};
  EXPECT_NO_THROW((void)make_average_pooling("P", map, 32'767, 1, 1));
  for (const std::int64_t height : {32'768, 40'000, 60'000}) {
    test::expect_error([&] { (void)make_average_pooling("P", map, height, 1, 1); },
                       fmt::format("P: the number of pixels that are averaged is {}, allowed: 1 to "
                                   "32767",
                                   height));
    EXPECT_NO_THROW((void)make_max_pooling("P", map, height, 1, 1));
  }
  test::expect_error(
      [] {
        (void)make_average_pooling("P", {2, 256, 200}, 256, 128, 1);
      },
      "pixels that are averaged is 32768");
  EXPECT_NO_THROW((void)make_global_average_pool("P", map));
}

TEST(LayerType, NamesRoundTripAndOthersAreRefused) {
  for (const char* name : {"CONV", "FC", "GAVGPOOL", "MAXPOOL", "DWCONV", "AVGPOOL", "ADD"}) {
    EXPECT_EQ(to_string(parse_layer_type(name)), name);
  }
  for (const char* name : {"", "conv", "CONV ", "POOL"}) {
    test::expect_error([&] { (void)parse_layer_type(name); },
                       "CONV, FC, GAVGPOOL, MAXPOOL, DWCONV, AVGPOOL, ADD");
  }
}

TEST(Layer, StridesAndPaddingSetTheOutputsExtents) {
  const Padding same = same_padding(3, 3);
  EXPECT_EQ(same, (Padding{1, 1, 1, 1}));
  EXPECT_EQ(same_padding(4, 1), (Padding{.top = 1, .left = 0, .bottom = 2, .right = 0}));
  EXPECT_EQ(make_convolution("C", {3, 28, 27}, 8, 3, 3, 1, same).ofm, (Shape{8, 28, 27}));
  EXPECT_EQ(make_convolution("C", {3, 28, 27}, 8, 3, 3, 2, same).ofm, (Shape{8, 14, 14}));
  EXPECT_EQ(make_convolution("C", {3, 28, 27}, 8, 3, 3, 2).ofm, (Shape{8, 13, 13}));
  EXPECT_EQ(make_convolution("C", {3, 2, 2}, 8, 5, 5, 1, same_padding(5, 5)).ofm, (Shape{8, 2, 2}));
  EXPECT_EQ(make_max_pooling("P", {3, 7, 7}, 3, 3, 2, same).ofm, (Shape{3, 4, 4}));
  EXPECT_EQ(make_average_pooling("P", {3, 7, 7}, 2, 2, 2, {.right = 1}).ofm, (Shape{3, 3, 4}));
  const Layer depthwise = make_depthwise_convolution("D", {6, 9, 9}, 3, 5, 2, same_padding(3, 5));
  EXPECT_EQ(depthwise.ofm, (Shape{6, 5, 5}));
  EXPECT_EQ(weight_count(depthwise), 6 * 3 * 5);
  EXPECT_EQ(mac_count(depthwise), 6 * 3 * 5 * 5 * 5);
}

TEST(Layer, PaddingIsLessThanTheKernelAndOfWindowsOnly) {
  const std::vector<std::function<void(Layer&)>> faults{
      [](Layer& layer) { layer.padding.top = 3; }, [](Layer& layer) { layer.padding.left = -1; },
      [](Layer& layer) { layer.padding.bottom = 3; },
      [](Layer& layer) { layer.padding.right = 256; }};
  for (const auto& fault : faults) {
    Layer layer = make_convolution("C", {3, 8, 8}, 4, 3, 3);
    fault(layer);
    test::expect_error([&] { validate(layer); }, "C: the padding ");
  }
  for (Layer layer :
       {make_fully_connected("F", {2, 5, 1}, 7), make_global_average_pool("F", {2, 4, 4}),
        make_add("F", {2, 4, 4}, "A", "B")}) {
    layer.padding.top = 1;
    test::expect_error([&] { validate(layer); }, "F: found padding, allowed: none");
    layer.padding.top = 0;
    layer.stride = 2;
    test::expect_error([&] { validate(layer); }, "F: the stride is 2, allowed: 1");
  }
  test::expect_error(
      [] {
        (void)make_convolution("C", {3, 2, 2}, 4, 5, 5, 1, {.top = 1});
      },
      "at most the input's 3×2, its padding included");
}

TEST(Layer, DepthwiseConvolutionsPoolsAndAddsKeepTheirChannels) {
  for (Layer layer :
       {make_depthwise_convolution("L", {4, 8, 8}, 3, 3),
        make_average_pooling("L", {4, 8, 8}, 2, 2, 2), make_add("L", {4, 8, 8}, "A", "B")}) {
    layer.ofm.channels = 8;
    test::expect_error([&] { validate(layer); }, "L: the number of output channels is 8");
  }
}

TEST(Network, NeighboursMustFit) {
  Network network{
      {make_convolution("A", {1, 8, 8}, 4, 3, 3), make_global_average_pool("B", {4, 6, 6})}};
  EXPECT_NO_THROW(validate(network));
  network.layers[1] = make_global_average_pool("B", {4, 5, 5});
  test::expect_error([&] { validate(network); }, "B");
  test::expect_error([] { validate(Network{}); }, "layers: found none");
}

/// C0 → C1 → ADD with C0, then FC.
Network residual() {
  return {{make_convolution("C0", {2, 6, 6}, 4, 3, 3, 1, same_padding(3, 3)),
           make_convolution("C1", {4, 6, 6}, 4, 3, 3, 1, same_padding(3, 3)),
           make_add("SUM", {4, 6, 6}, "C1", "C0"), make_fully_connected("FC", {4, 6, 6}, 3)}};
}

TEST(Network, LayersNameWhatTheyRead) {
  const Network network = residual();
  EXPECT_NO_THROW(validate(network));
  const auto inputs = input_indices(network.layers);
  EXPECT_EQ(inputs, (std::vector<std::vector<std::int64_t>>{{kNetworkInput}, {0}, {1, 0}, {2}}));
  EXPECT_EQ(last_readers(inputs), (std::vector<std::int64_t>{2, 2, 3, 3}));
  Network twice = network;
  twice.layers[2].inputs = {"C1", "C1"};
  test::expect_error(
      [&] {
        twice.layers[1].inputs = {"INPUT"};
        validate(twice);
      },
      "C1: the input");
}

TEST(Network, HasAtMost255Layers) {
  Network network;
  for (int layer = 0; layer < 255; ++layer) {
    network.layers.push_back(make_fully_connected("FC_" + std::to_string(layer), {3, 1, 1}, 3));
  }
  EXPECT_NO_THROW(validate(network));
  network.layers.push_back(make_fully_connected("END", {3, 1, 1}, 3));
  test::expect_error([&] { validate(network); }, "layers: found 256, allowed: at most 255");
}

TEST(Network, GraphsThatCannotRunAreRefused) {
  const std::vector<std::pair<std::function<void(std::vector<Layer>&)>, std::string>> faults{
      {[](auto& layers) { layers[1].inputs = {"SUM"}; }, "C1: found the input SUM, allowed: INPUT"},
      {[](auto& layers) { layers[1].inputs = {"C1"}; }, "C1: found the input C1"},
      {[](auto& layers) { layers[1].inputs = {"X"}; }, "C1: found the input X"},
      {[](auto& layers) { layers[2].inputs.clear(); }, "SUM: found 0 inputs, allowed"},
      {[](auto& layers) { layers[2].inputs = {"C0"}; }, "SUM: found 1 inputs, allowed"},
      {[](auto& layers) {
         layers[3].inputs = {"SUM", "C0"};
       },
       "FC: found 2 inputs, allowed"},
      {[](auto& layers) {
         layers[2].inputs = {"C0", "C0"};
       },
       "C1: no layer reads its output"},
      {[](auto& layers) { layers[2].inputs[1] = "INPUT"; }, "SUM: the input is 4×6×6"},
      {[](auto& layers) {
         layers[1].name = "C0";
         layers[2].inputs = {"C0", "C0"};
       },
       "SUM: found the input C0, which stands for two"},
      {[](auto& layers) {
         layers[0].name = "INPUT";
         layers[2].inputs[1] = "INPUT";
       },
       "SUM: found the input INPUT, which stands for two"},
  };
  for (const auto& [fault, word] : faults) {
    Network network = residual();
    fault(network.layers);
    test::expect_error([&] { validate(network); }, word);
  }
}

}  // namespace
}  // namespace inas
