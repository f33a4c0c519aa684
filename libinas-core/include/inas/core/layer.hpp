#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
enum class LayerType : std::uint8_t {
  convolution,
  fully_connected,
  global_average_pool,
  max_pool,
  depthwise_convolution,  ///< one filter a channel
  average_pool,
  add,  ///< the sum of two maps of one shape
};

inline constexpr std::array kLayerTypes{
    LayerType::convolution, LayerType::fully_connected,       LayerType::global_average_pool,
    LayerType::max_pool,    LayerType::depthwise_convolution, LayerType::average_pool,
    LayerType::add};

/// "CONV", "FC" or "GAVGPOOL", as in the published tools; "MAXPOOL", "DWCONV", "AVGPOOL", "ADD".
[[nodiscard]] std::string_view to_string(LayerType type);
/// The inverse of `to_string`. Throws InvalidArgument for any other text.
[[nodiscard]] LayerType parse_layer_type(std::string_view text);

/// What becomes of a layer's outputs in the end. relu: those below 0 become 0; relu6: besides,
/// those above 6 become 6.
enum class Activation : std::uint8_t { none, relu, relu6 };

inline constexpr std::array kActivations{Activation::none, Activation::relu, Activation::relu6};

/// "none", "relu" or "relu6".
[[nodiscard]] std::string_view to_string(Activation activation);

/// Positions around a map that windows may cover: 0 in convolutions, not counted in pooling.
struct Padding {
  std::int64_t top = 0;
  std::int64_t left = 0;
  std::int64_t bottom = 0;
  std::int64_t right = 0;

  bool operator==(const Padding&) const = default;
};

/// Padding with which windows `stride` 1 apart keep a map's extents: ⌊(k − 1)/2⌋ in front, the rest
/// of k − 1 behind.
[[nodiscard]] Padding same_padding(std::int64_t kernel_height, std::int64_t kernel_width);

/// One layer of a network.
///
/// Identities that `validate` holds, with s = stride:
///   all: ofm.height = ⌊(ifm.height + top + bottom − kernel_height)/s⌋ + 1, width alike;
///   padding is smaller than the kernel in each direction and at most 255: each window has a
///   position inside the map;
///   fully_connected: the kernel covers the input, so the OFM is 1×1;
///   global_average_pool: the kernel covers the input, the OFM is 1×1;
///   add: the kernel is 1×1, the OFM has the IFM's shape, and so have both inputs;
///   these three: s = 1, no padding;
///   max_pool, average_pool: the kernel is the window; the mean is that of the positions inside the
///   map;
///   all but convolution and fully_connected: the OFM keeps the channels;
///   pooling and add have no bias.
/// Kernels are stored as [ofm.channels, ifm.channels, kernel_height, kernel_width], those of
/// depthwise convolutions as [ofm.channels, 1, kernel_height, kernel_width], biases as
/// [ofm.channels]; pooling and add have none.
struct Layer {
  std::string name;
  LayerType type = LayerType::convolution;
  Shape ifm = {};
  Shape ofm = {};
  std::int64_t kernel_height = 1;
  std::int64_t kernel_width = 1;
  std::int64_t stride = 1;  ///< from one window to the next, in rows and in columns
  bool bias = false;        ///< a number for each output channel is added to its products
  Padding padding = {};
  Activation activation = Activation::none;
  /// Names of the layers whose outputs it reads, `kNetworkInputName` for the network's input;
  /// empty: the layer before. What they may be is a network's matter (network.hpp).
  std::vector<std::string> inputs = {};

  bool operator==(const Layer&) const = default;
};

/// A convolution of `ifm` by `filters` kernels of kernel_height × kernel_width, checked by
/// `validate`.
[[nodiscard]] Layer make_convolution(std::string name, const Shape& ifm, std::int64_t filters,
                                     std::int64_t kernel_height, std::int64_t kernel_width,
                                     std::int64_t stride = 1, const Padding& padding = {});
/// A convolution of each channel of `ifm` by a kernel of its own, checked by `validate`.
[[nodiscard]] Layer make_depthwise_convolution(std::string name, const Shape& ifm,
                                               std::int64_t kernel_height,
                                               std::int64_t kernel_width, std::int64_t stride = 1,
                                               const Padding& padding = {});
/// A layer with `outputs` values, each connected to all values of `ifm`, checked by `validate`.
[[nodiscard]] Layer make_fully_connected(std::string name, const Shape& ifm, std::int64_t outputs);
/// The mean of each channel of `ifm`, checked by `validate`.
[[nodiscard]] Layer make_global_average_pool(std::string name, const Shape& ifm);

/// The largest value of each channel in windows of window_h × window_w whose first rows and columns
/// lie `stride` apart, checked by `validate`. Rows and columns behind the last whole window are
/// left out.
[[nodiscard]] Layer make_max_pooling(std::string name, const Shape& ifm, std::int64_t window_h,
                                     std::int64_t window_w, std::int64_t stride,
                                     const Padding& padding = {});
/// The mean of each channel in such windows, of the positions inside the map.
[[nodiscard]] Layer make_average_pooling(std::string name, const Shape& ifm, std::int64_t window_h,
                                         std::int64_t window_w, std::int64_t stride,
                                         const Padding& padding = {});
/// The sum of the outputs of two layers, which have `shape`, checked by `validate`.
[[nodiscard]] Layer make_add(std::string name, const Shape& shape, std::string first,
                             std::string second);

/// Number of weights, biases apart; 0 for pooling and add.
[[nodiscard]] std::int64_t weight_count(const Layer& layer);
/// Number of biases; 0 for a layer without.
[[nodiscard]] std::int64_t bias_count(const Layer& layer);
/// Multiply-accumulate operations of one inference, those with positions outside the map included;
/// 0 for pooling and add.
[[nodiscard]] std::int64_t mac_count(const Layer& layer);

/// Throws InvalidArgument, naming the layer and the numbers, unless every identity above holds;
/// all extents, strides and averaged pixels are from 1 to 65535, those of a window to 32767; no map
/// or kernel set exceeds 2³¹ − 1: the runtime has 16 bits, the cost model's products stay exact.
void validate(const Layer& layer);

}  // namespace inas
