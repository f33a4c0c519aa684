#pragma once

#include <span>
#include <string_view>

namespace inas::costmodel {

/// A file of profiles/, in the library since it was built.
struct BuiltinProfile {
  std::string_view name;  ///< the file's, without .json
  std::string_view json;
};

/// All of them, the default one first.
[[nodiscard]] std::span<const BuiltinProfile> embedded_profiles();

}  // namespace inas::costmodel
