#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_refused.hpp>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>

namespace inas {
namespace {

/// One measurement as Google Benchmark writes it.
std::string run_of(const std::string& name, double time, const std::string& unit = "ns",
                   const std::string& type = "iteration") {
  return fmt::format(
      R"({{"name": "{}", "run_type": "{}", "iterations": 1, "real_time": 1e9, "cpu_time": {}, "time_unit": "{}"}})",
      name, type, time, unit);
}

class Compare : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& runs) {
    const auto path = folder_.path() / name;
    write_file(path, R"({"context": {}, "benchmarks": [)" + runs + "]}");
    return path.string();
  }

  static test::CommandResult compare(const std::string& arguments) {
    return test::run_command(INAS_TEST_BIN "/inas-bench-compare " + arguments);
  }

  static void expect_rejection(const std::string& arguments, const std::string& word) {
    SCOPED_TRACE(arguments);
    test::expect_refused(compare(arguments), word);
  }

  test::TemporaryFolder folder_;
};

TEST_F(Compare, FailsIfOneBenchmarkIsSlowerThanTheThreshold) {
  const std::string before = file("old.json", run_of("A", 100) + "," + run_of("B", 100));
  const std::string after = file("new.json", run_of("A", 120) + "," + run_of("B", 130));
  const test::CommandResult result = compare(before + " " + after);
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.out.find("1 of 2 slower by a factor above 1.25"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("1.30  slower"), std::string::npos) << result.out;
  EXPECT_EQ(result.out.find("1.20  slower"), std::string::npos) << result.out;
  EXPECT_EQ(compare(before + " " + after + " --threshold 1.4").code, 0);
  EXPECT_EQ(compare("--threshold 1.1 " + before + " " + after).code, 1);
  EXPECT_EQ(compare(after + " " + before).code, 0) << "faster is no regression";
}

TEST_F(Compare, UnitsAreConverted) {
  const std::string before = file("old.json", run_of("A", 900, "us"));
  const std::string after = file("new.json", run_of("A", 1, "ms"));
  EXPECT_EQ(compare(before + " " + after).code, 0);
  EXPECT_EQ(compare(before + " " + after + " --threshold 1.05").code, 1);
}

TEST_F(Compare, TheLeastOfRepetitionsCountsAndAggregatesDoNot) {
  const std::string before = file("old.json", run_of("A", 100));
  const std::string after =
      file("new.json", run_of("A", 300) + "," + run_of("A", 101) + "," + run_of("A", 250) + "," +
                           run_of("A_mean", 217, "ns", "aggregate"));
  const test::CommandResult result = compare(before + " " + after);
  EXPECT_EQ(result.code, 0) << result.out;
  EXPECT_EQ(result.out.find("A_mean"), std::string::npos) << result.out;
}

TEST_F(Compare, BenchmarksOfOneFileAreListedAndDoNotFail) {
  const std::string before = file("old.json", run_of("A", 1) + "," + run_of("Gone", 1));
  const std::string after = file("new.json", run_of("A", 1) + "," + run_of("Added", 999));
  const test::CommandResult result = compare(before + " " + after);
  EXPECT_EQ(result.code, 0);
  EXPECT_NE(result.out.find("Gone"), std::string::npos);
  EXPECT_NE(result.out.find("Added"), std::string::npos);
}

TEST_F(Compare, BadInputGetsOneSentenceAndExitCodeTwo) {
  const std::string good = file("good.json", run_of("A", 1));
  const std::string other = file("other.json", run_of("B", 1));
  const auto text = folder_.path() / "text.json";
  write_file(text, "no JSON");
  expect_rejection("", "0 files");
  expect_rejection(good, "1 files");
  expect_rejection(good + " " + good + " --threshold", "--threshold");
  expect_rejection(good + " " + good + " --threshold 0.5", "0.5");
  expect_rejection(good + " " + good + " --threshold nan", "nan");
  expect_rejection(good + " " + good + " --frobnicate", "--frobnicate");
  expect_rejection(good + " /nonexistent.json", "/nonexistent.json");
  expect_rejection(good + " " + text.string(), "text.json");
  expect_rejection(good + " " + other, "found no benchmark of");
  expect_rejection(good + " " + file("zero.json", run_of("A", 0)), "cpu_time");
  expect_rejection(good + " " + file("unit.json", run_of("A", 1, "h")), "time_unit");
}

}  // namespace
}  // namespace inas
