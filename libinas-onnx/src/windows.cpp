// Conv, MaxPool, AveragePool, and the zeros of Pad that they take in.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "attributes.hpp"
#include "constant_nodes.hpp"
#include "operators.hpp"

namespace inas::onnx {
namespace {

constexpr std::int64_t kMostExtent = 65'535;

/// The attributes of a node whose windows move over a map; of a one-dimensional one, those of the
/// width are 1 and 0.
struct Windows {
  std::size_t spatial_rank = 2;
  std::array<std::int64_t, 2> kernel = {1, 1};   ///< rows, columns
  std::array<std::int64_t, 2> strides = {1, 1};  ///< likewise
  std::array<std::int64_t, 2> before = {0, 0};   ///< padding above and on the left
  std::array<std::int64_t, 2> behind = {0, 0};   ///< below and on the right
  enum class Auto : std::uint8_t { none, upper, lower } automatic = Auto::none;
};

/// A window on a map of known extents.
struct Placed {
  std::int64_t kernel_height = 1;
  std::int64_t kernel_width = 1;
  std::int64_t stride = 1;
  Padding padding;
};

bool are_within(const std::vector<std::int64_t>& numbers, std::int64_t least) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [&](std::int64_t number) { return number >= least && number <= kMostExtent; });
}

/// A list attribute of `count` numbers from `least`; `otherwise` each, where it is absent. None if
/// there is a problem.
std::optional<std::vector<std::int64_t>> list_attribute(Lowering& lowering, const Node& node,
                                                        const char* name, std::size_t count,
                                                        std::int64_t least,
                                                        std::int64_t otherwise) {
  const Attributes attributes(node, lowering.problems);
  const auto found = attributes.integers(name);
  if (!found) {
    if (attributes.has(name)) return std::nullopt;
    return std::vector<std::int64_t>(count, otherwise);
  }
  if (found->size() == count && are_within(*found, least)) return found;
  const auto shown = std::min<std::size_t>(found->size(), 8);
  lowering.problems.add(
      node, fmt::format("{}: found [{}], allowed: {} numbers from {} to {}", name,
                        fmt::join(found->begin(),
                                  found->begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                        count, least, kMostExtent));
  return std::nullopt;
}

/// Whether dilations play no role: the holes are in kernels of one row or column.
bool is_dense(const std::vector<std::int64_t>& dilations, const Windows& windows) {
  for (std::size_t axis = 0; axis < dilations.size(); ++axis) {
    if (dilations[axis] != 1 && windows.kernel[axis] != 1) return false;
  }
  return true;
}

/// Reads strides, pads, auto_pad and dilations for a kernel of these extents. All that is wrong is
/// a problem, and the result none then.
std::optional<Windows> read_windows(Lowering& lowering, const Node& node,
                                    const std::vector<std::int64_t>& kernel) {
  if (kernel.empty() || kernel.size() > 2 || !are_within(kernel, 1)) {
    lowering.problems.add(
        node, fmt::format("found a kernel of [{}], allowed: 1 or 2 extents from 1 to {}",
                          fmt::join(kernel, ", "), kMostExtent));
    return std::nullopt;
  }
  Windows windows{.spatial_rank = kernel.size()};
  std::copy(kernel.begin(), kernel.end(), windows.kernel.begin());
  bool is_sound = true;
  const auto strides = list_attribute(lowering, node, "strides", kernel.size(), 1, 1);
  if (strides) {
    std::copy(strides->begin(), strides->end(), windows.strides.begin());
  } else {
    is_sound = false;
  }
  const auto dilations = list_attribute(lowering, node, "dilations", kernel.size(), 1, 1);
  if (!dilations) {
    is_sound = false;
  } else if (!is_dense(*dilations, windows)) {
    lowering.problems.add(node, fmt::format("dilations: found [{}], allowed: 1 in each direction",
                                            fmt::join(*dilations, ", ")));
    is_sound = false;
  }
  const std::string automatic = Attributes(node, lowering.problems).text("auto_pad", "NOTSET");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    windows.automatic = automatic == "SAME_UPPER" ? Windows::Auto::upper : Windows::Auto::lower;
  } else if (automatic == "NOTSET" || automatic.empty()) {
    const auto pads = list_attribute(lowering, node, "pads", 2 * kernel.size(), 0, 0);
    if (!pads) return std::nullopt;
    for (std::size_t axis = 0; axis < kernel.size(); ++axis) {
      windows.before[axis] = (*pads)[axis];
      windows.behind[axis] = (*pads)[axis + kernel.size()];
    }
  } else if (automatic != "VALID") {
    lowering.problems.add(
        node, fmt::format("auto_pad: found {}, allowed: NOTSET, VALID, SAME_UPPER, SAME_LOWER",
                          shown_name(automatic)));
    return std::nullopt;
  }
  return is_sound ? std::optional(windows) : std::nullopt;
}

