#include <gtest/gtest.h>
#include <support/sample_solution.hpp>

#include <inas/core/error.hpp>
#include <inas/dump/layout.hpp>

namespace inas::dump {
namespace {

TEST(Layout, NoRegionOverlapsOneThatIsAliveWithIt) {
  const Network network = network_of(test::sample_solution());
  const MemoryLayout layout = lay_out(network, {});
  std::int64_t end_of_weights = layout.weights_begin;
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    const LayerAddresses& address = layout.layers[index];
    const Layer& layer = network.layers[index];
    EXPECT_NE(address.ifm, address.ofm);
    EXPECT_LE(2 * layer.ifm.values(), layout.feature_map_bytes);
    EXPECT_LE(2 * layer.ofm.values(), layout.feature_map_bytes);
    EXPECT_LE(address.ofm + layout.feature_map_bytes, layout.weights_begin);
    if (index > 0) {
      EXPECT_EQ(address.ifm, layout.layers[index - 1].ofm);
    }
    if (weight_count(layer) == 0) {
      EXPECT_EQ(address.weights, -1);
      continue;
    }
    EXPECT_EQ(address.weights % 4, 0);
    EXPECT_GE(address.weights, end_of_weights);
    end_of_weights = address.weights + 2 * weight_count(layer);
  }
  EXPECT_GE(layout.total_bytes, end_of_weights);
}

TEST(Layout, ANetworkThatDoesNotFitIsRefusedWithTheNumbers) {
  const Network network = network_of(test::sample_solution());
  Platform platform;
  platform.nvm_bytes = lay_out(network, platform).total_bytes;
  EXPECT_NO_THROW((void)lay_out(network, platform));
  --platform.nvm_bytes;
  try {
    (void)lay_out(network, platform);
    FAIL() << "a network larger than NVM was laid out";
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find(std::to_string(platform.nvm_bytes)), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace inas::dump
