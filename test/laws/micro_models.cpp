#include "micro_models.hpp"

#include <algorithm>
#include <optional>

#include <inas/core/board.hpp>
#include <inas/core/error.hpp>
#include <inas/execution/design_check.hpp>

namespace inas::laws {
namespace {

using firmware::Generator;
using firmware::random_from;
using firmware::TestLayer;

std::int64_t board_vm_bytes() {
  static const std::int64_t kBytes = [] {
    const Board board = load_board("msp430fr5994");
    return vm_bytes(board, *board.unit("cpu"));
  }();
  return kBytes;
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

/// Nothing after too many tries.
std::optional<Design> random_priced_design(Generator& generator, const Layer& layer) {
  constexpr int kTries = 300;
  for (int i = 0; i < kTries; ++i) {
    const Design design = firmware::random_design(generator, layer);
    try {
      execution::check_design(layer, design);
    } catch (const InvalidArgument&) {
      continue;
    }
    if (execution::vm_bytes(layer, design, 2) <= board_vm_bytes()) return design;
  }
  return {};
}

std::optional<TestLayer> random_test_layer(Generator& generator, const Shape& ifm) {
  const Layer layer = random_layer(generator, ifm);
  if (operations_of(layer) > kMostOperations) return {};
  const std::optional<Design> design = random_priced_design(generator, layer);
  if (!design) return {};
  return TestLayer{layer, *design};
}

Shape random_shape(Generator& generator) {
  const bool signal = random_from(generator, 0, 4) == 0;
  return {random_extent(generator, 16), random_extent(generator, signal ? 64 : 20),
          signal ? 1 : random_extent(generator, 20)};
}

}  // namespace

std::vector<TestLayer> random_layer_model(Generator& generator) {
  for (;;) {
    const auto layer = random_test_layer(generator, random_shape(generator));
    if (layer) return {*layer};
  }
}

std::vector<TestLayer> random_network_model(Generator& generator) {
  const auto count = static_cast<std::size_t>(random_from(generator, 2, 5));
  std::vector<TestLayer> layers;
  std::int64_t operations = 0;
  while (layers.size() < count) {
    const Shape ifm = layers.empty() ? random_shape(generator) : layers.back().layer.ofm;
    auto layer = random_test_layer(generator, ifm);
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
  return layers;
}

}  // namespace inas::laws