/// The windows of a direction: how many there are, given the padding in all.
std::int64_t count_of(std::int64_t extent, std::int64_t kernel, std::int64_t stride) {
  return kernel > extent ? 0 : (extent - kernel) / stride + 1;
}

/// One stride for both directions; where there is one window in a direction, its stride does not
/// matter. None if there is no such.
std::optional<std::int64_t> common_stride(const Windows& windows,
                                          const std::array<std::int64_t, 2>& padded) {
  const auto [rows, columns] = windows.strides;
  if (rows == columns) return rows;
  for (const std::size_t free : {std::size_t{0}, std::size_t{1}}) {
    const std::int64_t stride = windows.strides[1 - free];
    if (count_of(padded[free], windows.kernel[free], windows.strides[free]) == 1 &&
        count_of(padded[free], windows.kernel[free], stride) == 1) {
      return stride;
    }
  }
  return std::nullopt;
}

/// The windows on `map`, its zeros around it included. None if there is a problem.
std::optional<Placed> place(Lowering& lowering, const Node& node, const Windows& windows,
                            const Map& map) {
  if (map.spatial_rank() != windows.spatial_rank) {
    lowering.problems.add(
        node,
        fmt::format("found a map of [{}, {}], allowed: one of {} dimensions, as the kernel has",
                    lowering.batch, fmt::join(map.extents, ", "), windows.spatial_rank + 2));
    return std::nullopt;
  }
  // A node's own padding lies around that of a Pad.
  std::array<std::int64_t, 2> extents{map.shape.height + map.padding.top + map.padding.bottom,
                                      map.shape.width + map.padding.left + map.padding.right};
  std::array<std::int64_t, 2> before = windows.before;
  std::array<std::int64_t, 2> behind = windows.behind;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (windows.automatic != Windows::Auto::none) {
      const std::int64_t count = (extents[axis] - 1) / windows.strides[axis] + 1;
      const std::int64_t needed = std::max<std::int64_t>(
          (count - 1) * windows.strides[axis] + windows.kernel[axis] - extents[axis], 0);
      const std::int64_t half = needed / 2;
      const bool lower = windows.automatic == Windows::Auto::lower;
      before[axis] = lower ? needed - half : half;
      behind[axis] = needed - before[axis];
    }
    extents[axis] += before[axis] + behind[axis];
  }
  const auto stride = common_stride(windows, extents);
  if (!stride) {
    lowering.problems.add(node, fmt::format("strides: found [{}], allowed: one for both directions",
                                            fmt::join(windows.strides, ", ")));
    return std::nullopt;
  }
  return Placed{.kernel_height = windows.kernel[0],
                .kernel_width = windows.kernel[1],
                .stride = *stride,
                .padding = {.top = map.padding.top + before[0],
                            .left = map.padding.left + before[1],
                            .bottom = map.padding.bottom + behind[0],
                            .right = map.padding.right + behind[1]}};
}

/// The rows or columns behind the last window, those of the padding included.
std::int64_t rest_of(std::int64_t extent, std::int64_t kernel, std::int64_t stride) {
  return kernel > extent ? 0 : (extent - kernel) % stride;
}

void remark_on_dropped(Lowering& lowering, const Node& node, const Placed& placed,
                       const Shape& shape) {
  const Padding& padding = placed.padding;
  const std::int64_t rows =
      rest_of(shape.height + padding.top + padding.bottom, placed.kernel_height, placed.stride) -
      padding.bottom;
  const std::int64_t columns =
      rest_of(shape.width + padding.left + padding.right, placed.kernel_width, placed.stride) -
      padding.right;
  if (rows > 0 || columns > 0) {
    lowering.remarks.push_back(fmt::format(
        "{}: {} rows and {} columns at the end of its map are in no window", label_of(node),
        std::max<std::int64_t>(rows, 0), std::max<std::int64_t>(columns, 0)));
  }
}

/// Windows of a pool. None if there is a problem.
std::optional<Windows> read_pool(Lowering& lowering, const Node& node) {
  const Attributes attributes(node, lowering.problems);
  const auto kernel = attributes.integers("kernel_shape");
  if (!kernel) {
    if (!attributes.has("kernel_shape")) {
      lowering.problems.add(node, "kernel_shape: found none, allowed: the window's extents");
    }
    return std::nullopt;
  }
  return read_windows(lowering, node, *kernel);
}

/// Rounding up adds a window where some rows or columns are left.
bool require_floor(Lowering& lowering, const Node& node, const Placed& placed, const Shape& shape) {
  if (Attributes(node, lowering.problems).integer("ceil_mode", 0) == 0) return true;
  const Padding& padding = placed.padding;
  const bool is_same =
      rest_of(shape.height + padding.top + padding.bottom, placed.kernel_height, placed.stride) ==
          0 &&
      rest_of(shape.width + padding.left + padding.right, placed.kernel_width, placed.stride) == 0;
  if (!is_same) {
    lowering.problems.add(
        node, "ceil_mode: found 1 where windows do not cover the map evenly, allowed: 0");
  }
  return is_same;
}

