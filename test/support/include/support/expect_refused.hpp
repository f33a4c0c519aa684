#pragma once

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <support/run_command.hpp>

namespace inas::test {

/// Expects of a command what every refusal looks like: exit code 2, one line on standard error,
/// which contains `word`, and nothing on the output.
inline void expect_refused(const CommandResult& result, const std::string& word) {
  EXPECT_EQ(result.code, 2) << result.out << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_FALSE(result.err.ends_with(".\n")) << result.err;
  EXPECT_NE(result.err.find(word), std::string::npos) << "no '" << word << "' in: " << result.err;
  EXPECT_EQ(result.out, "");
}

}  // namespace inas::test
