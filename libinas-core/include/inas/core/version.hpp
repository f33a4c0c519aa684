#pragma once

#include <string_view>

namespace inas {

/// The version of this software, as written into solutions: "0.1.0".
[[nodiscard]] std::string_view version();

}  // namespace inas
