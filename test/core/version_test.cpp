#include <regex>
#include <string>

#include <gtest/gtest.h>

#include <inas/core/version.hpp>

namespace inas {
namespace {

TEST(Version, IsThreeNumbersAndTheCommitIfThereIsOne) {
  const std::regex form(R"(\d+\.\d+\.\d+(\+[0-9a-f]{10,40}(-dirty)?)?)");
  EXPECT_TRUE(std::regex_match(std::string(version()), form)) << version();
}

}  // namespace
}  // namespace inas
