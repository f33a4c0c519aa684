#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/layer.hpp>

namespace inas {
namespace {

constexpr std::int64_t kMaxExtent = 65'535;
constexpr std::int64_t kMaxValues = std::numeric_limits<std::int32_t>::max();

void require_extent(const Layer& layer, const char* what, std::int64_t value) {
  if (value < 1 || value > kMaxExtent) {
    throw InvalidArgument(
        fmt::format("{}: {} is {}, allowed: 1 to {}", layer.name, what, value, kMaxExtent));
  }
}

void require_shape(const Layer& layer, const std::string& what, const Shape& shape) {
  require_extent(layer, (what + " channels").c_str(), shape.channels);
  require_extent(layer, (what + " height").c_str(), shape.height);
  require_extent(layer, (what + " width").c_str(), shape.width);
  // Two extents below 2¹⁶ multiply without overflow, and a third keeps the product below 2⁴⁸.
  if (shape.values() > kMaxValues) {
    throw InvalidArgument(fmt::format("{}: {} has {} values, allowed: at most {}", layer.name, what,
                                      shape.values(), kMaxValues));
  }
}

void require_equal(const Layer& layer, const char* what, std::int64_t found,
                   std::int64_t expected) {
  if (found != expected) {
    throw InvalidArgument(
        fmt::format("{}: {} is {}, allowed: {}", layer.name, what, found, expected));
  }
}

bool has_weights(LayerType type) {
  return type == LayerType::convolution || type == LayerType::fully_connected;
}

/// Windows of `window` values, `stride` apart, that fit `extent` values.
std::int64_t windows(std::int64_t extent, std::int64_t window, std::int64_t stride) {
  return window > extent ? 0 : (extent - window) / stride + 1;
}

void require_same_channels(const Layer& layer) {
  require_equal(layer, "the number of output channels", layer.ofm.channels, layer.ifm.channels);
}

void require_whole_input(const Layer& layer) {
  require_equal(layer, "the kernel's height", layer.kernel_height, layer.ifm.height);
  require_equal(layer, "the kernel's width", layer.kernel_width, layer.ifm.width);
}

}  // namespace

std::string_view to_string(LayerType type) {
  switch (type) {
    case LayerType::convolution:
      return "CONV";
    case LayerType::fully_connected:
      return "FC";
    case LayerType::global_average_pool:
      return "GAVGPOOL";
    case LayerType::max_pool:
      return "MAXPOOL";
  }
  return "unknown";
}

LayerType parse_layer_type(std::string_view text) {
  std::vector<std::string_view> allowed;
  for (const LayerType type : kLayerTypes) {
    if (text == to_string(type)) return type;
    allowed.push_back(to_string(type));
  }
  throw InvalidArgument(
      fmt::format("layer type: found \"{}\", allowed: {}", text, fmt::join(allowed, ", ")));
}

Layer make_convolution(std::string name, const Shape& ifm, std::int64_t filters,
                       std::int64_t kernel_height, std::int64_t kernel_width) {
  Layer layer{std::move(name), LayerType::convolution, ifm, {}, kernel_height, kernel_width};
  layer.ofm = {filters, ifm.height - kernel_height + 1, ifm.width - kernel_width + 1};
  validate(layer);
  return layer;
}

Layer make_fully_connected(std::string name, const Shape& ifm, std::int64_t outputs) {
  Layer layer{std::move(name), LayerType::fully_connected, ifm, {outputs, 1, 1}, ifm.height,
              ifm.width};
  validate(layer);
  return layer;
}

Layer make_global_average_pool(std::string name, const Shape& ifm) {
  Layer layer{
      std::move(name), LayerType::global_average_pool, ifm, {ifm.channels, 1, 1}, ifm.height,
      ifm.width};
  validate(layer);
  return layer;
}

Layer make_max_pooling(std::string name, const Shape& ifm, std::int64_t window_h,
                       std::int64_t window_w, std::int64_t stride) {
  Layer layer{std::move(name), LayerType::max_pool, ifm, {}, window_h, window_w, stride};
  require_extent(layer, "the stride", stride);
  layer.ofm = {ifm.channels, windows(ifm.height, window_h, stride),
               windows(ifm.width, window_w, stride)};
  validate(layer);
  return layer;
}

std::int64_t weight_count(const Layer& layer) {
  if (!has_weights(layer.type)) return 0;
  return layer.ofm.channels * layer.ifm.channels * layer.kernel_height * layer.kernel_width;
}

std::int64_t bias_count(const Layer& layer) { return layer.bias ? layer.ofm.channels : 0; }

std::int64_t mac_count(const Layer& layer) {
  return weight_count(layer) * layer.ofm.height * layer.ofm.width;
}

void validate(const Layer& layer) {
  require_shape(layer, "the input", layer.ifm);
  require_extent(layer, "the kernel's height", layer.kernel_height);
  require_extent(layer, "the kernel's width", layer.kernel_width);
  require_extent(layer, "the stride", layer.stride);
  if (layer.kernel_height > layer.ifm.height || layer.kernel_width > layer.ifm.width) {
    throw InvalidArgument(fmt::format("{}: the kernel is {}×{}, allowed: at most the input's {}×{}",
                                      layer.name, layer.kernel_height, layer.kernel_width,
                                      layer.ifm.height, layer.ifm.width));
  }
  require_shape(layer, "the output", layer.ofm);
  if (layer.type != LayerType::max_pool) require_equal(layer, "the stride", layer.stride, 1);
  switch (layer.type) {
    case LayerType::convolution:
      break;
    case LayerType::fully_connected:
      require_whole_input(layer);
      break;
    case LayerType::global_average_pool:
      require_whole_input(layer);
      require_same_channels(layer);
      require_extent(layer, "the number of pixels that are averaged",
                     layer.ifm.height * layer.ifm.width);
      break;
    case LayerType::max_pool:
      require_same_channels(layer);
      break;
  }
  require_equal(layer, "the output's height", layer.ofm.height,
                windows(layer.ifm.height, layer.kernel_height, layer.stride));
  require_equal(layer, "the output's width", layer.ofm.width,
                windows(layer.ifm.width, layer.kernel_width, layer.stride));
  if (!has_weights(layer.type)) {
    if (layer.bias) {
      throw InvalidArgument(
          fmt::format("{}: found a bias, allowed: none, because {} has no weights", layer.name,
                      to_string(layer.type)));
    }
    return;
  }
  // Channels² alone may reach 2³²; the kernel's two extents could carry the product beyond 63 bits.
  const std::int64_t channels = layer.ofm.channels * layer.ifm.channels;
  const std::int64_t kernel = layer.kernel_height * layer.kernel_width;
  if (channels > kMaxValues / kernel) {
    throw InvalidArgument(
        fmt::format("{}: {} kernels of {}×{}×{} weights, allowed: at most {} weights", layer.name,
                    layer.ofm.channels, layer.ifm.channels, layer.kernel_height, layer.kernel_width,
                    kMaxValues));
  }
}

}  // namespace inas
