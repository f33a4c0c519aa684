#pragma once

// The names that a user may give to layers and profiles: they stand in comments of C, in tables, in
// headers of CSV and in sentences. Internal to the libraries' and programs' sources.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace inas {

inline constexpr std::size_t kLongestName = 100;
inline constexpr std::string_view kSignsOfNames = "_.:/+-";

inline bool is_plain_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSignsOfNames.find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), plain);
}

/// What `is_plain_name` accepts, for errors.
inline std::string plain_names() {
  return fmt::format("1 to {} letters, digits and {}", kLongestName, kSignsOfNames);
}

}  // namespace inas
