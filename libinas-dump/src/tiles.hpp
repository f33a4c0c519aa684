#pragma once

#include <cstdint>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>

namespace inas::dump {

/// How the runtime splits a layer, as firmware/include/inas_firmware/model.h defines it.
struct Tiles {
  std::int64_t rows = 1;          ///< ⌈R/Tr⌉; pooling: ⌈H/Tr⌉
  std::int64_t columns = 1;       ///< ⌈C/Tc⌉; pooling: ⌈W/Tc⌉
  std::int64_t out_channels = 1;  ///< ⌈M/Tm⌉
  std::int64_t in_channels = 1;   ///< ⌈N/Tn⌉; pooling: 1
  std::int64_t extent = 1;        ///< tiles of the loop that S divides
  std::int64_t batches = 1;       ///< preservation batches
  std::int64_t steps = 1;         ///< how often each output is written
};

/// Throws InvalidArgument, naming the layer, if a size is outside of its extent or S does not
/// divide its loop.
[[nodiscard]] Tiles tiles_of(const Layer& layer, const Design& design);

/// Bytes of the runtime's tile buffers.
[[nodiscard]] std::int64_t tile_buffer_bytes(const Layer& layer, const Design& design);

}  // namespace inas::dump
