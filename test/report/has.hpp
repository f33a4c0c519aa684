#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace inas::test {

/// Whether `part` stands in `text`; says which part it is about.
[[nodiscard]] inline testing::AssertionResult has(std::string_view text, std::string_view part) {
  const bool found = text.find(part) != std::string_view::npos;
  return (found ? testing::AssertionSuccess() : testing::AssertionFailure())
         << "'" << part << "' is " << (found ? "" : "not ") << "among the " << text.size()
         << " bytes";
}

}  // namespace inas::test
