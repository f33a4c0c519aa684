#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/run_command.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/settings.hpp>

namespace inas {
namespace {

test::CommandResult eval(const std::string& arguments) {
  return test::run_command(INAS_TEST_BIN "/inas-eval " + arguments);
}

/// What every rejection must look like: exit code 2, one line on standard error, nothing on the
/// output.
void expect_rejection(const test::CommandResult& result, const std::string& word) {
  EXPECT_EQ(result.code, 2) << result.out << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_NE(result.err.find(word), std::string::npos) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST(InasEval, HelpNamesEveryOptionWithItsUnit) {
  const test::CommandResult result = eval("--help");
  EXPECT_EQ(result.code, 0);
  for (const char* word : {"--choices", "--solution", "--json", "--settings", "--ccap", " F ",
                           "--rehm", "ohm", "--latreq", " s ", "--vm", "bytes", "published"}) {
    EXPECT_NE(result.out.find(word), std::string::npos) << word << "\n" << result.out;
  }
}

TEST(InasEval, PricesEveryLayerOfANetwork) {
  const test::CommandResult result = eval("--choices 3,8,3,16,3,16,3,24,3,24 --json");
  ASSERT_EQ(result.code, 0) << result.err;
  const nlohmann::json document = nlohmann::json::parse(result.out);
  ASSERT_EQ(document.at("layers").size(), 7u);
  double latency_s = 0;
  for (const auto& layer : document.at("layers")) {
    EXPECT_LE(layer.at("energy_max_j"), document.at("energy_budget_j"));
    EXPECT_LE(layer.at("vm_bytes"), 2048);
    latency_s += layer.at("latency_s").get<double>();
  }
  EXPECT_EQ(document.at("latency_s").get<double>(), latency_s);
}

TEST(InasEval, AnInfeasibleNetworkSaysWhyAndExitsWithOne) {
  const test::CommandResult result = eval("--choices 3,8,3,16,3,16,3,24,3,24 --ccap 0.00028");
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.out.find("infeasible: CONV_0"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("energy budget"), std::string::npos) << result.out;
}

TEST(InasEval, ALatencyRequirementThatIsMissedExitsWithOne) {
  const test::CommandResult result = eval("--choices 3,8,3,16,3,16,3,24,3,24 --latreq 1");
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.out.find("latency requirement is 1 s"), std::string::npos) << result.out;
}

TEST(InasEval, BadInputGetsOneSentenceAndExitCodeTwo) {
  expect_rejection(eval("--choices 3,8"), "choices");
  expect_rejection(eval("--choices 3,8,3,16,3,16,3,24,3,9"), "9");
  expect_rejection(eval("--choices 7,8,7,16,7,16,7,24,7,24"), "CONV_4");
  expect_rejection(eval("--choices x"), "x");
  expect_rejection(eval("--frobnicate"), "frobnicate");
  expect_rejection(eval("--choices 3,8,3,16,3,16,3,24,3,24 --ccap -1"), "capacitance_f");
  expect_rejection(eval("--choices 3,8,3,16,3,16,3,24,3,24 --ccap nan"), "capacitance_f");
  expect_rejection(eval("--choices 3,8,3,16,3,16,3,24,3,24 --profile nope"), "nope");
  expect_rejection(eval("--choices 3,8,3,16,3,16,3,24,3,24 --settings /nonexistent.json"),
                   "/nonexistent.json");
  expect_rejection(eval("--solution /nonexistent"), "/nonexistent");
  expect_rejection(eval("bogus"), "bogus");
  expect_rejection(eval(""), "--choices");
}

TEST(InasEval, AWiderDesignSpaceIsFasterAndShowsItsDesigns) {
  const auto latency = [](const std::string& space) {
    const test::CommandResult result =
        eval("--choices 3,8,3,16,3,16,3,24,3,24 --json --design-space " + space);
    EXPECT_EQ(result.code, 0) << result.err;
    return nlohmann::json::parse(result.out).at("latency_s").get<double>();
  };
  const double published = latency("published");
  EXPECT_LE(latency("divisors"), published);
  EXPECT_LT(latency("row"), published);
  EXPECT_LT(latency("full"), latency("divisors,row,coalesced"));
  const test::CommandResult full = eval("--choices 3,8,3,16,3,16,3,24,3,24 --design-space full");
  EXPECT_NE(full.out.find("_row_coalesced_K"), std::string::npos) << full.out;
  expect_rejection(eval("--choices 3,8,3,16,3,16,3,24,3,24 --design-space wide"), "wide");
}

TEST(InasEval, PricesASolutionFolder) {
  const test::TemporaryFolder folder;
  Solution solution = test::sample_solution();
  write_solution(folder.path(), solution, test::sample_weights(solution, 1));
  const test::CommandResult result = eval("--solution " + folder.path().string());
  EXPECT_EQ(result.code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("3_6_2_1_reuse_I_S3"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("test 70.00 %"), std::string::npos) << result.out;
}

TEST(InasEval, OutputThatCannotBeWrittenIsAnError) {
  EXPECT_EQ(eval("--choices 3,8,3,16,3,16,3,24,3,24 > /dev/full").code, 2);
}

TEST(Configs, EveryShippedSettingsFileIsValid) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(INAS_TEST_CONFIGS)) {
    EXPECT_NO_THROW((void)load_settings(entry.path())) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 4);
}

#ifdef INAS_REFERENCE_DIR
TEST(InasEval, ThePublishedDesignsComeOut) {
  const test::CommandResult result = eval("published --reference " INAS_REFERENCE_DIR " --json");
  ASSERT_EQ(result.code, 0) << result.err;
  const nlohmann::json rows = nlohmann::json::parse(result.out);
  EXPECT_EQ(rows.size(), 36u);
  for (const auto& row : rows) EXPECT_EQ(row.at("designs_equal"), row.at("layers")) << row;
}

TEST(InasEval, TheWiderDesignSpaceIsFiveTimesFasterOnThePublishedNetworks) {
  const test::CommandResult result = eval("ablation --reference " INAS_REFERENCE_DIR);
  ASSERT_EQ(result.code, 0) << result.err;
  const std::size_t line = result.out.find("geometric mean, all");
  ASSERT_NE(line, std::string::npos) << result.out;
  const std::string means = result.out.substr(line, result.out.find('\n', line) - line);
  // The last column is everything together.
  EXPECT_GE(std::stod(means.substr(means.find_last_of(' ', means.find_last_of('x')))), 5.0)
      << means;
}
#endif

}  // namespace
}  // namespace inas
