#pragma once

#include <cstdint>
#include <vector>

#include <inas/core/network.hpp>
#include <inas/core/platform.hpp>

namespace inas::dump {

/// Byte addresses in NVM of what a layer reads and writes. Pooling has no weights: address −1.
struct LayerAddresses {
  std::int64_t ifm = 0;
  std::int64_t ofm = 0;
  std::int64_t weights = -1;

  bool operator==(const LayerAddresses&) const = default;
};

/// Where everything lies in NVM: two buffers for feature maps, each large enough for the largest,
/// which the layers use in turn; then the weights, layer by layer. Every region starts at an
/// address divisible by 4, as the vector accelerator's operands must.
struct MemoryLayout {
  std::vector<LayerAddresses> layers;
  std::int64_t feature_map_bytes = 0;  ///< size of one of the two buffers
  std::int64_t weights_begin = 0;
  std::int64_t total_bytes = 0;
};

/// Lays `network` out. Throws InvalidArgument, with the numbers, if it needs more than
/// platform.nvm_bytes.
[[nodiscard]] MemoryLayout lay_out(const Network& network, const Platform& platform);

}  // namespace inas::dump
