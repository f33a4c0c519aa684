#include "micro_models.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <inas/core/board.hpp>
#include <inas/core/error.hpp>
#include <inas/core/network.hpp>
#include <inas/execution/design_check.hpp>

namespace inas::laws {
namespace {

using firmware::Generator;
using firmware::random_from;
using firmware::TestLayer;

std::int64_t board_vm_bytes(Units units) {
  static const Board kBoard = load_board("msp430fr5994");
  return vm_bytes(kBoard, *kBoard.unit(units.lea ? "lea" : "cpu"));
}

std::int64_t operations_of(const Layer& layer) {
  if (layer.type == LayerType::global_average_pool) return layer.ifm.values();
  const std::int64_t taps = layer.kernel_height * layer.kernel_width;
  const std::int64_t in = firmware::has_vectors(layer) ? layer.ifm.channels : 1;
  return layer.ofm.values() * taps * in;
}

/// Small extents are as likely as large ones.
std::int64_t random_extent(Generator& generator, std::int64_t most) {
  const std::int64_t bits = random_from(generator, 0, 5);
  return random_from(generator, 1, std::min(most, std::int64_t{1} << bits));
}

/// Windows that lie inside the map, or, of three one, reach beyond it.
struct Windows {
  std::int64_t rows, columns;
  std::int64_t stride = 1;
  Padding padding = {};
};

Windows random_windows(Generator& generator, const Shape& ifm, std::int64_t most) {
  const bool signal = ifm.width == 1;
  if (random_from(generator, 0, 2) == 0) {
    const std::int64_t rows = random_from(generator, 1, most);
    const std::int64_t columns = signal ? 1 : random_from(generator, 1, most);
    return {rows, columns, 1, same_padding(rows, columns)};
  }
  return {random_from(generator, 1, std::min(most, ifm.height)),
          signal ? 1 : random_from(generator, 1, std::min(most, ifm.width))};
}

/// A layer that reads a map of this shape, which the layer named `before` writes.
Layer random_layer(Generator& generator, const Shape& ifm, const std::string& before) {
  const std::int64_t type = random_from(generator, 0, 9);
  Windows windows = random_windows(generator, ifm, type < 4 ? 3 : 5);
  if (type < 5 || random_from(generator, 0, 2) == 0) windows.stride = random_from(generator, 1, 3);
  const auto& [rows, columns, stride, padding] = windows;
  switch (type) {
    case 0:
      return make_fully_connected("FC", ifm, random_extent(generator, 24));
    case 1:
      return make_global_average_pool("POOL", ifm);
    case 2:
      return make_max_pooling("MAXPOOL", ifm, rows, columns, stride, padding);
    case 3:
      return make_average_pooling("AVGPOOL", ifm, rows, columns, stride, padding);
    case 4:
      return make_depthwise_convolution("DWCONV", ifm, rows, columns, stride, padding);
    case 5:
      return make_add("ADD", ifm, before, before);
    default:
      return make_convolution("CONV", ifm, random_extent(generator, 24), rows, columns, stride,
                              padding);
  }
}

/// One of `sizes`, the last one, which is the whole extent, as often as all others together.
std::int64_t random_size(Generator& generator, const std::vector<std::int64_t>& sizes) {
  if (random_from(generator, 0, 1) == 0) return sizes.back();
  return sizes[generator() % sizes.size()];
}

std::vector<std::int64_t> divisors_of(std::int64_t number) {
  std::vector<std::int64_t> divisors;
  for (std::int64_t d = 1; d <= number; ++d) {
    if (number % d == 0) divisors.push_back(d);
  }
  return divisors;
}

/// Nothing if the runtime or its VM cannot hold it.
std::optional<Design> random_priced_design(Generator& generator, const Layer& layer, Units units) {
  const bool vectors = firmware::has_vectors(layer);
  const std::vector<LoopOrder> orders = firmware::loop_orders(layer);
  TestLayer of{layer, {}};
  Design& design = of.design;
  const bool by_lea = units.lea && vectors && random_from(generator, 0, 2) > 0;
  design.unit = by_lea ? Unit::lea : Unit::cpu;
  if (by_lea && random_from(generator, 0, 1) == 1) design.mac = MacGranularity::row;
  design.order = orders[generator() % orders.size()];
  design.tile.rows = random_size(generator, execution::tile_row_sizes(layer));
  design.tile.columns = random_size(generator, execution::tile_column_sizes(layer));
  design.tile.out_channels = random_size(generator, divisors_of(layer.ofm.channels));
  design.tile.in_channels = random_size(generator, divisors_of(vectors ? layer.ifm.channels : 1));
  design.batch = random_size(generator, divisors_of(firmware::counts_of(of).extent));
  if (random_from(generator, 0, 1) == 1) design.dma = DmaGranularity::coalesced;
  design.batches_per_cycle = random_size(generator, divisors_of(firmware::counts_of(of).batches));
  try {
    execution::check_design(layer, design);
  } catch (const InvalidArgument&) {
    return {};
  }
  if (execution::vm_bytes(layer, design, 2) > board_vm_bytes(units)) return {};
  return design;
}

std::optional<TestLayer> random_test_layer(Generator& generator, const Shape& ifm, Units units,
                                           const std::string& before) {
  Layer layer = random_layer(generator, ifm, before);
  layer.bias = firmware::has_weights(layer) && random_from(generator, 0, 1) == 1;
  layer.activation = random_from(generator, 0, 2) == 0 ? Activation::relu6 : Activation::relu;
  if (operations_of(layer) > kMostOperations) return {};
  const std::optional<Design> design = random_priced_design(generator, layer, units);
  if (!design) return {};
  return TestLayer{layer, *design};
}

/// For the LEA half of the maps have many channels: its vectors are long then.
Shape random_shape(Generator& generator, Units units) {
  if (units.lea && random_from(generator, 0, 1) == 1) {
    return {random_from(generator, 12, 48), random_from(generator, 1, 8),
            random_from(generator, 1, 8)};
  }
  const bool signal = random_from(generator, 0, 4) == 0;
  return {random_extent(generator, 16), random_extent(generator, signal ? 64 : 20),
          signal ? 1 : random_extent(generator, 20)};
}

}  // namespace

std::vector<TestLayer> random_layer_model(Generator& generator, Units units) {
  for (;;) {
    const auto layer = random_test_layer(generator, random_shape(generator, units), units,
                                         std::string(kNetworkInputName));
    if (layer) return {*layer};
  }
}

std::vector<TestLayer> random_network_model(Generator& generator, Units units) {
  const auto count = static_cast<std::size_t>(random_from(generator, 2, 5));
  // As networks do whose outputs are classes.
  const bool ends_connected = random_from(generator, 0, 1) == 0;
  std::vector<TestLayer> layers;
  std::int64_t operations = 0;
  while (layers.size() < count) {
    const Shape ifm = layers.empty() ? random_shape(generator, units) : layers.back().layer.ofm;
    auto layer = random_test_layer(
        generator, ifm, units,
        layers.empty() ? std::string(kNetworkInputName) : layers.back().layer.name);
    // Nothing follows a map of one pixel but fully connected layers: start with larger ones.
    const bool shrinks_early = layer && layers.size() + 1 < count &&
                               layer->layer.ofm.height * layer->layer.ofm.width == 1 &&
                               random_from(generator, 0, 3) != 0;
    if (!layer || shrinks_early) continue;
    const bool is_last = layers.size() + 1 == count;
    if (is_last && ends_connected && layer->layer.type != LayerType::fully_connected) continue;
    layer->layer.name += std::to_string(layers.size());
    operations += operations_of(layer->layer);
    layers.push_back(*layer);
    if (operations > 2 * kMostOperations) {
      layers.clear();
      operations = 0;
    }
  }
  if (random_from(generator, 0, 1) == 0) {
    for (TestLayer& layer : layers) layer.design.batches_per_cycle = 0;
  }
  return layers;
}

std::string text_of(const std::vector<TestLayer>& layers) {
  std::string text;
  for (const TestLayer& of : layers) {
    const Layer& l = of.layer;
    text += fmt::format(" {} {}x{}x{}->{}x{}x{} k{}x{} s{} p{},{}{} {} {}", l.name, l.ifm.channels,
                        l.ifm.height, l.ifm.width, l.ofm.channels, l.ofm.height, l.ofm.width,
                        l.kernel_height, l.kernel_width, l.stride, l.padding.top, l.padding.left,
                        l.bias ? " bias" : "", to_string(l.activation), to_string(of.design));
  }
  return text;
}

}  // namespace inas::laws
