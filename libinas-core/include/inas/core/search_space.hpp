#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <inas/core/network.hpp>

namespace inas {

/// The three kinds of networks of the paper, and that of TiNAS.
enum class NetworkFamily : std::uint8_t {
  convolution_2d,   ///< k×k convolutions, global average pooling, FC_END
  convolution_1d,   ///< k×1 convolutions over a signal of width 1, global average pooling, FC_END
  fully_connected,  ///< fully connected layers, FC_END; the first one sees the whole input
  blocks,           ///< a stem, stages of inverted residual blocks, global average pooling, FC_END
};

inline constexpr std::array kNetworkFamilies{NetworkFamily::convolution_2d,
                                             NetworkFamily::convolution_1d,
                                             NetworkFamily::fully_connected, NetworkFamily::blocks};

/// "conv2d", "conv1d", "fc" or "blocks".
[[nodiscard]] std::string_view to_string(NetworkFamily family);

/// A list of choices, in the order of the network: kernel, filters, kernel, filters, … for the
/// convolutional families, each layer's followed by its stride, padding and pool where the space
/// offers them; widths for the fully connected one; for blocks the resolution and the width of the
/// whole network, in percent, then each stage's expansion, kernel, depth, skip and stride.
using Architecture = std::vector<std::int64_t>;

/// "3,8,1,16": an architecture as text, and back. `parse_architecture` throws InvalidArgument.
[[nodiscard]] std::string to_string(const Architecture& architecture);
[[nodiscard]] Architecture parse_architecture(std::string_view text);

/// What a space of blocks offers, its kernels and strides apart.
///
/// The network's input has `resolution` rows, and as many columns if it has more than one. The stem
/// is a convolution of `stem_kernel` and `stem_filters`, without an activation. Then there is a
/// stage for each of `widths`: `depth` blocks of three convolutions, of which the first multiplies
/// the channels by `expansion`, the second is depthwise with the stage's kernel and, in the first
/// block, its stride, and the third, without an activation, leaves the stage's channels:
/// width·percent/100, rounded to the nearest even number, the larger of two, and at least 2. With
/// `skip` a block's input is added to its output where both have one shape. All convolutions are
/// padded as `same_padding` says. Source of the family: the networks page; of its details: the
/// networks published with TiNAS.
struct BlockChoices {
  std::vector<std::int64_t> resolutions;  ///< up to the rows of SearchSpace::input
  std::int64_t stem_kernel = 3;
  std::int64_t stem_filters = 16;
  std::vector<std::int64_t> widths{16, 24, 32};  ///< channels of each stage at 100 %
  std::vector<std::int64_t> width_percents{100};
  std::vector<std::int64_t> expansions{1, 3, 4, 6};
  std::vector<std::int64_t> depths{1, 2, 3};
  std::vector<std::int64_t> skips{0, 1};  ///< 1: blocks add their input to their output

  bool operator==(const BlockChoices&) const = default;
};

/// All networks with `layers` searched layers, each with a kernel size out of `kernels` and a
/// number of output channels out of `filters` (fully connected: a width out of `filters`; `kernels`
/// is empty), a stride out of `strides` and a padding out of `paddings`, followed by max pooling
/// out of `pools`. Those of blocks have other choices (`blocks`, `kernels`, `strides`); `layers`,
/// `filters`, `paddings` and `pools` play no role. How they grow: space_stage.hpp.
struct SearchSpace {
  NetworkFamily family = NetworkFamily::convolution_2d;
  Shape input;  ///< of the data; also the networks' but for blocks of a lower resolution
  std::int64_t classes = 10;
  std::int64_t layers = 5;
  std::vector<std::int64_t> kernels;
  std::vector<std::int64_t> filters;
  /// Pooling factors: a layer's map is divided by p with windows of p×p (signals: p×1), p apart.
  /// 1: no pooling. Fully connected: [1].
  std::vector<std::int64_t> pools{1};
  /// Rows and columns from one position of a kernel to the next. Fully connected: [1].
  std::vector<std::int64_t> strides{1};
  /// 0: kernels stay inside the map; 1: the map is padded with zeros as `same_padding` says, so
  /// that the stride alone shrinks it. Fully connected: [0].
  std::vector<std::int64_t> paddings{0};
  bool bias = false;  ///< of every convolution and fully connected layer
  BlockChoices blocks = {};

  bool operator==(const SearchSpace&) const = default;
};

/// One decision of an architecture: what it decides, and the allowed values.
struct Decision {
  /// "kernel", "filters", "stride", "padding", "pool", "width", "resolution", "width_percent",
  /// "expansion", "depth" or "skip".
  std::string name;
  std::vector<std::int64_t> values;
  /// The numbers that mean something here, in the space or not.
  std::int64_t least = 1;
  std::int64_t most = 65'535;
};

/// Has the family blocks, and so `SearchSpace::blocks`?
[[nodiscard]] bool has_blocks(const SearchSpace& space);
/// What the convolutional families have in front of a layer's other choices. True unless `strides`
/// is [1]: architectures have a stride for each layer.
[[nodiscard]] bool offers_strides(const SearchSpace& space);
/// True unless `paddings` is [0]: architectures have a padding for each layer.
[[nodiscard]] bool offers_padding(const SearchSpace& space);
/// True unless `pools` is [1]: architectures have a pool for each layer.
[[nodiscard]] bool offers_pooling(const SearchSpace& space);

/// Throws InvalidArgument, naming the field, if the space is empty, a list repeats or is not
/// ascending, or the input does not suit the family.
void validate(const SearchSpace& space);

/// The decisions of an architecture of `space`, in order.
[[nodiscard]] std::vector<Decision> decisions(const SearchSpace& space);

/// Throws InvalidArgument if `architecture` has the wrong length or a value that `space` does not
/// offer.
void validate(const SearchSpace& space, const Architecture& architecture);

/// The index of the first layer of the network whose kernel is larger than its input map, padding
/// included, or nothing if all fit.
[[nodiscard]] std::optional<std::int64_t> first_misfit(const SearchSpace& space,
                                                       const Architecture& architecture);

/// The network of an architecture: CONV_0 … GAVGPOOL_0, FC_END, or FC_0 … FC_END; MAXPOOL_0 stands
/// behind CONV_0. All layers but the last have the activation relu. Of blocks: STEM, of block b of
/// stage s EXPAND_s_b, DWCONV_s_b, PROJECT_s_b, ADD_s_b, then GAVGPOOL_0, FC_END. Choices need not
/// be among the space's values. Throws InvalidArgument if a kernel does not fit its map.
[[nodiscard]] Network build_network(const SearchSpace& space, const Architecture& architecture);

}  // namespace inas
