#include <algorithm>
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
constexpr std::int64_t kMaxPadding = 255;
/// Positions of a window whose mean is taken: the runtime divides by fewer than 2¹⁵.
constexpr std::int64_t kMaxAveraged = 32'767;
constexpr std::int64_t kMaxValues = std::numeric_limits<std::int32_t>::max();

void require_extent(const Layer& layer, const char* what, std::int64_t value,
                    std::int64_t most = kMaxExtent) {
  if (value < 1 || value > most) {
    throw InvalidArgument(
        fmt::format("{}: {} is {}, allowed: 1 to {}", layer.name, what, value, most));
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
  return type == LayerType::convolution || type == LayerType::fully_connected ||
         type == LayerType::depthwise_convolution;
}

/// Does an output channel see one input channel alone?
bool keeps_channels(LayerType type) {
  return type != LayerType::convolution && type != LayerType::fully_connected;
}

/// Do windows move over the map?
bool has_windows(LayerType type) {
  return type == LayerType::convolution || type == LayerType::depthwise_convolution ||
         type == LayerType::max_pool || type == LayerType::average_pool;
}

/// Input channels of a kernel.
std::int64_t kernel_channels(const Layer& layer) {
  return keeps_channels(layer.type) ? 1 : layer.ifm.channels;
}

/// Windows of `window` values, `stride` apart, that fit `extent` values.
std::int64_t windows(std::int64_t extent, std::int64_t window, std::int64_t stride) {
  return window > extent ? 0 : (extent - window) / stride + 1;
}

/// The extents of a map with its padding.
Shape padded(const Layer& layer) {
  const Padding& padding = layer.padding;
  return {layer.ifm.channels, layer.ifm.height + padding.top + padding.bottom,
          layer.ifm.width + padding.left + padding.right};
}

void require_padding(const Layer& layer, const char* side, std::int64_t found,
                     std::int64_t kernel) {
  const std::int64_t most = std::min(kernel - 1, kMaxPadding);
  if (found >= 0 && found <= most) return;
  throw InvalidArgument(
      fmt::format("{}: the padding {} is {}, allowed: 0 to {}, less than the kernel", layer.name,
                  side, found, most));
}

void require_paddings(const Layer& layer) {
  const Padding& padding = layer.padding;
  if (!has_windows(layer.type)) {
    if (padding == Padding{}) return;
    throw InvalidArgument(fmt::format("{}: found padding, allowed: none for a layer of type {}",
                                      layer.name, to_string(layer.type)));
  }
  require_padding(layer, "above", padding.top, layer.kernel_height);
  require_padding(layer, "below", padding.bottom, layer.kernel_height);
  require_padding(layer, "on the left", padding.left, layer.kernel_width);
  require_padding(layer, "on the right", padding.right, layer.kernel_width);
}

void require_same_channels(const Layer& layer) {
  require_equal(layer, "the number of output channels", layer.ofm.channels, layer.ifm.channels);
}

void require_whole_input(const Layer& layer) {
  require_equal(layer, "the kernel's height", layer.kernel_height, layer.ifm.height);
  require_equal(layer, "the kernel's width", layer.kernel_width, layer.ifm.width);
}

/// A layer whose windows move over `ifm`, checked by `validate`.
Layer make_windows(LayerType type, std::string name, const Shape& ifm, std::int64_t channels,
                   std::int64_t height, std::int64_t width, std::int64_t stride,
                   const Padding& padding) {
  Layer layer{.name = std::move(name),
              .type = type,
              .ifm = ifm,
              .kernel_height = height,
              .kernel_width = width,
              .stride = stride,
              .padding = padding};
  require_extent(layer, "the stride", stride);
  const Shape map = padded(layer);
  layer.ofm = {channels, windows(map.height, height, stride), windows(map.width, width, stride)};
  validate(layer);
  return layer;
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
    case LayerType::depthwise_convolution:
      return "DWCONV";
    case LayerType::average_pool:
      return "AVGPOOL";
    case LayerType::add:
      return "ADD";
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

std::string_view to_string(Activation activation) {
  switch (activation) {
    case Activation::none:
      return "none";
    case Activation::relu:
      return "relu";
    case Activation::relu6:
      return "relu6";
  }
  return "unknown";
}

Padding same_padding(std::int64_t kernel_height, std::int64_t kernel_width) {
  return {.top = (kernel_height - 1) / 2,
          .left = (kernel_width - 1) / 2,
          .bottom = kernel_height / 2,
          .right = kernel_width / 2};
}

Layer make_convolution(std::string name, const Shape& ifm, std::int64_t filters,
                       std::int64_t kernel_height, std::int64_t kernel_width, std::int64_t stride,
                       const Padding& padding) {
  return make_windows(LayerType::convolution, std::move(name), ifm, filters, kernel_height,
                      kernel_width, stride, padding);
}

Layer make_depthwise_convolution(std::string name, const Shape& ifm, std::int64_t kernel_height,
                                 std::int64_t kernel_width, std::int64_t stride,
                                 const Padding& padding) {
  return make_windows(LayerType::depthwise_convolution, std::move(name), ifm, ifm.channels,
                      kernel_height, kernel_width, stride, padding);
}

Layer make_fully_connected(std::string name, const Shape& ifm, std::int64_t outputs) {
  Layer layer{.name = std::move(name),
              .type = LayerType::fully_connected,
              .ifm = ifm,
              .ofm = {outputs, 1, 1},
              .kernel_height = ifm.height,
              .kernel_width = ifm.width};
  validate(layer);
  return layer;
}

Layer make_global_average_pool(std::string name, const Shape& ifm) {
  Layer layer{.name = std::move(name),
              .type = LayerType::global_average_pool,
              .ifm = ifm,
              .ofm = {ifm.channels, 1, 1},
              .kernel_height = ifm.height,
              .kernel_width = ifm.width};
  validate(layer);
  return layer;
}

Layer make_max_pooling(std::string name, const Shape& ifm, std::int64_t window_h,
                       std::int64_t window_w, std::int64_t stride, const Padding& padding) {
  return make_windows(LayerType::max_pool, std::move(name), ifm, ifm.channels, window_h, window_w,
                      stride, padding);
}

Layer make_average_pooling(std::string name, const Shape& ifm, std::int64_t window_h,
                           std::int64_t window_w, std::int64_t stride, const Padding& padding) {
  return make_windows(LayerType::average_pool, std::move(name), ifm, ifm.channels, window_h,
                      window_w, stride, padding);
}

Layer make_add(std::string name, const Shape& shape, std::string first, std::string second) {
  Layer layer{.name = std::move(name),
              .type = LayerType::add,
              .ifm = shape,
              .ofm = shape,
              .inputs = {std::move(first), std::move(second)}};
  validate(layer);
  return layer;
}

std::int64_t weight_count(const Layer& layer) {
  if (!has_weights(layer.type)) return 0;
  return layer.ofm.channels * kernel_channels(layer) * layer.kernel_height * layer.kernel_width;
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
  require_paddings(layer);
  const Shape map = padded(layer);
  if (layer.kernel_height > map.height || layer.kernel_width > map.width) {
    const bool is_padded = layer.padding != Padding{};
    throw InvalidArgument(
        fmt::format("{}: the kernel is {}×{}, allowed: at most the input's {}×{}{}", layer.name,
                    layer.kernel_height, layer.kernel_width, map.height, map.width,
                    is_padded ? ", its padding included" : ""));
  }
  require_shape(layer, "the output", layer.ofm);
  if (!has_windows(layer.type)) require_equal(layer, "the stride", layer.stride, 1);
  if (keeps_channels(layer.type)) require_same_channels(layer);
  switch (layer.type) {
    case LayerType::fully_connected:
      require_whole_input(layer);
      break;
    case LayerType::global_average_pool:
      require_whole_input(layer);
      require_extent(layer, "the number of pixels that are averaged",
                     layer.ifm.height * layer.ifm.width);
      break;
    case LayerType::average_pool:
      require_extent(layer, "the number of pixels that are averaged",
                     layer.kernel_height * layer.kernel_width, kMaxAveraged);
      break;
    case LayerType::add:
      require_equal(layer, "the kernel's height", layer.kernel_height, 1);
      require_equal(layer, "the kernel's width", layer.kernel_width, 1);
      break;
    case LayerType::convolution:
    case LayerType::depthwise_convolution:
    case LayerType::max_pool:
      break;
  }
  require_equal(layer, "the output's height", layer.ofm.height,
                windows(map.height, layer.kernel_height, layer.stride));
  require_equal(layer, "the output's width", layer.ofm.width,
                windows(map.width, layer.kernel_width, layer.stride));
  if (!has_weights(layer.type)) {
    if (layer.bias) {
      throw InvalidArgument(
          fmt::format("{}: found a bias, allowed: none, because {} has no weights", layer.name,
                      to_string(layer.type)));
    }
    return;
  }
  // Channels² alone may reach 2³²; the kernel's two extents could carry the product beyond 63 bits.
  const std::int64_t channels = layer.ofm.channels * kernel_channels(layer);
  const std::int64_t kernel = layer.kernel_height * layer.kernel_width;
  if (channels > kMaxValues / kernel) {
    throw InvalidArgument(
        fmt::format("{}: {} kernels of {}×{}×{} weights, allowed: at most {} weights", layer.name,
                    layer.ofm.channels, kernel_channels(layer), layer.kernel_height,
                    layer.kernel_width, kMaxValues));
  }
}

}  // namespace inas
