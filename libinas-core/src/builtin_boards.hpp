#pragma once

#include <span>
#include <string_view>

namespace inas {

/// A description of firmware/boards as it stands there, put into the library by the build.
struct BuiltinBoard {
  std::string_view name;
  std::string_view json;
};

[[nodiscard]] std::span<const BuiltinBoard> builtin_boards();

}  // namespace inas
