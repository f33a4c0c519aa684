#include "table_executor.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace inas::dump {
namespace {

/// 16-bit values at byte addresses, little-endian.
class Nvm {
 public:
  explicit Nvm(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}

  [[nodiscard]] std::int64_t get(std::uint32_t base, std::int64_t index) const {
    const std::size_t at = base + 2 * static_cast<std::size_t>(index);
    const auto bits = static_cast<std::uint16_t>(bytes_.at(at) | bytes_.at(at + 1) << 8);
    return static_cast<std::int16_t>(bits);
  }
  void set(std::uint32_t base, std::int64_t index, std::int64_t value) {
    const std::size_t at = base + 2 * static_cast<std::size_t>(index);
    const auto bits = static_cast<std::uint16_t>(value);
    bytes_.at(at) = static_cast<std::uint8_t>(bits & 0xFF);
    bytes_.at(at + 1) = static_cast<std::uint8_t>(bits >> 8);
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && a < 0 ? 1 : 0);
}
/// ⌊a/b + 1/2⌋
std::int64_t rounded(std::int64_t a, std::int64_t b) { return floor_div(2 * a + b, 2 * b); }
std::int64_t power_of_two(int exponent) { return std::int64_t{1} << exponent; }
std::int64_t saturate(std::int64_t value) {
  return std::clamp<std::int64_t>(value, INT16_MIN, INT16_MAX);
}

class LayerExecutor {
 public:
  LayerExecutor(const inas_layer& layer, Nvm& nvm) : l_(layer), nvm_(nvm) {}

  void run() {
    const std::uint32_t finished = l_.output[(steps() - 1) % 2];
    std::vector<std::int64_t> outputs;
    for (std::int64_t r = 0; r < l_.out_rows; ++r) {
      for (std::int64_t c = 0; c < l_.out_columns; ++c) {
        for (std::int64_t m = 0; m < l_.out_channels; ++m) {
          outputs.push_back(activated(output(r, c, m)));
        }
      }
    }
    for (std::size_t at = 0; at < outputs.size(); ++at) {
      nvm_.set(finished, static_cast<std::int64_t>(at), outputs[at]);
    }
  }

 private:
  /// How often each output is written.
  [[nodiscard]] std::int64_t steps() const {
    const auto tiles = [](std::int64_t n, std::int64_t size) { return (n + size - 1) / size; };
    if (l_.type == INAS_GLOBAL_AVERAGE_POOL) {
      return tiles(l_.in_rows, l_.tile_rows) * tiles(l_.in_columns, l_.tile_columns) / l_.batch;
    }
    if (l_.type != INAS_CONVOLUTION) return 1;
    const std::int64_t n = tiles(l_.in_channels, l_.tile_in_channels);
    return l_.order == INAS_REUSE_O ? n / l_.batch : n;
  }

  [[nodiscard]] std::int64_t activated(std::int64_t value) const {
    if ((l_.flags & INAS_RELU) != 0) value = std::max<std::int64_t>(value, 0);
    return std::min<std::int64_t>(value, l_.most);
  }

  [[nodiscard]] std::int64_t output(std::int64_t r, std::int64_t c, std::int64_t m) const {
    switch (l_.type) {
      case INAS_CONVOLUTION:
        return convolved(r, c, m);
      case INAS_DEPTHWISE:
        return depthwise(r, c, m);
      case INAS_GLOBAL_AVERAGE_POOL:
        return averaged(m);
      case INAS_MAX_POOL: {
        std::int64_t largest = INT16_MIN;
        for_each_tap(r, c, [&](std::int64_t, std::int64_t, std::int64_t pixel) {
          largest = std::max(largest, nvm_.get(l_.input, pixel * l_.in_channels + m));
        });
        return largest;
      }
      case INAS_AVERAGE_POOL: {
        std::int64_t sum = 0;
        std::int64_t count = 0;
        for_each_tap(r, c, [&](std::int64_t, std::int64_t, std::int64_t pixel) {
          sum += nvm_.get(l_.input, pixel * l_.in_channels + m);
          ++count;
        });
        return rounded(sum, count);
      }
      case INAS_ADD: {
        const std::int64_t at = (r * l_.in_columns + c) * l_.in_channels + m;
        const auto scaled = [&](std::int64_t value, int shift) {
          return floor_div(value * power_of_two(13), power_of_two(shift));
        };
        const std::int64_t sum = 2 * (scaled(nvm_.get(l_.input, at), l_.shifts[0]) +
                                      scaled(nvm_.get(l_.second_input, at), l_.shifts[1]));
        return saturate(rounded(sum, power_of_two(l_.shifts[2])));
      }
      default:
        throw std::runtime_error("not a type of model.h");
    }
  }

  /// Calls visit(kernel row, kernel column, pixel) for the window's positions inside the map.
  template <class Visit>
  void for_each_tap(std::int64_t r, std::int64_t c, Visit visit) const {
    for (std::int64_t i = 0; i < l_.kernel_rows; ++i) {
      for (std::int64_t j = 0; j < l_.kernel_columns; ++j) {
        const std::int64_t row = r * l_.stride - l_.pad_top + i;
        const std::int64_t column = c * l_.stride - l_.pad_left + j;
        const bool inside = row >= 0 && row < l_.in_rows && column >= 0 && column < l_.in_columns;
        if (inside) visit(i, j, row * l_.in_columns + column);
      }
    }
  }

