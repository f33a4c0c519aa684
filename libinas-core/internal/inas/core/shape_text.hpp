#pragma once

// Internal to the libraries' and programs' sources.

#include <string>
#include <string_view>

#include <fmt/format.h>

#include <inas/core/layer.hpp>

namespace inas {

/// "12x28x28": channels, height, width; with "×" for `times` as sentences and pages have it.
inline std::string shape_text(const Shape& shape, std::string_view times = "x") {
  return fmt::format("{}{}{}{}{}", shape.channels, times, shape.height, times, shape.width);
}

}  // namespace inas
