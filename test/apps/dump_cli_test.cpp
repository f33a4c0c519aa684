#include <filesystem>

#include <gtest/gtest.h>
#include <support/run_command.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/solution.hpp>

namespace inas {
namespace {

test::CommandResult dump(const std::string& arguments) {
  return test::run_command(INAS_TEST_BIN "/inas-dump " + arguments);
}

class InasDump : public testing::Test {
 protected:
  InasDump() {
    const Solution solution = test::sample_solution();
    write_solution(folder_.path(), solution, test::sample_weights(solution, 1));
  }

  test::TemporaryFolder folder_;
};

TEST_F(InasDump, WritesTheHeaderAndTheImage) {
  const std::filesystem::path out = folder_.path() / "device";
  const test::CommandResult result =
      dump("--solution " + folder_.path().string() + " --out " + out.string());
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(std::filesystem::exists(out / "model.h"));
  EXPECT_TRUE(std::filesystem::exists(out / "weights.bin"));
}

TEST_F(InasDump, AFullDiskLeavesTheOldModelAndNoPart) {
  const std::string folder = folder_.path().string();
  write_file(folder_.path() / "model.h", "old");
  // A limit of one block for every written file stands for the full disk.
  const test::CommandResult result =
      test::run_command("ulimit -f 1; " INAS_TEST_BIN "/inas-dump --solution " + folder);
  EXPECT_EQ(result.code, 2) << result.err;
  EXPECT_EQ(read_file(folder_.path() / "model.h"), "old");
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(name == "model.h" || name == "weights.bin" || name == "solution.json" ||
                name == "weights.safetensors")
        << "left behind: " << name;
  }
}

TEST_F(InasDump, DamagedSolutionsAreRefusedWithTheirName) {
  const std::string weights = (folder_.path() / "weights.safetensors").string();
  const std::string content = read_file(weights);
  write_file(weights, content.substr(0, content.size() - 4));
  const test::CommandResult result = dump("--solution " + folder_.path().string());
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("weights.safetensors"), std::string::npos) << result.err;
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "model.h"));
}

TEST_F(InasDump, NeedsASolution) {
  const test::CommandResult result = dump("");
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("--solution"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace inas
