#pragma once

#include <string>
#include <string_view>

#include <inas/core/solution.hpp>

namespace inas {

/// The text of solution.json, and back: parse_solution(to_json(s), …) == s for every valid s.
/// Texts that are no valid solution throw Error, naming `source` and the key.
[[nodiscard]] std::string to_json(const Solution& solution);
[[nodiscard]] Solution parse_solution(std::string_view text, const std::string& source);

}  // namespace inas
