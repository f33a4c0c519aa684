#include <algorithm>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/dump/layout.hpp>

namespace inas::dump {
namespace {

/// LEA reads vectors at 4-byte boundaries.
constexpr std::int64_t kAlignment = 4;

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

MemoryLayout lay_out(const Network& network, const Platform& platform) {
  validate(network);
  MemoryLayout layout;
  std::int64_t largest = network.layers.front().ifm.values();
  for (const Layer& layer : network.layers) largest = std::max(largest, layer.ofm.values());
  layout.feature_map_bytes = aligned(largest * platform.data_bytes);
  layout.weights_begin = 2 * layout.feature_map_bytes;

  std::int64_t next = layout.weights_begin;
  std::int64_t input = 0;
  for (const Layer& layer : network.layers) {
    LayerAddresses addresses{.ifm = input, .ofm = layout.feature_map_bytes - input, .weights = -1};
    if (const std::int64_t count = weight_count(layer); count > 0) {
      addresses.weights = next;
      next += aligned(count * platform.data_bytes);
    }
    layout.layers.push_back(addresses);
    input = addresses.ofm;
  }
  layout.total_bytes = next;
  if (layout.total_bytes > platform.nvm_bytes) {
    throw InvalidArgument(
        fmt::format("the network needs {} bytes of NVM (two feature-map buffers of {} and {} of "
                    "weights), allowed: {}, platform.nvm_bytes",
                    layout.total_bytes, layout.feature_map_bytes,
                    layout.total_bytes - layout.weights_begin, platform.nvm_bytes));
  }
  return layout;
}

}  // namespace inas::dump
