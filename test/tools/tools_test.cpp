#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/run_command.hpp>
#include <support/tool.hpp>

#include <inas/core/error.hpp>

namespace inas::test {
namespace {

std::vector<std::string> tools() {
  std::vector<std::string> names;
  std::istringstream list(INAS_TOOLS);
  for (std::string name; std::getline(list, name, ',');) names.push_back(name);
  return names;
}

CommandResult run(const std::string& tool, const std::string& arguments) {
  return run_command(fmt::format("{}/{} {}", INAS_TEST_BIN, tool, arguments));
}

class Tools : public testing::TestWithParam<std::string> {
 protected:
  static void expect_refused(const std::string& arguments, const std::string& part) {
    const CommandResult result = run(GetParam(), arguments);
    EXPECT_EQ(result.code, 2) << result.out << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_TRUE(result.err.starts_with(GetParam() + ": ")) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  }
};

TEST_P(Tools, HelpSaysArgumentsAndExitCodes) {
  const CommandResult result = run(GetParam(), "--help");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(result.out.starts_with("usage: " + GetParam() + " ")) << result.out;
  EXPECT_NE(result.out.find("\nExit code: 0 "), std::string::npos) << result.out;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST_P(Tools, UnknownOptionsAreRefusedInOneSentence) {
  expect_refused("--no-such-option", "option --no-such-option, allowed: --");
}

TEST_P(Tools, TooManyArgumentsAreRefusedInOneSentence) {
  if (GetParam() == "inas-predict-cycles") {
    expect_refused("3,8 --published .", "allowed: either CHOICES or --published FOLDER");
  } else {
    expect_refused("a b c d e f", "found 6 ");
  }
}

INSTANTIATE_TEST_SUITE_P(All, Tools, testing::ValuesIn(tools()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(ToolOptions, NumbersAreWholeOnesWithinBounds) {
  const std::string campaign = "inas-power-failure-campaign";
  for (const std::string found : {"-1", "1e3", "5x", "''", "99999999999999999999"}) {
    const CommandResult result = run(campaign, "--random " + found);
    EXPECT_EQ(result.code, 2) << found;
    EXPECT_NE(result.err.find("--random: found \""), std::string::npos) << result.err;
  }
  EXPECT_EQ(run(campaign, "--placement nowhere").code, 2);
  EXPECT_EQ(run(campaign, "--seed").code, 2);
  EXPECT_EQ(whole_number("N", "7", 7, 7), 7);
  EXPECT_THROW((void)whole_number("N", "8", 7, 7), Error);
}

}  // namespace
}  // namespace inas::test
