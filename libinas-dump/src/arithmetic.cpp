#include "arithmetic.hpp"

#include <algorithm>
#include <limits>

#include <inas_firmware/model.h>

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

/// How values become those of the output map: cut to 16 bits, and in the end activated.
class Outputs {
 public:
  Outputs(const QuantizedLayer& of, std::int64_t& saturated)
      : rectifies_(of.layer.activation != Activation::none),
        most_(most_output(of)),
        saturated_(saturated) {}

  /// A partial sum.
  [[nodiscard]] std::int16_t stored(std::int64_t value) const {
    const std::int16_t inside = cut(value);
    if (inside != value) ++saturated_;
    return inside;
  }

  /// The last one.
  [[nodiscard]] std::int16_t finished(std::int64_t value) const {
    const std::int16_t inside = cut(value);
    if (inside != value && !hides(value)) ++saturated_;
    if (rectifies_ && inside < 0) return 0;
    return std::min(inside, most_);
  }

 private:
  /// Is the output the same, cut to 16 bits or not?
  [[nodiscard]] bool hides(std::int64_t value) const {
    return value < 0 ? rectifies_ : most_ < INT16_MAX;
  }
  static std::int16_t cut(std::int64_t value) {
    return static_cast<std::int16_t>(std::clamp<std::int64_t>(value, INT16_MIN, INT16_MAX));
  }

  bool rectifies_;
  std::int16_t most_;
  std::int64_t& saturated_;
};

std::vector<std::int16_t> run_products(const QuantizedLayer& of,
                                       const InputMaps<std::int16_t>& input,
                                       std::int64_t& saturated) {
  std::vector<std::int16_t> output(static_cast<std::size_t>(of.layer.ofm.values()), 0);
  const Outputs outputs(of, saturated);
  for_each_step(of, input.first, [&](const Step& step) {
    std::int16_t& at = output[step.output];
    const std::int64_t value =
        at + rounded_shift(2 * std::int64_t{step.sum}, of.shifts[step.channel]);
    at = step.last ? outputs.finished(value) : outputs.stored(value);
  });
  return output;
}

std::vector<std::int16_t> run_global_average_pooling(const QuantizedLayer& of,
                                                     const InputMaps<std::int16_t>& input,
                                                     std::int64_t& saturated) {
  const Shape& map = of.layer.ifm;
  const Tile& tile = of.design.tile;
  const execution::TileCounts tiles = execution::tile_counts(of.layer, tile);
  const std::int64_t pixels = map.height * map.width;
  const Outputs outputs(of, saturated);
  std::vector<std::int16_t> output(static_cast<std::size_t>(map.channels));
  for (std::int64_t m = 0; m < map.channels; ++m) {
    std::int64_t mean = 0;
    std::int64_t sum = 0;
    for (std::int64_t position = 0; position < tiles.positions(); ++position) {
      const std::int64_t row = position / tiles.columns * tile.rows;
      const std::int64_t column = position % tiles.columns * tile.columns;
      for (std::int64_t y = row; y < std::min(row + tile.rows, map.height); ++y) {
        for (std::int64_t x = column; x < std::min(column + tile.columns, map.width); ++x) {
          sum += input.first[static_cast<std::size_t>((y * map.width + x) * map.channels + m)];
        }
      }
      if ((position + 1) % of.design.batch == 0) {
        mean = outputs.stored(rounded_mean(mean * pixels + sum, pixels));
        sum = 0;
      }
    }
    output[static_cast<std::size_t>(m)] = outputs.finished(mean);
  }
  return output;
}

/// `value(window, m)` gives output channel `m` before the activation.
template <class Value>
std::vector<std::int16_t> run_windows(const QuantizedLayer& of, std::int64_t& saturated,
                                      Value&& value) {
  const Outputs outputs(of, saturated);
  std::vector<std::int16_t> output;
  output.reserve(static_cast<std::size_t>(of.layer.ofm.values()));
  for_each_window(of.layer, [&](const Window& window) {
    for (std::int64_t m = 0; m < of.layer.ofm.channels; ++m) {
      output.push_back(outputs.finished(value(window, m)));
    }
  });
  return output;
}

std::vector<std::int16_t> run_max_pooling(const QuantizedLayer& of,
                                          const InputMaps<std::int16_t>& input,
                                          std::int64_t& saturated) {
  return run_windows(of, saturated, [&](const Window& window, std::int64_t m) {
    std::int16_t largest = INT16_MIN;
    for_each_tap(window, [&](std::int64_t kr, std::int64_t kc) {
      const std::int64_t at = window.at(of.layer.ifm, kr, kc) + m;
      largest = std::max(largest, input.first[static_cast<std::size_t>(at)]);
    });
    return largest;
  });
}

std::vector<std::int16_t> run_average_pooling(const QuantizedLayer& of,
                                              const InputMaps<std::int16_t>& input,
                                              std::int64_t& saturated) {
  return run_windows(of, saturated, [&](const Window& window, std::int64_t m) {
    std::int64_t sum = 0;
    for_each_tap(window, [&](std::int64_t kr, std::int64_t kc) {
      sum += input.first[static_cast<std::size_t>(window.at(of.layer.ifm, kr, kc) + m)];
    });
    return rounded_mean(sum, window.positions());
  });
}

