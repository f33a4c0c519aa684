#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_refused.hpp>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/solution.hpp>
#include <inas/execution/design_check.hpp>

namespace inas {
namespace {

namespace fs = std::filesystem;

test::CommandResult run(const std::string& tool, const std::string& arguments) {
  return test::run_command(fmt::format("{}/{} {}", INAS_TEST_BIN, tool, arguments));
}

std::string model(const std::string& name) {
  return fmt::format("{}/{}.onnx", INAS_TEST_MODELS, name);
}

std::string samples(const std::string& name) {
  return fmt::format("{}/{}.npz", INAS_TEST_MODELS, name);
}

/// The number that the first group of `pattern` finds in `text`.
double number_in(const std::string& text, const std::string& pattern) {
  std::smatch found;
  if (std::regex_search(text, found, std::regex(pattern))) return std::stod(found[1]);
  ADD_FAILURE() << pattern << " is not in\n" << text;
  return 1e9;
}

class InasImport : public testing::Test {
 protected:
  [[nodiscard]] std::string at() const { return (folder_.path() / "network").string(); }

  test::TemporaryFolder folder_;
};

class ImportedModel : public InasImport, public testing::WithParamInterface<const char*> {};

/// From the model to the device: 5 mF, the default supply and all memories of
/// the part.
TEST_P(ImportedModel, IsDesignedAndDeployed) {
  const test::CommandResult imported =
      run("inas-import",
          fmt::format("{} --check {} --out {}", model(GetParam()), samples(GetParam()), at()));
  ASSERT_EQ(imported.code, 0) << imported.err;
  EXPECT_LT(number_in(imported.out, "largest difference of an output ([0-9.e+-]+)"), 1e-4);
  EXPECT_NE(imported.out.find("16 of 16 predictions agree"), std::string::npos) << imported.out;
  EXPECT_FALSE(read_solution(at()).explored);

  const test::CommandResult designed = run("inas-eval", "design " + at());
  ASSERT_EQ(designed.code, 0) << designed.out << designed.err;
  EXPECT_TRUE(execution::read_checked_solution(at()).explored);

  const test::CommandResult dumped =
      run("inas-dump", fmt::format("--solution {} --calibration {} --verify "
                                   "--images 2 --fail-every 3600",
                                   at(), samples(GetParam())));
  ASSERT_EQ(dumped.code, 0) << dumped.out << dumped.err;
  EXPECT_NE(dumped.out.find("calibrated on 16 samples"), std::string::npos) << dumped.out;
  EXPECT_NE(dumped.out.find("every output of 2 samples equals the reference "
                            "executor's, bit for bit"),
            std::string::npos)
      << dumped.out;
  // Outputs of these networks are up to 14.
  EXPECT_LT(number_in(dumped.out,
                      "against floating point: largest difference of an output "
                      "([0-9.e+-]+)"),
            0.1);
  EXPECT_GE(number_in(dumped.out, "against floating point: .*; ([0-9]+) of 16 predictions"), 15);
  EXPECT_GE(number_in(dumped.out, "against the file's outputs.*; ([0-9]+) of 16 predictions"), 15);
  EXPECT_TRUE(fs::exists(fs::path(at()) / "device" / "model.c"));
}

INSTANTIATE_TEST_SUITE_P(OfFourKinds, ImportedModel,
                         testing::Values("plain", "batch_norm", "depthwise", "residual"),
                         [](const auto& info) { return std::string(info.param); });

/// A file without an end is refused where it exceeds what a model may have.
TEST_F(InasImport, FilesLargerThanAnyModelAreNotReadToTheirEnd) {
  const test::CommandResult result = run("inas-import", "/dev/zero --out " + at());
  test::expect_refused(result, "inas-import: /dev/zero: has more than the 268435456 bytes allowed");
  EXPECT_FALSE(fs::exists(at()));
}

TEST_F(InasImport, PrintsTheNetworkAndWhatWasDropped) {
  const test::CommandResult result =
      run("inas-import", fmt::format("{} --out {}", model("residual"), at()));
  EXPECT_EQ(result.code, 0) << result.err;
  for (const char* text :
       {"3/Add ", "reads 3/main/main.3/Conv, 0/Conv", "10 layers, ", "1,1,1,1", "relu",
        "folded into the layer before: /1/BatchNormalization "
        "(BatchNormalization), ",
        "dropped, because they only flatten: /6/Flatten (Flatten)"}) {
    EXPECT_NE(result.out.find(text), std::string::npos) << text << "\n" << result.out;
  }
}

TEST_F(InasImport, SaysAllProblemsOfAModelALineEach) {
  const test::CommandResult result =
      run("inas-import", fmt::format("{} --out {}", model("refused/two_problems"), at()));
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, fmt::format("inas-import: {0}: conv (Conv): dilations: "
                                    "found [2, 2], allowed: 1 in each "
                                    "direction\ninas-import: {0}: tanh (Tanh): "
                                    "found an operator that is not "
                                    "supported, allowed: Relu or Clip(0, 6)\n",
                                    model("refused/two_problems")));
  EXPECT_FALSE(fs::exists(at()));
}

TEST_F(InasImport, WritesNothingIfTheOutputsAreOthers) {
  const test::CommandResult result =
      run("inas-import",
          fmt::format("{} --check {} --out {}", model("plain"), samples("residual"), at()));
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("found outputs that differ by "), std::string::npos) << result.err;
  EXPECT_FALSE(fs::exists(at()));
}

TEST_F(InasImport, RefusesBadInput) {
  const auto import = [&](const std::string& arguments) { return run("inas-import", arguments); };
  test::expect_refused(import("--out " + at()), "MODEL: found none, allowed: a file");
  test::expect_refused(import(model("plain")), "--out: found none");
  test::expect_refused(import(model("absent") + " --out " + at()), model("absent"));
  test::expect_refused(import(samples("plain") + " --out " + at()), "found a zip archive");
  test::expect_refused(import(model("plain") + " --check " + model("plain") + " --out " + at()),
                       "allowed: .npy or .npz");
  write_file(folder_.path() / "solution.json", "{}");
  test::expect_refused(import(model("plain") + " --out " + folder_.path().string()), "--overwrite");
}

TEST_F(InasImport, SamplesMustBeThoseOfTheNetwork) {
  ASSERT_EQ(run("inas-import", model("plain") + " --out " + at()).code, 0);
  ASSERT_EQ(run("inas-eval", "design " + at()).code, 0);
  const auto dump = [&](const std::string& arguments) {
    return run("inas-dump", "--solution " + at() + " " + arguments);
  };
  test::expect_refused(dump("--calibration " + model("plain")), "allowed: .npy or .npz");
  test::expect_refused(dump("--calibration " + samples("plain") + " --data /tmp"),
                       "--data: found with --calibration, allowed: one of the two");
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 2), }\n";
  std::string array("\x93NUMPY\x01\x00", 8);
  array += static_cast<char>(header.size());
  array += '\0';
  write_file(folder_.path() / "a.npy", array + header + std::string(24, '\0'));
  test::expect_refused(dump("--calibration " + (folder_.path() / "a.npy").string()),
                       "input: found the shape [1, 3, 2], allowed: [samples, 1, 28, 28]");
}

}  // namespace
}  // namespace inas
