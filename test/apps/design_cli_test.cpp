#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_refused.hpp>
#include <support/run_command.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/solution.hpp>
#include <inas/execution/design_check.hpp>

namespace inas {
namespace {

namespace fs = std::filesystem;

test::CommandResult eval(const std::string& arguments) {
  return test::run_command(INAS_TEST_BIN "/inas-eval " + arguments);
}

/// A folder with a network that has no designs, as an imported one.
class InasEvalDesign : public testing::Test {
 protected:
  InasEvalDesign() {
    const Solution sample = test::sample_solution();
    solution_.explored = false;
    solution_.settings = sample.settings;
    solution_.software_version = sample.software_version;
    for (const LayerSolution& record : sample.layers) {
      solution_.layers.push_back({.layer = record.layer});
    }
    weights_ = test::sample_weights(solution_, 1);
    write_solution(at(), solution_, weights_);
  }

  [[nodiscard]] std::string at() const { return (folder_.path() / "network").string(); }
  [[nodiscard]] std::string other() const { return (folder_.path() / "other").string(); }

  test::TemporaryFolder folder_;
  Solution solution_;
  std::vector<Tensor> weights_;
};

TEST_F(InasEvalDesign, WritesDesignsIntoTheFolder) {
  const test::CommandResult result = eval("design " + at());
  EXPECT_EQ(result.code, 0) << result.err;
  const Solution designed = execution::read_checked_solution(at());
  EXPECT_TRUE(designed.explored);
  EXPECT_EQ(network_of(designed), network_of(solution_));
  EXPECT_EQ(read_solution_weights(at(), designed), weights_);
  EXPECT_GT(designed.latency_s, 0);
  EXPECT_NE(result.out.find(designed.layers[0].layer.name), std::string::npos) << result.out;
  const test::CommandResult priced = eval("--solution " + at());
  EXPECT_EQ(priced.code, 0) << priced.err;
}

TEST_F(InasEvalDesign, OfOptionsLeavesTheFolderWhereTheyNameAnother) {
  const std::string before = read_file(fs::path(at()) / "solution.json");
  const test::CommandResult result =
      eval("design " + at() + " --ccap 0.01 --design-space divisors --out " + other());
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(read_file(fs::path(at()) / "solution.json"), before);
  const Solution designed = execution::read_checked_solution(other());
  EXPECT_EQ(designed.settings.power.capacitance_f, 0.01);
  EXPECT_FALSE(designed.ledger.kept());
  test::expect_refused(eval("design " + at() + " --out " + other()), "--overwrite");
  EXPECT_EQ(eval("design " + at() + " --overwrite --out " + other()).code, 0);
}

TEST_F(InasEvalDesign, SaysWhichLayerAndConstraintAreInTheWay) {
  const std::string before = read_file(fs::path(at()) / "solution.json");
  const test::CommandResult result = eval("design " + at() + " --vm 8");
  EXPECT_EQ(result.code, 1) << result.err;
  EXPECT_NE(result.out.find("infeasible: "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find(solution_.layers[0].layer.name), std::string::npos) << result.out;
  EXPECT_EQ(read_file(fs::path(at()) / "solution.json"), before);
}

TEST_F(InasEvalDesign, OtherCommandsSayThatThereAreNoDesigns) {
  for (const std::string command : {"", "breakdown "}) {
    test::expect_refused(eval(command + "--solution " + at()),
                         at() +
                             ": designs: found none, allowed: those of a network that was "
                             "explored, as inas-eval design does");
  }
  test::expect_refused(
      test::run_command(INAS_TEST_BIN "/inas-dump --calibrate 0 --solution " + at()),
      "designs: found none");
}

TEST_F(InasEvalDesign, CommandsThatLookForDesignsThemselvesNeedNone) {
  const test::CommandResult result =
      eval("pareto --solution " + at() + " --layer " + solution_.layers[0].layer.name);
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST_F(InasEvalDesign, RefusesWhatIsNoSolutionFolder) {
  test::expect_refused(eval("design"), "DIR: found none, allowed: a solution folder");
  test::expect_refused(eval("design " + other()), other());
  test::expect_refused(eval("design " + at() + " --ccap -1"), "--ccap: ");
}

}  // namespace
}  // namespace inas