using MakePool = Layer (*)(std::string, const Shape&, std::int64_t, std::int64_t, std::int64_t,
                           const Padding&);

Value add_pool(Lowering& lowering, const Node& node, const Map& map, const Placed& placed,
               MakePool make) {
  const bool is_nonnegative = map.source != kNetworkInput &&
                              lowering.layers[static_cast<std::size_t>(map.source)].is_nonnegative;
  LoweredLayer* const layer = lowering.add_layer(node, {map.source}, [&](std::string name) {
    return make(std::move(name), map.shape, placed.kernel_height, placed.kernel_width,
                placed.stride, placed.padding);
  });
  if (layer == nullptr) return Unknown{};
  layer->is_nonnegative = is_nonnegative;
  remark_on_dropped(lowering, node, placed, map.shape);
  return lowering.last_map(map.spatial_rank());
}

/// What a convolution is, apart from its windows.
struct Filters {
  const Constant* weights = nullptr;
  const Constant* biases = nullptr;  ///< may be null
  std::int64_t groups = 1;

  [[nodiscard]] std::int64_t count() const { return weights->shape[0]; }
  [[nodiscard]] std::int64_t channels_of_group() const { return weights->shape[1]; }
  [[nodiscard]] bool is_depthwise() const { return groups > 1; }
};

std::optional<Filters> read_filters(Lowering& lowering, const Node& node) {
  Filters filters{.weights = lowering.weights_input(node, 1, "weights")};
  if (Lowering::has_input(node, 2)) {
    filters.biases = lowering.weights_input(node, 2, "biases");
    if (filters.biases == nullptr) return std::nullopt;
  }
  if (filters.weights == nullptr) return std::nullopt;
  const std::vector<std::int64_t>& shape = filters.weights->shape;
  if (shape.size() < 3 || filters.weights->floats.empty()) {
    lowering.problems.add(
        node, fmt::format("weights {}: found the shape [{}], allowed: [filters, channels, height, "
                          "width] or [filters, channels, length]",
                          shown_name(node.inputs[1]), fmt::join(shape, ", ")));
    return std::nullopt;
  }
  if (filters.biases != nullptr &&
      static_cast<std::int64_t>(filters.biases->floats.size()) != filters.count()) {
    lowering.problems.add(node, fmt::format("biases {}: found {} values, allowed: {}, one for each "
                                            "filter",
                                            shown_name(node.inputs[2]),
                                            filters.biases->floats.size(), filters.count()));
    return std::nullopt;
  }
  filters.groups = Attributes(node, lowering.problems).integer("group", 1);
  const bool is_depthwise =
      filters.groups > 1 && filters.channels_of_group() == 1 && filters.count() == filters.groups;
  if (filters.groups != 1 && !is_depthwise) {
    lowering.problems.add(
        node,
        fmt::format("group: found {} with {} filters of {} channels, allowed: 1, or as many as "
                    "channels and filters",
                    filters.groups, filters.count(), filters.channels_of_group()));
    return std::nullopt;
  }
  return filters;
}

/// The attribute kernel_shape, if it is there, says what the weights have.
bool require_kernel_shape(Lowering& lowering, const Node& node,
                          const std::vector<std::int64_t>& kernel) {
  const auto given = Attributes(node, lowering.problems).integers("kernel_shape");
  if (!given || *given == kernel) return true;
  lowering.problems.add(node, fmt::format("kernel_shape: found [{}], allowed: [{}], as the weights",
                                          fmt::join(*given, ", "), fmt::join(kernel, ", ")));
  return false;
}

}  // namespace