  [[nodiscard]] std::int64_t bias(std::int64_t m) const { return l_.bias ? l_.bias[m] : 0; }

  [[nodiscard]] std::int64_t convolved(std::int64_t r, std::int64_t c, std::int64_t m) const {
    std::int64_t value = 0;
    for (std::int64_t n0 = 0; n0 < l_.in_channels; n0 += l_.tile_in_channels) {
      const std::int64_t end = std::min<std::int64_t>(l_.in_channels, n0 + l_.tile_in_channels);
      std::int64_t sum = n0 == 0 ? bias(m) : 0;
      for_each_tap(r, c, [&](std::int64_t i, std::int64_t j, std::int64_t pixel) {
        for (std::int64_t n = n0; n < end; ++n) {
          sum += nvm_.get(l_.input, pixel * l_.in_channels + n) *
                 nvm_.get(l_.weights, weight_at(m, i, j, n));
        }
      });
      value = saturate(value + rounded(2 * sum, power_of_two(l_.shifts[m])));
    }
    return value;
  }

  [[nodiscard]] std::int64_t depthwise(std::int64_t r, std::int64_t c, std::int64_t m) const {
    const std::int64_t Tm = l_.tile_out_channels;
    const std::int64_t taps = l_.kernel_rows * l_.kernel_columns;
    std::int64_t sum = bias(m);
    for_each_tap(r, c, [&](std::int64_t i, std::int64_t j, std::int64_t pixel) {
      const std::int64_t tap = i * l_.kernel_columns + j;
      std::int64_t at = tap * l_.in_channels + m;
      if ((l_.flags & INAS_COALESCED) != 0) {
        const std::int64_t first = m / Tm * Tm;
        at = first * taps + tap * std::min(Tm, l_.out_channels - first) + m - first;
      }
      sum += nvm_.get(l_.input, pixel * l_.in_channels + m) * nvm_.get(l_.weights, at);
    });
    return saturate(rounded(2 * sum, power_of_two(l_.shifts[m])));
  }

  [[nodiscard]] std::int64_t weight_at(std::int64_t m, std::int64_t i, std::int64_t j,
                                       std::int64_t n) const {
    const std::int64_t taps = l_.kernel_rows * l_.kernel_columns;
    const std::int64_t tap = i * l_.kernel_columns + j;
    if ((l_.flags & INAS_COALESCED) == 0) return (m * taps + tap) * l_.in_channels + n;
    const std::int64_t m0 = m / l_.tile_out_channels * l_.tile_out_channels;
    const std::int64_t n0 = n / l_.tile_in_channels * l_.tile_in_channels;
    const std::int64_t Tm = std::min<std::int64_t>(l_.tile_out_channels, l_.out_channels - m0);
    const std::int64_t Tn = std::min<std::int64_t>(l_.tile_in_channels, l_.in_channels - n0);
    return m0 * taps * l_.in_channels + Tm * taps * n0 + ((m - m0) * taps + tap) * Tn + n - n0;
  }

  [[nodiscard]] std::int64_t averaged(std::int64_t m) const {
    const std::int64_t P = l_.in_rows * l_.in_columns;
    std::int64_t mean = 0;
    std::int64_t sum = 0;
    std::int64_t tiles = 0;
    for (std::int64_t r0 = 0; r0 < l_.in_rows; r0 += l_.tile_rows) {
      for (std::int64_t c0 = 0; c0 < l_.in_columns; c0 += l_.tile_columns) {
        for (std::int64_t r = r0; r < std::min<std::int64_t>(l_.in_rows, r0 + l_.tile_rows); ++r) {
          for (std::int64_t c = c0; c < std::min<std::int64_t>(l_.in_columns, c0 + l_.tile_columns);
               ++c) {
            sum += nvm_.get(l_.input, (r * l_.in_columns + c) * l_.in_channels + m);
          }
        }
        if (++tiles % l_.batch != 0) continue;
        mean = saturate(rounded(mean * P + sum, P));
        sum = 0;
      }
    }
    return mean;
  }

  const inas_layer& l_;
  Nvm& nvm_;
};

}  // namespace

std::vector<std::int16_t> execute_tables(const inas_model& model, std::vector<std::uint8_t> nvm) {
  Nvm memory(std::move(nvm));
  for (int index = 0; index < model.layer_count; ++index) {
    LayerExecutor(model.layers[index], memory).run();
  }
  const inas_layer& last = model.layers[model.layer_count - 1];
  std::vector<std::int16_t> output;
  const std::int64_t values = std::int64_t{last.out_rows} * last.out_columns * last.out_channels;
  for (std::int64_t at = 0; at < values; ++at) {
    output.push_back(static_cast<std::int16_t>(memory.get(model.output, at)));
  }
  return output;
}

}  // namespace inas::dump
