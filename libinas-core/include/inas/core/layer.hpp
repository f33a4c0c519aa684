#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace inas {

/// A feature map: channels × height × width values. One-dimensional maps have width 1.
struct Shape {
  std::int64_t channels = 1;
  std::int64_t height = 1;
  std::int64_t width = 1;

  [[nodiscard]] std::int64_t values() const { return channels * height * width; }
  bool operator==(const Shape&) const = default;
};

/// What a layer computes. A one-dimensional convolution is a convolution whose maps and kernel have
/// width 1.
enum class LayerType : std::uint8_t { convolution, fully_connected, global_average_pool, max_pool };

inline constexpr std::array kLayerTypes{LayerType::convolution, LayerType::fully_connected,
                                        LayerType::global_average_pool, LayerType::max_pool};

/// "CONV", "FC" or "GAVGPOOL", as in the published tools; "MAXPOOL".
[[nodiscard]] std::string_view to_string(LayerType type);
/// The inverse of `to_string`. Throws InvalidArgument for any other text.
[[nodiscard]] LayerType parse_layer_type(std::string_view text);

/// One layer of a network: valid padding.
///
/// Identities that `validate` holds, with s = stride:
///   all: ofm.height = ⌊(ifm.height − kernel_height)/s⌋ + 1, width alike;
///   max_pool: the kernel is the window, the OFM keeps the channels;
///   all others: s = 1;
///   fully_connected: the kernel covers the input, so the OFM is 1×1;
///   global_average_pool: the kernel covers the input, the OFM is 1×1 and keeps the channels;
///   pooling of either kind has no bias.
/// Kernels are stored as [ofm.channels, ifm.channels, kernel_height, kernel_width], biases as
/// [ofm.channels]; pooling has none.
struct Layer {
  std::string name;
  LayerType type = LayerType::convolution;
  Shape ifm;
  Shape ofm;
  std::int64_t kernel_height = 1;
  std::int64_t kernel_width = 1;
  std::int64_t stride = 1;
  bool bias = false;  ///< a number for each output channel is added to its products

  bool operator==(const Layer&) const = default;
};

/// A convolution of `ifm` by `filters` kernels of kernel_height × kernel_width, checked by
/// `validate`.
[[nodiscard]] Layer make_convolution(std::string name, const Shape& ifm, std::int64_t filters,
                                     std::int64_t kernel_height, std::int64_t kernel_width);
/// A layer with `outputs` values, each connected to all values of `ifm`, checked by `validate`.
[[nodiscard]] Layer make_fully_connected(std::string name, const Shape& ifm, std::int64_t outputs);
/// The mean of each channel of `ifm`, checked by `validate`.
[[nodiscard]] Layer make_global_average_pool(std::string name, const Shape& ifm);

/// The largest value of each channel in windows of window_h × window_w whose first rows and columns
/// lie `stride` apart, checked by `validate`. Rows and columns behind the last whole window are
/// left out.
[[nodiscard]] Layer make_max_pooling(std::string name, const Shape& ifm, std::int64_t window_h,
                                     std::int64_t window_w, std::int64_t stride);

/// Number of weights, biases apart; 0 for pooling.
[[nodiscard]] std::int64_t weight_count(const Layer& layer);
/// Number of biases; 0 for a layer without.
[[nodiscard]] std::int64_t bias_count(const Layer& layer);
/// Multiply-accumulate operations of one inference; 0 for pooling.
[[nodiscard]] std::int64_t mac_count(const Layer& layer);

/// Throws InvalidArgument, naming the layer and the numbers, unless every identity above holds;
/// every extent, the stride and the pixels averaged are from 1 to 65535; no map or kernel set is
/// above 2³¹ − 1 values: the runtime's numbers have 16 bits, the cost model's products stay exact.
void validate(const Layer& layer);

}  // namespace inas