Value lower_convolution(Lowering& lowering, const Node& node) {
  const auto filters = read_filters(lowering, node);
  std::vector<std::int64_t> kernel;
  if (filters) {
    kernel.assign(filters->weights->shape.begin() + 2, filters->weights->shape.end());
  } else {
    kernel = Attributes(node, lowering.problems).integers("kernel_shape").value_or(kernel);
    if (kernel.empty()) return Unknown{};
  }
  const auto windows = read_windows(lowering, node, kernel);
  const Map* const map = lowering.map_input(node, 0);
  if (!filters || !windows || map == nullptr) return Unknown{};
  if (!require_kernel_shape(lowering, node, kernel)) return Unknown{};
  const auto placed = place(lowering, node, *windows, *map);
  if (!placed) return Unknown{};
  const std::int64_t channels = filters->channels_of_group() * filters->groups;
  if (map->shape.channels != channels) {
    lowering.problems.add(node,
                          fmt::format("found a map of {} channels, allowed: {}, as the weights "
                                      "have",
                                      map->shape.channels, channels));
    return Unknown{};
  }
  LoweredLayer* const layer = lowering.add_layer(node, {map->source}, [&](std::string name) {
    if (filters->is_depthwise()) {
      return make_depthwise_convolution(std::move(name), map->shape, placed->kernel_height,
                                        placed->kernel_width, placed->stride, placed->padding);
    }
    return make_convolution(std::move(name), map->shape, filters->count(), placed->kernel_height,
                            placed->kernel_width, placed->stride, placed->padding);
  });
  if (layer == nullptr) return Unknown{};
  if (!lowering.make_values(node, filters->weights->floats.size())) return Unknown{};
  layer->weights = filters->weights->floats;
  if (filters->biases != nullptr) {
    layer->layer.bias = true;
    layer->biases = filters->biases->floats;
  }
  return lowering.last_map(map->spatial_rank());
}

Value lower_max_pool(Lowering& lowering, const Node& node) {
  const auto windows = read_pool(lowering, node);
  const Map* const map = lowering.map_input(node, 0);
  if (!windows || map == nullptr) return Unknown{};
  // Zeros are the least of a map without negative values, as what lies outside is for a pool.
  if (map->is_padded() &&
      (map->source == kNetworkInput ||
       !lowering.layers[static_cast<std::size_t>(map->source)].is_nonnegative)) {
    lowering.problems.add(
        node,
        fmt::format("found a map with the zeros of {}, allowed: behind Relu, or padding by the "
                    "pool itself",
                    map->padded_by));
    return Unknown{};
  }
  const auto placed = place(lowering, node, *windows, *map);
  if (!placed || !require_floor(lowering, node, *placed, map->shape)) return Unknown{};
  return add_pool(lowering, node, *map, *placed, make_max_pooling);
}

Value lower_average_pool(Lowering& lowering, const Node& node) {
  const auto windows = read_pool(lowering, node);
  const Map* const map = lowering.plain_map_input(node, 0);
  if (!windows || map == nullptr) return Unknown{};
  const auto placed = place(lowering, node, *windows, *map);
  if (!placed || !require_floor(lowering, node, *placed, map->shape)) return Unknown{};
  if (placed->padding != Padding{} &&
      Attributes(node, lowering.problems).integer("count_include_pad", 0) != 0) {
    lowering.problems.add(node, "count_include_pad: found 1 with padding, allowed: 0");
    return Unknown{};
  }
  return add_pool(lowering, node, *map, *placed, make_average_pooling);
}

Value lower_pad(Lowering& lowering, const Node& node) {
  const std::string mode = Attributes(node, lowering.problems).text("mode", "constant");
  if (mode != "constant") {
    lowering.problems.add(
        node, fmt::format("mode: found {}, allowed: constant, with zeros", shown_name(mode)));
  }
  float value = Attributes(node, lowering.problems).number("value", 0);
  if (Lowering::has_input(node, 2)) {
    const Constant* const given = lowering.constant_input(node, 2, "value", true);
    if (given == nullptr) return Unknown{};
    if (given->floats.size() == 1) value = given->floats[0];
  }
  if (value != 0) lowering.problems.add(node, fmt::format("value: found {}, allowed: 0", value));
  bool failed = false;
  const auto pads = list_of(lowering, node, "pads", 1, failed);
  const Map* const map = lowering.map_input(node, 0);
  if (failed || map == nullptr || mode != "constant" || value != 0) return Unknown{};
  const std::size_t rank = map->extents.size() + 1;
  const bool is_sound = pads && pads->size() == 2 * rank && are_within(*pads, 0) &&
                        (*pads)[0] == 0 && (*pads)[1] == 0 && (*pads)[rank] == 0 &&
                        (*pads)[rank + 1] == 0;
  if (!is_sound) {
    lowering.problems.add(
        node, fmt::format(
                  "pads: found {}, allowed: {} numbers from 0, 0 for the batch and the channels",
                  pads ? fmt::format("[{}]", fmt::join(pads->begin(),
                                                       pads->begin() + static_cast<std::ptrdiff_t>(
                                                                           std::min<std::size_t>(
                                                                               pads->size(), 8)),
                                                       ", "))
                       : "none",
                  2 * rank));
    return Unknown{};
  }
  Map padded = *map;
  if (rank > 2) {
    padded.padding.top += (*pads)[2];
    padded.padding.bottom += (*pads)[rank + 2];
  }
  if (rank > 3) {
    padded.padding.left += (*pads)[3];
    padded.padding.right += (*pads)[rank + 3];
  }
  if (padded.is_padded()) padded.padded_by = label_of(node);
  lowering.note("merged into the padding of the layer behind", node);
  return padded;
}

}  // namespace inas::onnx
