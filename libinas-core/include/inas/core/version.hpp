#pragma once

#include <string_view>

namespace inas {

/// The version of this software, as written into solutions: "0.1.0", and if it was built from a git
/// tree the commit, "0.1.0+1a2b3c4d5e", with "-dirty" if files differed from it.
[[nodiscard]] std::string_view version();

}  // namespace inas
