#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include <inas/core/version.hpp>

namespace inas {
namespace {

TEST(Version, IsThreeNumbers) {
  // "1.22.3" with every digit run as one 9.
  std::string form(version());
  for (char& character : form) character = character >= '0' && character <= '9' ? '9' : character;
  form.erase(std::unique(form.begin(), form.end()), form.end());
  EXPECT_EQ(form, "9.9.9") << version();
}

}  // namespace
}  // namespace inas
