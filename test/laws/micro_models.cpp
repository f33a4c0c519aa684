#include "micro_models.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <inas/core/board.hpp>
#include <inas/core/error.hpp>
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
  const std::int64_t in = layer.type == LayerType::max_pool ? 1 : layer.ifm.channels;
  return layer.ofm.values() * taps * in;
}

/// Small extents are as likely as large ones.
std::int64_t random_extent(Generator& generator, std::int64_t most) {
  const std::int64_t bits = random_from(generator, 0, 5);
  return random_from(generator, 1, std::min(most, std::int64_t{1} << bits));
}

/// A layer that reads a map of this shape.
Layer random_layer(Generator& generator, const Shape& ifm) {
  const bool signal = ifm.width == 1;
  const auto kernel = [&](std::int64_t most, std::int64_t extent) {
    return random_from(generator, 1, std::min(most, extent));
  };
  switch (random_from(generator, 0, 5)) {
    case 0:
      return make_fully_connected("FC", ifm, random_extent(generator, 24));
    case 1:
      return make_global_average_pool("POOL", ifm);
    case 2:
      return make_max_pooling("MAXPOOL", ifm, kernel(3, ifm.height), kernel(3, ifm.width),
                              random_from(generator, 1, 3));
    default: {
      const std::int64_t rows = kernel(5, ifm.height);
      const std::int64_t columns = signal ? 1 : kernel(5, ifm.width);
      return make_convolution("CONV", ifm, random_extent(generator, 24), rows, columns);
    }
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
  const bool weights = firmware::has_weights(layer);
  const Shape& map = execution::tiled_map(layer);
  const std::vector<LoopOrder> orders = firmware::loop_orders(layer);
  TestLayer of{layer, {}};
  Design& design = of.design;
  const bool by_lea = units.lea && weights && random_from(generator, 0, 2) > 0;
  design.unit = by_lea ? Unit::lea : Unit::cpu;
  if (by_lea && random_from(generator, 0, 1) == 1) design.mac = MacGranularity::row;
  design.order = orders[generator() % orders.size()];
  design.tile.rows = random_size(generator, execution::ragged_sizes(map.height));
  design.tile.columns = random_size(generator, execution::ragged_sizes(map.width));
  design.tile.out_channels = random_size(generator, divisors_of(layer.ofm.channels));
  design.tile.in_channels = random_size(generator, divisors_of(weights ? layer.ifm.channels : 1));
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

std::optional<TestLayer> random_test_layer(Generator& generator, const Shape& ifm, Units units) {
  Layer layer = random_layer(generator, ifm);
  // A bit of the next number, without taking it: with biases or without, all else is drawn alike.
  layer.bias = firmware::has_weights(layer) && (Generator(generator)() >> 63) == 1;
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
    const auto layer = random_test_layer(generator, random_shape(generator, units), units);
    if (layer) return {*layer};
  }
}

std::vector<TestLayer> random_network_model(Generator& generator, Units units) {
  const auto count = static_cast<std::size_t>(random_from(generator, 2, 5));
  std::vector<TestLayer> layers;
  std::int64_t operations = 0;
  while (layers.size() < count) {
    const Shape ifm = layers.empty() ? random_shape(generator, units) : layers.back().layer.ofm;
    auto layer = random_test_layer(generator, ifm, units);
    // Nothing follows a map of one pixel but fully connected layers: start with larger ones.
    const bool shrinks_early = layer && layers.size() + 1 < count &&
                               layer->layer.ofm.height * layer->layer.ofm.width == 1 &&
                               random_from(generator, 0, 3) != 0;
    if (!layer || shrinks_early) continue;
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
    text += fmt::format(" {} {}x{}x{}->{}x{}x{} k{}x{}{} {}", l.name, l.ifm.channels, l.ifm.height,
                        l.ifm.width, l.ofm.channels, l.ofm.height, l.ofm.width, l.kernel_height,
                        l.kernel_width, l.bias ? " bias" : "", to_string(of.design));
  }
  return text;
}

}  // namespace inas::laws
