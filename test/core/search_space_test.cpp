#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/core/space_stage.hpp>

namespace inas {
namespace {

SearchSpace cifar() {
  return {NetworkFamily::convolution_2d, {3, 32, 32}, 10, 5, {1, 3, 5, 7}, {4, 8, 16, 24}};
}

SearchSpace kws() {
  return {NetworkFamily::fully_connected, {1, 250, 1}, 12, 4, {}, {48, 64, 96, 128}};
}

/// As every layer of a space's network is but the last.
Layer active(Layer layer) {
  layer.activation = Activation::relu;
  return layer;
}

TEST(SearchSpace, ConvolutionalNetworksEndInPoolingAndFcEnd) {
  const Network network = build_network(cifar(), {5, 16, 1, 24, 5, 16, 5, 4, 1, 16});
  ASSERT_EQ(network.layers.size(), 7u);
  EXPECT_NO_THROW(validate(network));
  EXPECT_EQ(network.layers[0], active(make_convolution("CONV_0", {3, 32, 32}, 16, 5, 5)));
  EXPECT_EQ(network.layers[4], active(make_convolution("CONV_4", {4, 20, 20}, 16, 1, 1)));
  EXPECT_EQ(network.layers[5], active(make_global_average_pool("GAVGPOOL_0", {16, 20, 20})));
  EXPECT_EQ(network.layers[6], make_fully_connected("FC_END", {16, 1, 1}, 10));
}

TEST(SearchSpace, OneDimensionalKernelsHaveWidthOne) {
  const SearchSpace har{NetworkFamily::convolution_1d, {9, 128, 1}, 6, 3, {1, 3, 5, 7}, {4, 8}};
  const Network network = build_network(har, {7, 8, 7, 4, 1, 8});
  EXPECT_EQ(network.layers[0], active(make_convolution("CONV_0", {9, 128, 1}, 8, 7, 1)));
  EXPECT_EQ(network.layers[3].ifm, (Shape{8, 116, 1}));
}

TEST(SearchSpace, TheFirstFullyConnectedLayerSeesTheWholeInput) {
  const Network network = build_network(kws(), {128, 64, 96, 48});
  ASSERT_EQ(network.layers.size(), 5u);
  EXPECT_EQ(network.layers[0].kernel_height, 250);
  EXPECT_EQ(network.layers[0].ofm, (Shape{128, 1, 1}));
  EXPECT_EQ(network.layers[4], make_fully_connected("FC_END", {48, 1, 1}, 12));
}

TEST(SearchSpace, AKernelLargerThanItsMapIsAMisfitAndOneAsLargeIsNot) {
  SearchSpace space = cifar();
  space.input = {1, 28, 28};
  EXPECT_EQ(first_misfit(space, {7, 4, 7, 4, 7, 4, 7, 4, 7, 4}), 4);
  EXPECT_EQ(first_misfit(space, {7, 4, 7, 4, 7, 4, 7, 4, 5, 4}), 4);
  EXPECT_EQ(first_misfit(space, {7, 4, 7, 4, 7, 4, 7, 4, 3, 4}), std::nullopt);
  space.input = {1, 31, 31};
  EXPECT_EQ(first_misfit(space, {7, 4, 7, 4, 7, 4, 7, 4, 7, 4}), std::nullopt);
  EXPECT_EQ(build_network(space, {7, 4, 7, 4, 7, 4, 7, 4, 7, 4}).layers[4].ofm, (Shape{4, 1, 1}));
}

SearchSpace pooled() {
  SearchSpace space = cifar();
  space.layers = 3;
  space.pools = {1, 2};
  return space;
}

TEST(SearchSpace, APoolIsAThirdChoiceOfEachConvolutionalLayer) {
  const std::vector<Decision> all = decisions(pooled());
  ASSERT_EQ(all.size(), 9u);
  EXPECT_EQ(all[5].name, "pool");
  EXPECT_EQ(all[5].values, (std::vector<std::int64_t>{1, 2}));
  const Network network = build_network(pooled(), {3, 8, 2, 5, 4, 1, 1, 16, 2});
  ASSERT_EQ(network.layers.size(), 7u);
  EXPECT_NO_THROW(validate(network));
  EXPECT_EQ(network.layers[1], active(make_max_pooling("MAXPOOL_0", {8, 30, 30}, 2, 2, 2)));
  EXPECT_EQ(network.layers[2], active(make_convolution("CONV_1", {8, 15, 15}, 4, 5, 5)));
  EXPECT_EQ(network.layers[3], active(make_convolution("CONV_2", {4, 11, 11}, 16, 1, 1)));
  EXPECT_EQ(network.layers[4], active(make_max_pooling("MAXPOOL_2", {16, 11, 11}, 2, 2, 2)));
  EXPECT_EQ(network.layers[5], active(make_global_average_pool("GAVGPOOL_0", {16, 5, 5})));
}

TEST(SearchSpace, SignalsArePooledAlongTheirRows) {
  const SearchSpace har{
      NetworkFamily::convolution_1d, {9, 128, 1}, 6, 1, {1, 3, 5, 7}, {4, 8}, {1, 2, 4}};
  const Network network = build_network(har, {7, 8, 4});
  EXPECT_EQ(network.layers[1], active(make_max_pooling("MAXPOOL_0", {8, 122, 1}, 4, 1, 4)));
}

TEST(SearchSpace, PoolsOfOneAreTheSpaceWithoutPools) {
  SearchSpace space = cifar();
  space.pools = {1};
  EXPECT_EQ(space, cifar());
  EXPECT_EQ(decisions(space).size(), 10u);
  space.pools = {2};
  EXPECT_EQ(decisions(space).size(), 15u);
}

SearchSpace strided() {
  SearchSpace space = cifar();
  space.layers = 2;
  space.strides = {1, 2};
  space.paddings = {0, 1};
  space.pools = {1, 2};
  return space;
}

TEST(SearchSpace, StrideAndPaddingFollowTheFiltersInFrontOfThePool) {
  std::vector<std::string> names;
  for (const Decision& decision : decisions(strided())) names.push_back(decision.name);
  EXPECT_EQ(names, (std::vector<std::string>{"kernel", "filters", "stride", "padding", "pool",
                                             "kernel", "filters", "stride", "padding", "pool"}));
  EXPECT_EQ(decisions(strided())[8].values, (std::vector<std::int64_t>{0, 1}));
  const Network network = build_network(strided(), {5, 8, 2, 1, 2, 3, 4, 2, 0, 1});
  ASSERT_EQ(network.layers.size(), 5u);
  EXPECT_NO_THROW(validate(network));
  EXPECT_EQ(network.layers[0],
            active(make_convolution("CONV_0", {3, 32, 32}, 8, 5, 5, 2, {2, 2, 2, 2})));
  EXPECT_EQ(network.layers[1], active(make_max_pooling("MAXPOOL_0", {8, 16, 16}, 2, 2, 2)));
  EXPECT_EQ(network.layers[2], active(make_convolution("CONV_1", {8, 8, 8}, 4, 3, 3, 2)));
  EXPECT_EQ(network.layers[3].ifm, (Shape{4, 3, 3}));
}

TEST(SearchSpace, PaddingKeepsAMapUpToItsStride) {
  SearchSpace space = strided();
  space.pools = {1};
  for (const std::int64_t kernel : {1, 2, 3, 4, 7}) {
    for (const std::int64_t stride : {1, 2, 3}) {
      const Network network = build_network(space, {kernel, 8, stride, 1, 1, 4, 1, 1});
      const std::int64_t kept = (32 + stride - 1) / stride;
      EXPECT_EQ(network.layers[0].ofm, (Shape{8, kept, kept})) << kernel << ", " << stride;
      const Padding& padding = network.layers[0].padding;
      EXPECT_EQ(padding.top, (kernel - 1) / 2) << kernel;
      EXPECT_EQ(padding.top + padding.bottom, kernel - 1);
      EXPECT_EQ(padding.left, padding.top);
      EXPECT_EQ(padding.right, padding.bottom);
    }
  }
}

TEST(SearchSpace, SignalsArePaddedAndStridedAlongTheirRows) {
  SearchSpace har{NetworkFamily::convolution_1d, {9, 128, 1}, 6, 1, {1, 3, 5, 7}, {4, 8}};
  har.strides = {2};
  har.paddings = {1};
  const Network network = build_network(har, {7, 8, 2, 1});
  EXPECT_EQ(network.layers[0].padding, (Padding{3, 0, 3, 0}));
  EXPECT_EQ(network.layers[0].ofm, (Shape{8, 64, 1}));
}

TEST(SearchSpace, StridesAndPaddingsThatAreNoChoiceAreTheSpaceWithoutThem) {
  SearchSpace space = cifar();
  space.strides = {1};
  space.paddings = {0};
  EXPECT_EQ(space, cifar());
  EXPECT_EQ(decisions(space).size(), 10u);
  space.strides = {2};
  EXPECT_EQ(decisions(space).size(), 15u);
  space.paddings = {1};
  EXPECT_EQ(decisions(space).size(), 20u);
}

TEST(SearchSpace, AKernelLargerThanItsMapFitsThePaddedOne) {
  SearchSpace space = strided();
  space.input = {1, 4, 4};
  space.pools = {1};
  EXPECT_EQ(first_misfit(space, {5, 4, 1, 0, 1, 4, 1, 0}), 0);
  EXPECT_EQ(first_misfit(space, {5, 4, 1, 1, 1, 4, 1, 0}), std::nullopt);
  EXPECT_EQ(first_misfit(space, {3, 4, 1, 0, 5, 4, 2, 0}), 1);
  EXPECT_EQ(build_network(space, {5, 4, 1, 1, 7, 4, 2, 1}).layers[1].ofm, (Shape{4, 2, 2}));
}

TEST(SearchSpace, EveryLayerWithWeightsHasABiasWhereTheSpaceSaysSo) {
  SearchSpace connected{NetworkFamily::fully_connected, {1, 9, 1}, 3, 1, {}, {4}};
  for (const bool bias : {false, true}) {
    SearchSpace space = pooled();
    space.bias = connected.bias = bias;
    for (const Network& network :
         {build_network(space, {3, 8, 2, 5, 4, 1, 1, 16, 2}), build_network(connected, {4})}) {
      EXPECT_NO_THROW(validate(network));
      for (const Layer& layer : network.layers) {
        EXPECT_EQ(layer.bias, bias && weight_count(layer) > 0) << layer.name;
      }
    }
  }
}

TEST(SearchSpace, AWindowLargerThanItsMapIsAMisfit) {
  SearchSpace space = pooled();
  space.input = {1, 7, 7};
  const Architecture architecture{7, 4, 1, 1, 4, 2, 1, 4, 1};
  EXPECT_EQ(first_misfit(space, architecture), 2);  // CONV_0, CONV_1, MAXPOOL_1
  const Growth grown = grow(space, architecture);
  ASSERT_TRUE(grown.misfit.has_value());
  EXPECT_EQ(*grown.misfit, (Misfit{"MAXPOOL_1", 2, 1}));
  EXPECT_EQ(grown.layers.size(), 2u);
  test::expect_error([&] { (void)build_network(space, architecture); },
                     "MAXPOOL_1: needs 2 input rows or columns and the map has 1");
  EXPECT_EQ(first_misfit(space, {7, 4, 1, 1, 4, 1, 1, 4, 1}), std::nullopt);
}

TEST(SearchSpace, MapsNeedNotBeSquare) {
  SearchSpace space{NetworkFamily::convolution_2d, {3, 17, 9}, 2, 2, {3, 5}, {4}, {1, 2}};
  validate(space);
  const Network network = build_network(space, {3, 4, 2, 3, 4, 1});
  EXPECT_EQ(network.layers[0].ofm, (Shape{4, 15, 7}));
  EXPECT_EQ(network.layers[1].ofm, (Shape{4, 7, 3}));
  EXPECT_EQ(network.layers[2].ofm, (Shape{4, 5, 1}));
  // It is the shorter side that a kernel or a window does not fit, whichever that is.
  for (const Shape& input : {Shape{3, 17, 9}, Shape{3, 9, 17}}) {
    space.input = input;
    EXPECT_EQ(*grow(space, {3, 4, 2, 5, 4, 1}).misfit, (Misfit{"CONV_1", 5, 3}));
    EXPECT_EQ(*grow(space, {5, 4, 1, 5, 4, 2}).misfit, (Misfit{"MAXPOOL_1", 2, 1}));
  }
}

TEST(SpaceStage, GivesTheLayersThatItNamesInTheirOrder) {
  const SearchSpace har{NetworkFamily::convolution_1d, {9, 64, 1}, 6, 2, {1, 3}, {4, 8}, {1, 2}};
  SearchSpace small_kernels = pooled();
  small_kernels.kernels = {1, 3};
  for (const SearchSpace& space : {cifar(), kws(), small_kernels, har, strided()}) {
    std::vector<std::string> names;
    Architecture last;
    for (const Stage& stage : stages(space)) {
      names.insert(names.end(), stage.layers.begin(), stage.layers.end());
      for (const Decision& decision : stage.decisions) last.push_back(decision.values.back());
    }
    std::vector<std::string> built;
    for (const Layer& layer : build_network(space, last).layers) built.push_back(layer.name);
    EXPECT_EQ(built, names) << to_string(space.family);
  }
}

TEST(SearchSpace, ArchitecturesOutsideTheSpaceAreRefused) {
  test::expect_error([] { validate(cifar(), {3, 8}); }, "2 choices");
  test::expect_error([] { validate(cifar(), {3, 8, 3, 8, 3, 8, 3, 8, 3, 9}); }, "filters 9");
  test::expect_error([] { validate(kws(), {48, 48, 48, 50}); }, "width 50");
  test::expect_error([] { validate(pooled(), {3, 8, 1, 3, 8, 1, 3, 8, 4}); }, "pool 4");
  test::expect_error(
      [] {
        validate(pooled(), {3, 8, 3, 8, 3, 8});
      },
      "allowed: 9, a kernel, a number of filters and a pool");
  test::expect_error([] { validate(strided(), {3, 8, 3, 0, 1, 3, 8, 1, 0, 1}); }, "stride 3");
  test::expect_error(
      [] {
        validate(strided(), {3, 8, 1});
      },
      "allowed: 10, a kernel, a number of filters, a stride, a padding and a pool");
  test::expect_error(
      [] {
        (void)build_network(strided(), {3, 8, 1, 2, 1, 3, 8, 1, 0, 1});
      },
      "found padding 2 as choice 4 of 3,8,1,2,1,3,8,1,0,1, allowed: 0 to 1");
  test::expect_error(
      [] {
        (void)build_network(strided(), {3, 8, 0, 1, 1, 3, 8, 1, 0, 1});
      },
      "found stride 0 as choice 3 of 3,8,0,1,1,3,8,1,0,1, allowed: 1 to 65535");
  test::expect_error(
      [] {
        (void)build_network(cifar(), {33, 8, 3, 8, 3, 8, 3, 8, 3, 8});
      },
      "CONV_0");
  test::expect_error([] { (void)build_network(cifar(), {0, 8, 3, 8, 3, 8, 3, 8, 3, 8}); }, "0");
}

TEST(SearchSpace, SpacesThatCannotBeSearchedAreRefusedWithTheirKey) {
  const auto refused = [](auto change, const std::string& key) {
    SearchSpace space = cifar();
    change(space);
    test::expect_error([&] { validate(space); }, key);
  };
  refused([](SearchSpace& space) { space.kernels.clear(); }, "space.kernels");
  refused([](SearchSpace& space) { space.kernels = {3, 1}; }, "space.kernels");
  refused([](SearchSpace& space) { space.filters = {4, 4}; }, "space.filters");
  refused([](SearchSpace& space) { space.filters = {0, 4}; }, "space.filters");
  refused([](SearchSpace& space) { space.pools.clear(); }, "space.pools");
  refused([](SearchSpace& space) { space.pools = {2, 1}; }, "space.pools");
  refused([](SearchSpace& space) { space.pools = {0, 1}; }, "space.pools");
  refused([](SearchSpace& space) { space.pools = {1, 65'536}; }, "space.pools");
  refused([](SearchSpace& space) { space.strides.clear(); }, "space.strides");
  refused([](SearchSpace& space) { space.strides = {2, 1}; }, "space.strides");
  refused([](SearchSpace& space) { space.strides = {0, 1}; }, "space.strides");
  refused([](SearchSpace& space) { space.paddings.clear(); }, "space.paddings");
  refused([](SearchSpace& space) { space.paddings = {1, 0}; }, "space.paddings");
  refused(
      [](SearchSpace& space) {
        space.paddings = {0, 2};
      },
      "space.paddings: found [0, 2], allowed: an ascending list of different numbers from 0 to 1");
  refused([](SearchSpace& space) { space.layers = 0; }, "space.layers");
  refused([](SearchSpace& space) { space.classes = 1; }, "space.classes");
  refused([](SearchSpace& space) { space.family = NetworkFamily::convolution_1d; },
          "space.input[2]");
  refused([](SearchSpace& space) { space.family = NetworkFamily::fully_connected; },
          "space.kernels");
  refused([](SearchSpace& space) { space.filters = {4, 65'536}; }, "space.filters");
  refused([](SearchSpace& space) { space.layers = 65; }, "space.layers");
  refused([](SearchSpace& space) { space.classes = 65'536; }, "space.classes");
  refused([](SearchSpace& space) { space.input.channels = 0; }, "space.input[0]");
  SearchSpace deep = kws();
  deep.input.channels = 2;
  test::expect_error([&] { validate(deep); }, "space.input[0]");
  SearchSpace wide = kws();
  wide.input.width = 2;
  test::expect_error([&] { validate(wide); }, "space.input[2]");
  SearchSpace without_maps = kws();
  without_maps.pools = {1, 2};
  test::expect_error([&] { validate(without_maps); }, "space.pools");
  without_maps = kws();
  without_maps.strides = {1, 2};
  test::expect_error(
      [&] { validate(without_maps); },
      "space.strides: found [1, 2], allowed: [1], because family fc has no maps to stride over");
  without_maps = kws();
  without_maps.paddings = {1};
  test::expect_error([&] { validate(without_maps); }, "space.paddings");
}

TEST(SearchSpace, ANetworkIsBuiltExactlyIfNoKernelMisfits) {
  SearchSpace space = cifar();
  space.input = {1, 10, 10};
  space.layers = 2;
  for (const std::int64_t first : space.kernels) {
    for (const std::int64_t second : space.kernels) {
      const Architecture architecture{first, 4, second, 8};
      SCOPED_TRACE(to_string(architecture));
      if (first_misfit(space, architecture)) {
        test::expect_error([&] { (void)build_network(space, architecture); }, "CONV_1");
      } else {
        EXPECT_NO_THROW(validate(build_network(space, architecture)));
      }
    }
  }
}

TEST(SearchSpace, DecisionsFollowTheOrderOfTheNetwork) {
  const std::vector<Decision> all = decisions(cifar());
  ASSERT_EQ(all.size(), 10u);
  for (std::size_t index = 0; index < all.size(); ++index) {
    EXPECT_EQ(all[index].name, index % 2 == 0 ? "kernel" : "filters") << index;
    EXPECT_EQ(all[index].values, index % 2 == 0 ? cifar().kernels : cifar().filters) << index;
  }
  ASSERT_EQ(decisions(kws()).size(), 4u);
  EXPECT_EQ(decisions(kws())[3].name, "width");
}

TEST(Architecture, TextFormRoundTrips) {
  EXPECT_EQ(to_string(Architecture{3, 8, 1, 16}), "3,8,1,16");
  EXPECT_EQ(parse_architecture("3,8,1,16"), (Architecture{3, 8, 1, 16}));
  EXPECT_EQ(parse_architecture("3,8,2,0"), (Architecture{3, 8, 2, 0}));
  for (const char* text : {"", ",", "3,", ",3", "3;4", "a", "3, 4", "99999999999999999999"}) {
    test::expect_error([&] { (void)parse_architecture(text); }, "architecture");
  }
}

}  // namespace
}  // namespace inas
