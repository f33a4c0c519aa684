#include "arithmetic.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <inas_firmware/model.h>

#include <inas/core/error.hpp>
#include <inas/execution/batches.hpp>
#include <inas/execution/tiles.hpp>

#include "steps.hpp"

namespace inas::dump {
namespace {

/// ⌊sum/2^shift + 1/2⌋
std::int64_t rounded_shift(std::int64_t sum, int shift) {
  return shift == 0 ? sum : (sum + (std::int64_t{1} << (shift - 1))) >> shift;
}

/// ⌊sum/count + 1/2⌋ for count > 0
std::int64_t rounded_mean(std::int64_t sum, std::int64_t count) {
  const std::int64_t doubled = 2 * sum + count;
  const std::int64_t quotient = doubled / (2 * count);
  return doubled % (2 * count) < 0 ? quotient - 1 : quotient;
}

std::int16_t saturated16(std::int64_t value, std::int64_t& saturated) {
  const std::int64_t inside = std::clamp<std::int64_t>(value, INT16_MIN, INT16_MAX);
  saturated += inside != value ? 1 : 0;
  return static_cast<std::int16_t>(inside);
}

std::vector<std::int16_t> run_convolution(const QuantizedLayer& layer,
                                          std::span<const std::int16_t> input,
                                          std::int64_t& saturated) {
  const auto outputs = static_cast<std::size_t>(layer.layer.ofm.values());
  const auto channels = static_cast<std::size_t>(layer.layer.ofm.channels);
  std::vector<std::int16_t> output(outputs, 0);
  const std::int64_t last = layer.layer.ifm.channels;
  for_each_step(layer, input, [&](std::size_t at, std::int64_t end, std::int64_t sum) {
    const std::int64_t value = output[at] + rounded_shift(2 * sum, layer.shifts[at % channels]);
    output[at] = saturated16(value, saturated);
    if (end == last && layer.relu) output[at] = std::max<std::int16_t>(output[at], 0);
  });
  return output;
}

std::vector<std::int16_t> run_average_pooling(const QuantizedLayer& layer,
                                              std::span<const std::int16_t> input,
                                              std::int64_t& saturated) {
  const Shape& map = layer.layer.ifm;
  const Tile& tile = layer.design.tile;
  const execution::TileCounts tiles = execution::tile_counts(layer.layer, tile);
  const std::int64_t pixels = map.height * map.width;
  std::vector<std::int16_t> output(static_cast<std::size_t>(map.channels));
  for (std::int64_t m = 0; m < map.channels; ++m) {
    std::int64_t mean = 0;
    std::int64_t sum = 0;
    for (std::int64_t position = 0; position < tiles.positions(); ++position) {
      const std::int64_t row = position / tiles.columns * tile.rows;
      const std::int64_t column = position % tiles.columns * tile.columns;
      for (std::int64_t y = row; y < std::min(row + tile.rows, map.height); ++y) {
        for (std::int64_t x = column; x < std::min(column + tile.columns, map.width); ++x) {
          sum += input[static_cast<std::size_t>((y * map.width + x) * map.channels + m)];
        }
      }
      if ((position + 1) % layer.design.batch == 0) {
        mean = saturated16(rounded_mean(mean * pixels + sum, pixels), saturated);
        sum = 0;
      }
    }
    output[static_cast<std::size_t>(m)] =
        static_cast<std::int16_t>(layer.relu ? std::max<std::int64_t>(mean, 0) : mean);
  }
  return output;
}

std::vector<std::int16_t> run_max_pooling(const QuantizedLayer& of,
                                          std::span<const std::int16_t> input,
                                          std::int64_t& /*saturated*/) {
  const Layer& layer = of.layer;
  const std::int64_t channels = layer.ifm.channels;
  std::vector<std::int16_t> output;
  output.reserve(static_cast<std::size_t>(layer.ofm.values()));
  for (std::int64_t row = 0; row < layer.ofm.height; ++row) {
    for (std::int64_t column = 0; column < layer.ofm.width; ++column) {
      for (std::int64_t m = 0; m < channels; ++m) {
        std::int16_t largest = of.relu ? std::int16_t{0} : std::int16_t{INT16_MIN};
        for (std::int64_t kr = 0; kr < layer.kernel_height; ++kr) {
          for (std::int64_t kc = 0; kc < layer.kernel_width; ++kc) {
            const std::int64_t pixel =
                (row * layer.stride + kr) * layer.ifm.width + column * layer.stride + kc;
            largest = std::max(largest, input[static_cast<std::size_t>(pixel * channels + m)]);
          }
        }
        output.push_back(largest);
      }
    }
  }
  return output;
}

double exact_convolution(const FloatWindow& window, std::int64_t m) {
  const Layer& layer = window.layer;
  double sum = 0;
  if (window.bias != nullptr) {
    sum = static_cast<double>(window.bias->values[static_cast<std::size_t>(m)]);
  }
  for (std::int64_t kr = 0; kr < layer.kernel_height; ++kr) {
    for (std::int64_t kc = 0; kc < layer.kernel_width; ++kc) {
      for (std::int64_t n = 0; n < layer.ifm.channels; ++n) {
        const std::int64_t w =
            ((m * layer.ifm.channels + n) * layer.kernel_height + kr) * layer.kernel_width + kc;
        sum += window.value(kr, kc, n) *
               static_cast<double>(window.weights->values[static_cast<std::size_t>(w)]);
      }
    }
  }
  return sum;
}

double exact_average(const FloatWindow& window, std::int64_t m) {
  const Layer& layer = window.layer;
  double sum = 0;
  for (std::int64_t kr = 0; kr < layer.kernel_height; ++kr) {
    for (std::int64_t kc = 0; kc < layer.kernel_width; ++kc) sum += window.value(kr, kc, m);
  }
  return sum / static_cast<double>(layer.kernel_height * layer.kernel_width);
}

double exact_maximum(const FloatWindow& window, std::int64_t m) {
  double largest = window.value(0, 0, m);
  for (std::int64_t kr = 0; kr < window.layer.kernel_height; ++kr) {
    for (std::int64_t kc = 0; kc < window.layer.kernel_width; ++kc) {
      largest = std::max(largest, window.value(kr, kc, m));
    }
  }
  return largest;
}

/// Each input-channel step is rounded.
std::int64_t steps_of(const Layer& layer, const Design& design) {
  return execution::tile_counts(layer, design.tile).in_channels;
}

constexpr Arithmetic kConvolution{.device_type = INAS_CONVOLUTION,
                                  .device_type_name = "INAS_CONVOLUTION",
                                  .run = run_convolution,
                                  .exact = exact_convolution,
                                  .roundings = steps_of};
constexpr Arithmetic kAveragePooling{.device_type = INAS_GLOBAL_AVERAGE_POOL,
                                     .device_type_name = "INAS_GLOBAL_AVERAGE_POOL",
                                     .run = run_average_pooling,
                                     .exact = exact_average,
                                     .roundings = execution::writes_per_output};
constexpr Arithmetic kMaxPooling{
    .device_type = INAS_MAX_POOL,
    .device_type_name = "INAS_MAX_POOL",
    .run = run_max_pooling,
    .exact = exact_maximum,
    .roundings = [](const Layer&, const Design&) { return std::int64_t{0}; }};

}  // namespace

const Arithmetic& arithmetic_of(LayerType type) {
  switch (type) {
    case LayerType::convolution:
    case LayerType::fully_connected:
      break;
    case LayerType::global_average_pool:
      return kAveragePooling;
    case LayerType::max_pool:
      return kMaxPooling;
    case LayerType::depthwise_convolution:
    case LayerType::average_pool:
    case LayerType::add:
      throw InvalidArgument(
          fmt::format("a layer of type {}: allowed: those that the dumper knows", to_string(type)));
  }
  return kConvolution;
}

}  // namespace inas::dump
