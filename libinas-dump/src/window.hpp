#pragma once

#include <algorithm>
#include <cstdint>

#include <inas/core/layer.hpp>

namespace inas::dump {

/// Taps [begin, end) of a kernel in one direction that lie inside the map, never none; tap i lies
/// at `origin` + i.
struct InsideTaps {
  std::int64_t origin = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;

  [[nodiscard]] std::int64_t count() const { return end - begin; }
};

[[nodiscard]] inline InsideTaps inside_taps(std::int64_t origin, std::int64_t kernel,
                                            std::int64_t extent) {
  return {origin, std::max<std::int64_t>(0, -origin), std::min(kernel, extent - origin)};
}

/// What one output position reads of the input map.
struct Window {
  InsideTaps rows;
  InsideTaps columns;

  [[nodiscard]] std::int64_t positions() const { return rows.count() * columns.count(); }
  /// Index of the first value under a tap in a map [row][column][channel].
  [[nodiscard]] std::int64_t at(const Shape& map, std::int64_t kr, std::int64_t kc) const {
    return ((rows.origin + kr) * map.width + columns.origin + kc) * map.channels;
  }
};

[[nodiscard]] inline Window window_of(const Layer& layer, std::int64_t row, std::int64_t column) {
  return {
      inside_taps(row * layer.stride - layer.padding.top, layer.kernel_height, layer.ifm.height),
      inside_taps(column * layer.stride - layer.padding.left, layer.kernel_width, layer.ifm.width)};
}

/// Calls `visit(window)` for every output position, row by row.
template <class Visit>
void for_each_window(const Layer& layer, Visit&& visit) {
  for (std::int64_t row = 0; row < layer.ofm.height; ++row) {
    for (std::int64_t column = 0; column < layer.ofm.width; ++column) {
      visit(window_of(layer, row, column));
    }
  }
}

/// Calls `visit(kr, kc)` for every tap of a window inside the map.
template <class Visit>
void for_each_tap(const Window& window, Visit&& visit) {
  for (std::int64_t kr = window.rows.begin; kr < window.rows.end; ++kr) {
    for (std::int64_t kc = window.columns.begin; kc < window.columns.end; ++kc) visit(kr, kc);
  }
}

}  // namespace inas::dump
