#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_refused.hpp>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>
#include <support/tool.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

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
    test::expect_refused(result, part);
    EXPECT_TRUE(result.err.starts_with(GetParam() + ": ")) << result.err;
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

TEST(RankEfforts, SamplesAreOfTheShapeOfTheSpace) {
  const std::vector<std::string> built = tools();
  if (std::find(built.begin(), built.end(), "inas-rank-efforts") == built.end()) return;
  const TemporaryFolder folder;
  // Lines of eight values: two channels of four steps, which the space alone tells.
  std::string table = "label,a,b,c,d,e,f,g,h\n";
  for (int i = 0; i < 60; ++i) {
    const int way = i % 2 == 0 ? 1 : -1;
    table += fmt::format("{},{},{},1,2,3,{},4,5\n", i % 2, way * i, way, 2 * way);
  }
  write_file(folder.path() / "train.csv", table);
  write_file(folder.path() / "settings.json", fmt::format(R"({{
    "data": {{"name": "windows", "path": "{}", "train_images": 0, "validation_images": 10}},
    "space": {{"family": "conv1d", "input": [2, 4, 1], "classes": 2, "layers": 1,
               "kernels": [1, 3], "filters": [4, 8]}}}})",
                                                          folder.path().string()));
  const CommandResult result =
      run("inas-rank-efforts", fmt::format("{} --networks 2 --efforts 1x32,1x16",
                                           (folder.path() / "settings.json").string()));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("1 epochs on 32 images: Spearman"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace inas::test
