#pragma once

#include <cstddef>
#include <cstdint>

#include <inas/core/layer.hpp>

namespace inas::explorer {

/// What a layer costs depends on its geometry alone, not on its name.
struct Geometry {
  LayerType type;
  Shape ifm;
  Shape ofm;
  std::int64_t kernel_height;
  std::int64_t kernel_width;
  std::int64_t stride;
  bool bias;
  Padding padding;
  bool has_most;  ///< its activation compares outputs with one

  bool operator==(const Geometry&) const = default;
};

[[nodiscard]] inline Geometry geometry_of(const Layer& layer) {
  return {layer.type,          layer.ifm,          layer.ofm,
          layer.kernel_height, layer.kernel_width, layer.stride,
          layer.bias,          layer.padding,      layer.activation == Activation::relu6};
}

struct GeometryHash {
  std::size_t operator()(const Geometry& geometry) const {
    auto hash = static_cast<std::uint64_t>(geometry.type);
    for (const std::int64_t extent :
         {geometry.ifm.channels, geometry.ifm.height, geometry.ifm.width, geometry.ofm.channels,
          geometry.ofm.height, geometry.ofm.width, geometry.kernel_height, geometry.kernel_width,
          geometry.stride, std::int64_t{geometry.bias}, geometry.padding.top, geometry.padding.left,
          geometry.padding.bottom, geometry.padding.right, std::int64_t{geometry.has_most}}) {
      hash = (hash ^ static_cast<std::uint64_t>(extent)) * 0x9E3779B97F4A7C15u;
      hash ^= hash >> 32;
    }
    return static_cast<std::size_t>(hash);
  }
};

}  // namespace inas::explorer