std::vector<std::int16_t> run_add(const QuantizedLayer& of, const InputMaps<std::int16_t>& input,
                                  std::int64_t& saturated) {
  const Outputs outputs(of, saturated);
  std::vector<std::int16_t> output(input.first.size());
  for_each_sum(of, input.first, input.second, [&](std::size_t at, std::int32_t sum) {
    output[at] = outputs.finished(rounded_shift(sum, of.shifts[2]));
  });
  return output;
}

double bias_of(const FloatWindow& window, std::int64_t m) {
  if (window.bias == nullptr) return 0;
  return static_cast<double>(window.bias->values[static_cast<std::size_t>(m)]);
}

/// The weight of a tap for output channel `m` and the n-th of the channels that it reads.
double weight_of(const FloatWindow& window, std::int64_t m, std::int64_t n, std::int64_t kr,
                 std::int64_t kc) {
  const std::vector<std::int64_t>& extents = window.weights->shape;  // [out, in, kh, kw]
  const std::int64_t at = ((m * extents[1] + n) * extents[2] + kr) * extents[3] + kc;
  return static_cast<double>(window.weights->values[static_cast<std::size_t>(at)]);
}

double exact_convolution(const FloatWindow& window, std::int64_t m) {
  double sum = bias_of(window, m);
  for_each_tap(window.window, [&](std::int64_t kr, std::int64_t kc) {
    for (std::int64_t n = 0; n < window.layer.ifm.channels; ++n) {
      sum += window.value(kr, kc, n) * weight_of(window, m, n, kr, kc);
    }
  });
  return sum;
}

double exact_depthwise(const FloatWindow& window, std::int64_t m) {
  double sum = bias_of(window, m);
  for_each_tap(window.window, [&](std::int64_t kr, std::int64_t kc) {
    sum += window.value(kr, kc, m) * weight_of(window, m, 0, kr, kc);
  });
  return sum;
}

double exact_average(const FloatWindow& window, std::int64_t m) {
  double sum = 0;
  for_each_tap(window.window,
               [&](std::int64_t kr, std::int64_t kc) { sum += window.value(kr, kc, m); });
  return sum / static_cast<double>(window.window.positions());
}

double exact_maximum(const FloatWindow& window, std::int64_t m) {
  double largest = -std::numeric_limits<double>::infinity();
  for_each_tap(window.window, [&](std::int64_t kr, std::int64_t kc) {
    largest = std::max(largest, window.value(kr, kc, m));
  });
  return largest;
}

double exact_sum(const FloatWindow& window, std::int64_t m) {
  const std::int64_t at = window.window.at(window.layer.ifm, 0, 0) + m;
  return window.value(0, 0, m) +
         static_cast<double>(window.input.second[static_cast<std::size_t>(at)]);
}

/// Each input-channel step is rounded.
std::int64_t steps_of(const Layer& layer, const Design& design) {
  return execution::tile_counts(layer, design.tile).in_channels;
}

std::int64_t none_of(const Layer& /*layer*/, const Design& /*design*/) { return 0; }

constexpr Arithmetic kConvolution{.device_type = INAS_CONVOLUTION,
                                  .device_type_name = "INAS_CONVOLUTION",
                                  .run = run_products,
                                  .exact = exact_convolution,
                                  .roundings = steps_of};
constexpr Arithmetic kDepthwise{.device_type = INAS_DEPTHWISE,
                                .device_type_name = "INAS_DEPTHWISE",
                                .run = run_products,
                                .exact = exact_depthwise,
                                .roundings = steps_of};
constexpr Arithmetic kGlobalAveragePooling{.device_type = INAS_GLOBAL_AVERAGE_POOL,
                                           .device_type_name = "INAS_GLOBAL_AVERAGE_POOL",
                                           .run = run_global_average_pooling,
                                           .exact = exact_average,
                                           .roundings = execution::writes_per_output};
constexpr Arithmetic kMaxPooling{.device_type = INAS_MAX_POOL,
                                 .device_type_name = "INAS_MAX_POOL",
                                 .run = run_max_pooling,
                                 .exact = exact_maximum,
                                 .roundings = none_of};
/// The rounded mean of whole numbers is not beyond the largest of them.
constexpr Arithmetic kAveragePooling{.device_type = INAS_AVERAGE_POOL,
                                     .device_type_name = "INAS_AVERAGE_POOL",
                                     .run = run_average_pooling,
                                     .exact = exact_average,
                                     .roundings = none_of};
constexpr Arithmetic kAdd{.device_type = INAS_ADD,
                          .device_type_name = "INAS_ADD",
                          .run = run_add,
                          .exact = exact_sum,
                          .roundings = [](const Layer&, const Design&) { return std::int64_t{1}; }};

}  // namespace

const Arithmetic& arithmetic_of(LayerType type) {
  switch (type) {
    case LayerType::convolution:
    case LayerType::fully_connected:
      break;
    case LayerType::global_average_pool:
      return kGlobalAveragePooling;
    case LayerType::max_pool:
      return kMaxPooling;
    case LayerType::depthwise_convolution:
      return kDepthwise;
    case LayerType::average_pool:
      return kAveragePooling;
    case LayerType::add:
      return kAdd;
  }
  return kConvolution;
}

}  // namespace inas::dump
