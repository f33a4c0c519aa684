#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>

#include <inas/core/space_stage.hpp>

/// Spaces of blocks: a stem, stages of inverted residual blocks, pooling and classes.
namespace inas {
namespace {

SearchSpace blocks() {
  SearchSpace space{.family = NetworkFamily::blocks,
                    .input = {3, 20, 20},
                    .classes = 7,
                    .kernels = {1, 3, 4},
                    .filters = {},
                    .strides = {1, 2},
                    .bias = true};
  space.blocks = {.resolutions = {11, 20},
                  .stem_kernel = 3,
                  .stem_filters = 6,
                  .widths = {6, 9},
                  .width_percents = {25, 50, 100},
                  .expansions = {1, 2, 3},
                  .depths = {1, 2},
                  .skips = {0, 1}};
  return space;
}

/// All stages of the deepest blocks, which add where they can, at 100 %.
Architecture deepest_of(const SearchSpace& space, std::int64_t stride) {
  Architecture architecture{20, 100};
  for (std::size_t stage = 0; stage < space.blocks.widths.size(); ++stage) {
    architecture.insert(architecture.end(), {1, 3, space.blocks.depths.back(), 1, stride});
  }
  return architecture;
}

Layer with(Layer layer, Activation activation) {
  layer.bias = true;
  layer.activation = activation;
  return layer;
}

TEST(BlockSpace, ANetworkIsAStemItsBlocksPoolingAndClasses) {
  // Resolution 11, full width; stage 0 keeps the stem's shape and so adds it, twice.
  const Network network =
      build_network(blocks(), {11, 100, 2, 3, 2, 1, 1, /* stage 1 */ 3, 4, 2, 1, 2});
  const Shape wide{6, 11, 11};
  const Shape expanded{12, 11, 11};
  const Shape behind{10, 6, 6};
  std::vector<Layer> expected{
      with(make_convolution("STEM", {3, 11, 11}, 6, 3, 3, 1, {1, 1, 1, 1}), Activation::none)};
  std::string input = "STEM";
  for (const std::string block : {"0_0", "0_1"}) {
    expected.push_back(with(make_convolution("EXPAND_" + block, wide, 12, 1, 1), Activation::relu));
    expected.push_back(
        with(make_depthwise_convolution("DWCONV_" + block, expanded, 3, 3, 1, {1, 1, 1, 1}),
             Activation::relu));
    expected.push_back(
        with(make_convolution("PROJECT_" + block, expanded, 6, 1, 1), Activation::none));
    expected.push_back(make_add("ADD_" + block, wide, "PROJECT_" + block, input));
    input = "ADD_" + block;
  }
  // An even kernel has the larger half of its padding behind the map.
  expected.push_back(with(make_convolution("EXPAND_1_0", wide, 18, 1, 1), Activation::relu));
  expected.push_back(
      with(make_depthwise_convolution("DWCONV_1_0", {18, 11, 11}, 4, 4, 2, {1, 1, 2, 2}),
           Activation::relu));
  expected.push_back(with(make_convolution("PROJECT_1_0", {18, 6, 6}, 10, 1, 1), Activation::none));
  expected.push_back(with(make_convolution("EXPAND_1_1", behind, 30, 1, 1), Activation::relu));
  expected.push_back(
      with(make_depthwise_convolution("DWCONV_1_1", {30, 6, 6}, 4, 4, 1, {1, 1, 2, 2}),
           Activation::relu));
  expected.push_back(with(make_convolution("PROJECT_1_1", {30, 6, 6}, 10, 1, 1), Activation::none));
  expected.push_back(make_add("ADD_1_1", behind, "PROJECT_1_1", "PROJECT_1_0"));
  expected.push_back(make_global_average_pool("GAVGPOOL_0", behind));
  expected.push_back(with(make_fully_connected("FC_END", {10, 1, 1}, 7), Activation::none));
  EXPECT_EQ(network.layers, expected);
  EXPECT_NO_THROW(validate(network));
}

TEST(BlockSpace, WithoutSkipsNothingIsAdded) {
  const Network network = build_network(blocks(), {20, 100, 1, 1, 2, 0, 1, 1, 1, 2, 0, 1});
  for (const Layer& layer : network.layers) EXPECT_NE(layer.type, LayerType::add) << layer.name;
  EXPECT_EQ(network.layers.size(), 1u + 4 * 3 + 2);
}

/// Widths by a second writing: the even number with the least distance, the larger of two.
TEST(BlockSpace, WidthsAreRoundedToTheNearestEvenNumber) {
  for (const std::int64_t width : {1, 2, 3, 5, 9, 10, 33}) {
    for (const std::int64_t percent : {1, 10, 25, 50, 55, 100, 130, 1000}) {
      SearchSpace space = blocks();
      space.blocks.widths = {width};
      const Network network = build_network(space, {11, percent, 1, 1, 1, 0, 1});
      std::int64_t nearest = 2;
      for (std::int64_t even = 4; even < 400; even += 2) {
        const auto distance = [&](std::int64_t to) { return std::abs(100 * to - width * percent); };
        if (distance(even) <= distance(nearest)) nearest = even;
      }
      EXPECT_EQ(network.layers[3].ofm.channels, nearest) << width << " " << percent;
    }
  }
}

TEST(BlockSpace, SignalsHaveKernelsOfOneColumn) {
  SearchSpace space = blocks();
  space.input = {9, 20, 1};
  const Network network = build_network(space, {11, 100, 2, 3, 1, 0, 2, 1, 1, 1, 0, 1});
  EXPECT_EQ(network.layers[0].ifm, (Shape{9, 11, 1}));
  EXPECT_EQ(network.layers[0].kernel_width, 1);
  EXPECT_EQ(network.layers[2].ofm, (Shape{12, 6, 1}));
  EXPECT_EQ(network.layers[2].padding, (Padding{1, 0, 1, 0}));
}

TEST(BlockSpace, KernelsOfASquareStaySquareWhereItsMapIsASinglePosition) {
  SearchSpace space = blocks();
  space.blocks.resolutions = {1, 2};
  const Network network = build_network(space, {2, 100, 2, 3, 2, 0, 2, 3, 4, 1, 0, 1});
  for (const std::size_t l : {2u, 5u, 8u}) {
    ASSERT_EQ(network.layers[l].type, LayerType::depthwise_convolution);
    EXPECT_EQ(network.layers[l].kernel_width, network.layers[l].kernel_height) << l;
  }
  EXPECT_EQ(network.layers[8].ifm, (Shape{18, 1, 1}));
}

/// Every choice of a space gives a valid network whose layers the stages name, in their order.
TEST(BlockSpace, EveryNetworkIsValidAndItsLayersAreNamed) {
  const SearchSpace space = blocks();
  std::vector<std::string> names;
  for (const Stage& stage : stages(space)) {
    names.insert(names.end(), stage.layers.begin(), stage.layers.end());
  }
  std::set<std::string> met;
  const std::vector<Decision> all = decisions(space);
  std::vector<std::size_t> index(all.size(), 0);
  int networks = 0;
  for (std::size_t at = 0; at < all.size(); ++networks) {
    Architecture architecture;
    for (std::size_t d = 0; d < all.size(); ++d) architecture.push_back(all[d].values[index[d]]);
    ASSERT_EQ(first_misfit(space, architecture), std::nullopt);
    const Network network = build_network(space, architecture);
    ASSERT_NO_THROW(validate(network)) << to_string(architecture);
    auto next = names.begin();
    for (const Layer& layer : network.layers) {
      next = std::find(next, names.end(), layer.name);
      ASSERT_NE(next, names.end()) << layer.name << " of " << to_string(architecture);
      met.insert(layer.name);
    }
    for (at = 0; at < all.size() && ++index[at] == all[at].values.size(); ++at) index[at] = 0;
  }
  EXPECT_EQ(networks, 2 * 3 * (3 * 3 * 2 * 2 * 2) * (3 * 3 * 2 * 2 * 2));
  EXPECT_EQ(met.size(), names.size());
}

TEST(BlockSpace, WhatIsNoSpaceOrNoNetworkOfItIsRefused) {
  const auto refused = [](auto change, const std::string& message) {
    SearchSpace space = blocks();
    change(space);
    test::expect_error([&] { validate(space); }, message);
  };
  EXPECT_NO_THROW(validate(blocks()));
  refused([](SearchSpace& space) { space.input.width = 19; },
          "space.input: found 20×19 rows × columns, allowed: a square, or one column, because "
          "a resolution of family blocks is one number");
  refused(
      [](SearchSpace& space) {
        space.blocks.resolutions = {20, 21};
      },
      "space.resolutions: found [20, 21], allowed: an ascending list of different numbers "
      "from 1 to 20");
  refused([](SearchSpace& space) { space.blocks.resolutions.clear(); }, "space.resolutions");
  refused([](SearchSpace& space) { space.blocks.stem_kernel = 256; }, "space.stem_kernel");
  refused([](SearchSpace& space) { space.blocks.stem_filters = 0; }, "space.stem_filters");
  refused([](SearchSpace& space) { space.blocks.widths.clear(); },
          "space.widths: found 0 stages, allowed: 1 to 16");
  refused([](SearchSpace& space) { space.blocks.widths = {8, 0}; }, "space.widths: found 0");
  refused(
      [](SearchSpace& space) {
        space.blocks.width_percents = {100, 50};
      },
      "space.width_percents");
  refused([](SearchSpace& space) { space.blocks.expansions = {0, 1}; }, "space.expansions");
  refused([](SearchSpace& space) { space.kernels = {3, 256}; }, "space.kernels");
  refused([](SearchSpace& space) { space.blocks.depths = {0}; }, "space.depths");
  refused([](SearchSpace& space) { space.blocks.skips = {1, 2}; }, "space.skips");
  refused([](SearchSpace& space) { space.strides = {0}; }, "space.strides");
  test::expect_error(
      [] {
        validate(blocks(), {11, 100, 2, 3});
      },
      "found 4 choices (11,100,2,3), allowed: 12, a resolution and a width in "
      "percent, then an expansion, a kernel, a depth, a skip and a stride for each "
      "of 2 stages");
  test::expect_error(
      [] {
        validate(blocks(), {12, 100, 2, 3, 2, 1, 1, 3, 4, 2, 1, 2});
      },
      "found resolution 12 as choice 1");
  test::expect_error(
      [] {
        (void)build_network(blocks(), {21, 100, 2, 3, 2, 1, 1, 3, 4, 2, 1, 2});
      },
      "found resolution 21 as choice 1 of 21,100,2,3,2,1,1,3,4,2,1,2, allowed: 1 to 20");
  SearchSpace wide = blocks();
  wide.blocks.widths = {65'000, 8};
  test::expect_error(
      [&] {
        (void)build_network(wide, {20, 1000, 2, 3, 2, 1, 1, 3, 4, 2, 1, 2});
      },
      "PROJECT_0_0");
}

/// What no network of the space could be is told before one is looked for.
TEST(BlockSpace, AllItsNetworksHaveLayersThatAreAllowed) {
  SearchSpace wide = blocks();
  wide.blocks.widths = {6, 21'844};
  EXPECT_NO_THROW(validate(wide));
  wide.blocks.widths = {6, 21'846};
  test::expect_error([&] { validate(wide); },
                     "space: its largest network is 20,100,3,4,2,1,1,3,4,2,1,1, of which "
                     "EXPAND_1_1: the output channels is 65538, allowed: 1 to 65535");
  SearchSpace long_signal = blocks();
  long_signal.input = {40'000, 60'000, 1};
  EXPECT_NO_THROW(validate(long_signal));
  long_signal.blocks.resolutions = {100, 60'000};
  test::expect_error([&] { validate(long_signal); }, "STEM: the input has 2400000000 values");
}

TEST(BlockSpace, ItsDeepestNetworkHasAtMost255Layers) {
  SearchSpace deep = blocks();
  deep.blocks.depths = {1, 7};
  deep.blocks.widths = std::vector<std::int64_t>(9, 8);
  // The stem, pooling, classes; 63 blocks of 4 layers, of which all but the first add, where the
  // stem has 6 channels, and the stages 8 or 4 or 2.
  EXPECT_NO_THROW(validate(deep));
  EXPECT_EQ(std::ssize(build_network(deep, deepest_of(deep, 1)).layers), 254);
  deep.blocks.stem_filters = 8;
  EXPECT_NO_THROW(validate(deep));
  EXPECT_EQ(std::ssize(build_network(deep, deepest_of(deep, 1)).layers), 255);
  deep.blocks.widths.push_back(8);
  test::expect_error([&] { validate(deep); },
                     "space.depths: found [1, 7] in 10 stages, of which the network "
                     "11,25,3,4,7,1,1,3,4,7,1,1,");
  test::expect_error([&] { validate(deep); }, "layers, allowed: at most 255");
  // Without stride 1 only stages whose map is one position add in their first blocks.
  deep.strides = {2};
  deep.blocks.depths = {6};
  deep.blocks.widths = std::vector<std::int64_t>(11, 8);
  deep.blocks.resolutions = {20};
  test::expect_error([&] { validate(deep); }, "has 262 layers");
  deep.blocks.widths.pop_back();
  EXPECT_NO_THROW(validate(deep));
}

}  // namespace
}  // namespace inas
