#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/expect_refused.hpp>
#include <support/run_command.hpp>
#include <support/sample_solution.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/solution.hpp>

namespace inas {
namespace {

namespace fs = std::filesystem;

test::CommandResult dump(const std::string& arguments) {
  return test::run_command(INAS_TEST_BIN "/inas-dump " + arguments);
}

class InasDump : public testing::Test {
 protected:
  InasDump() {
    Solution solution = test::sample_solution();
    for (LayerSolution& of : solution.layers) {
      const bool vectors =
          of.layer.type == LayerType::convolution || of.layer.type == LayerType::fully_connected;
      if (vectors) of.design.unit = Unit::cpu;
    }
    write_solution(folder_.path(), solution, test::sample_weights(solution, 1));
  }

  void expect_refused(const std::string& arguments, const std::string& word) {
    SCOPED_TRACE(arguments);
    test::expect_refused(dump("--solution " + at() + " " + arguments), word);
  }

  [[nodiscard]] std::string at() const { return folder_.path().string(); }

  test::TemporaryFolder folder_;
};

TEST_F(InasDump, WritesTheDevicesFilesIntoTheSolutionFolder) {
  const test::CommandResult result = dump("--calibrate 0 --board msp430fr5994 --solution " + at());
  EXPECT_EQ(result.code, 0) << result.err;
  for (const char* name : {"model.h", "model.c", "nvm_image.c", "nvm.bin", "manifest.json"}) {
    EXPECT_TRUE(fs::exists(folder_.path() / "device" / name)) << name;
  }
}

/// Of the settings without a board; of the board, built for the unit, with one.
TEST_F(InasDump, PrintsTheMemoriesThatTheModelWasCheckedAgainst) {
  const auto printed = [&](const std::string& options) {
    return dump("--calibrate 0 --overwrite --solution " + at() + options).out;
  };
  const auto says = [](const std::string& out, const std::string& text) {
    EXPECT_NE(out.find(text), std::string::npos) << text << "\n" << out;
  };
  const std::string without = printed("");
  EXPECT_EQ(without.find(" bytes of "), std::string::npos) << without;
  const std::string part = printed(" --board msp430fr5994");
  says(part, " of 1261568 bytes of msp430fr5994, ");
  says(part, " of 3780 bytes; ");  // the LEA's, which is the least
  says(printed(" --board msp430fr5994 --unit cpu"), " of 7168 bytes; ");
  // NVM shares its memory with the code, 15360 bytes, and the tables.
  const std::string simulated = printed(" --board msp430-sim");
  const std::string before = "NVM ";
  const std::size_t of = simulated.find(" of ", simulated.find(before));
  ASSERT_NE(of, std::string::npos) << simulated;
  const std::int64_t nvm = std::stoll(simulated.substr(of + 4));
  EXPECT_LT(nvm, 49'024 - 15'360);
  EXPECT_GT(nvm, 49'024 - 15'360 - 1000);
  says(simulated, fmt::format(" of {} bytes of msp430-sim, ", nvm));
}

TEST_F(InasDump, AFullDiskLeavesTheOldModelAndNoPart) {
  fs::create_directory(folder_.path() / "device");
  write_file(folder_.path() / "device" / "model.h", "old");
  // A limit of one block for every written file stands for the full disk.
  const test::CommandResult result = test::run_command(
      "ulimit -f 1; " INAS_TEST_BIN "/inas-dump --calibrate 0 --overwrite --solution " + at());
  EXPECT_EQ(result.code, 2) << result.err;
  EXPECT_EQ(read_file(folder_.path() / "device" / "model.h"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path() / "device"), {}), 1);
}

/// The device folder of a solution is the solution's; any other one may hold somebody else's dump.
TEST_F(InasDump, TheDumpOfAnotherSolutionIsReplacedOnlyIfAskedTo) {
  const Solution solution = test::sample_solution();
  const std::string out = (folder_.path() / "out").string();
  const std::string dump_out = "--calibrate 0 --out " + out;
  EXPECT_EQ(dump("--solution " + at() + " " + dump_out).code, 0);
  EXPECT_EQ(dump("--calibrate 0 --solution " + at()).code, 0);
  const std::string image = read_file(out + "/nvm.bin");
  EXPECT_EQ(dump("--solution " + at() + " " + dump_out).code, 0) << "of the same solution";

  write_solution(folder_.path(), solution, test::sample_weights(solution, 2));
  EXPECT_EQ(dump("--calibrate 0 --solution " + at()).code, 0) << "its own device folder";
  expect_refused(dump_out, out + ": holds manifest.json, model.h, model.c, nvm_image.c, nvm.bin");
  expect_refused(dump_out, "--overwrite");
  EXPECT_EQ(read_file(out + "/nvm.bin"), image);
  EXPECT_EQ(dump("--overwrite --solution " + at() + " " + dump_out).code, 0);
  EXPECT_NE(read_file(out + "/nvm.bin"), image);
}

TEST_F(InasDump, FilesOfOthersStay) {
  const fs::path out = folder_.path() / "project";
  fs::create_directory(out);
  write_file(out / "model.c", "mine");
  expect_refused("--calibrate 0 --out " + out.string(), "holds model.c of an earlier run");
  EXPECT_EQ(read_file(out / "model.c"), "mine");
  fs::rename(out / "model.c", out / "main.c");
  const test::CommandResult here = test::run_command(
      "cd " + out.string() +
      " && " INAS_TEST_BIN "/inas-dump --calibrate 0 --out . --solution .. && ls model.h");
  EXPECT_EQ(here.code, 0) << here.err;
  EXPECT_EQ(read_file(out / "main.c"), "mine");
  EXPECT_EQ(std::distance(fs::directory_iterator(out), {}), 6);
}

TEST_F(InasDump, ARefusedSolutionLeavesNoFolder) {
  expect_refused("--data /nowhere --out " + at() + "/a/b", "/nowhere");
  EXPECT_FALSE(fs::exists(folder_.path() / "a"));
}

/// flock of util-linux stands for the other run.
TEST_F(InasDump, AFolderThatAnotherRunWorksInIsRefused) {
  fs::create_directory(folder_.path() / "out");
  const auto refused_while_locked = [&](const std::string& lock, const std::string& arguments,
                                        const std::string& word) {
    const std::string file = (folder_.path() / lock).string();
    write_file(file, "inas-search, process 7 on host a\n");
    const test::CommandResult result = test::run_command(
        "flock " + file + " " INAS_TEST_BIN "/inas-dump --calibrate 0 --solution " + at() + " " +
        arguments);
    EXPECT_EQ(result.code, 2) << result.err;
    EXPECT_NE(result.err.find("inas-search, process 7 on host a"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find(word), std::string::npos) << result.err;
    fs::remove(file);
  };
  refused_while_locked("out/.inas-lock", "--out " + at() + "/out", "another run works in");
  refused_while_locked(".inas-lock", "", "--out names another folder");
  EXPECT_FALSE(fs::exists(folder_.path() / "device"));
}

/// The disk that the output goes to may be full, or whoever reads it gone, which is no error: the
/// files are written.
TEST_F(InasDump, WhatCannotBePrintedIsAnErrorAtTheEnd) {
  const std::string fifo = at() + "/fifo";
  const std::string without_reader =
      "mkfifo " + fifo + "; exec 3<>" + fifo + " 4>" + fifo + " 3<&-; ";
  for (const std::string to : {">/dev/full", ">&-", ">&4"}) {
    const test::CommandResult result =
        test::run_command((to == ">&4" ? without_reader : "") +
                          INAS_TEST_BIN "/inas-dump --calibrate 0 --solution " + at() + to);
    EXPECT_EQ(result.code, to == ">&4" ? 0 : 2) << to << ": " << result.err;
    EXPECT_EQ(result.err.find("cannot") == std::string::npos, to == ">&4") << to << result.err;
    EXPECT_TRUE(fs::exists(folder_.path() / "device" / "manifest.json")) << to;
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path() / "device"), {}), 5) << to;
    fs::remove_all(folder_.path() / "device");
  }
}

TEST_F(InasDump, DamagedSolutionsAreRefusedWithTheirName) {
  const std::string weights = (folder_.path() / "weights.safetensors").string();
  const std::string content = read_file(weights);
  write_file(weights, content.substr(0, content.size() - 4));
  expect_refused("--calibrate 0", "weights.safetensors");
  EXPECT_FALSE(fs::exists(folder_.path() / "device"));
}

TEST_F(InasDump, BadInputGetsOneSentenceAndExitCodeTwo) {
  const test::CommandResult result = dump("");
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("--solution"), std::string::npos) << result.err;
  expect_refused("--calibrate -1", "--calibrate");
  expect_refused("--calibrate 0 --board pdp11", "msp430fr5994");
  expect_refused("--calibrate 0 --board msp430-sim --unit lea", "allowed: cpu");
  expect_refused("--calibrate 0 --unit lea", "--board");
  expect_refused("--calibrate 0 --board /nowhere/board.json", "/nowhere/board.json");
  for (const char* bytes : {"0", "1"}) {
    expect_refused(
        "--verify --fail-every " + std::string(bytes),
        "--fail-every: found " + std::string(bytes) + ", allowed: a whole number from 2");
  }
  expect_refused("--data /nowhere", "/nowhere");
  expect_refused("--calibrate 0 --verify --data /nowhere", "/nowhere");
  // The sample's input is no Fashion-MNIST image.
  expect_refused("", "--calibrate 0");
}

TEST_F(InasDump, ChecksAgainstADescriptionInAFile) {
  std::string json = read_file(INAS_TEST_BOARDS "/msp430-sim/board.json");
  const std::string fram = "\"bytes\": 49024";
  json.replace(json.find(fram), fram.size(), "\"bytes\": 15744");
  const std::string path = (folder_.path() / "small.json").string();
  write_file(path, json);
  expect_refused("--calibrate 0 --board " + path, "384 ");
  EXPECT_FALSE(fs::exists(folder_.path() / "device"));
}

TEST(InasDumpCheckBoard, PrintsWhatABoardHas) {
  for (const std::string name : {"host", "msp430-sim", "msp430fr5994"}) {
    const std::string folder = std::string(INAS_TEST_BOARDS "/") + name;
    for (const std::string& board : {name, folder, folder + "/", folder + "/board.json"}) {
      const test::CommandResult result = dump("--check-board " + board);
      EXPECT_EQ(result.code, 0) << board << result.err;
      EXPECT_NE(result.out.find("consistent"), std::string::npos) << result.out;
      EXPECT_NE(result.out.find("VM for a model"), std::string::npos) << result.out;
    }
  }
  EXPECT_NE(dump("--check-board msp430fr5994").out.find("lea: 3780 bytes"), std::string::npos);
}

TEST(InasDumpCheckBoard, SaysEachFaultInASentence) {
  const test::TemporaryFolder folder;
  const std::string path = (folder.path() / "board.json").string();
  std::string json = read_file(INAS_TEST_BOARDS "/msp430-sim/board.json");
  const std::string address = "\"0x2C00\"";
  json.replace(json.find(address), address.size(), "\"0x2BFE\"");
  write_file(path, json);
  write_file(folder.path() / "board.c", "");
  const test::CommandResult result = dump("--check-board " + path);
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("overlaps"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("power.S does not exist"), std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("board.c does not exist"), std::string::npos) << result.err;
  write_file(path, "{}");
  const test::CommandResult unreadable = dump("--check-board " + path);
  EXPECT_EQ(unreadable.code, 2);
  EXPECT_EQ(std::count(unreadable.err.begin(), unreadable.err.end(), '\n'), 1) << unreadable.err;
}

/// A network on Fashion-MNIST images: calibrated, dumped, and run through the runtime with power
/// failures.
TEST_F(InasDump, VerifiesOnTestImagesThroughPowerFailures) {
  Solution solution = test::sample_solution();
  solution.settings = {};
  const Layer conv = make_convolution("CONV_0", {1, 28, 28}, 3, 5, 5);
  const Layer pool = make_global_average_pool("GAVGPOOL_0", conv.ofm);
  const Layer end = make_fully_connected("FC_END", pool.ofm, 10);
  solution.layers = {{.layer = conv, .design = parse_design("5_8_3_1_reuse_W_S3_row_coalesced_K5")},
                     {.layer = pool, .design = parse_design("8_24_3_1_reuse_O_S3_coalesced")},
                     {.layer = end, .design = parse_design("1_1_5_1_reuse_I_S2_K3")}};
  write_solution(folder_.path(), solution, test::sample_weights(solution, 1));
  const test::CommandResult result =
      dump("--verify --profile --images 20 --fail-every 730 --solution " + at());
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("calibrated on 256 training images"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("20 test images"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("bit for bit"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("SNR"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("from NVM"), std::string::npos) << result.out;
  // A batch of three tiles writes 720 bytes and its record 8. In a power cycle that is reported as
  // stuck already, the count of power cycles, 2 bytes more, is not written again.
  const test::CommandResult stuck = dump("--verify --images 1 --fail-every 727 --solution " + at());
  EXPECT_EQ(stuck.code, 2);
  EXPECT_NE(stuck.err.find("stuck: power that fails after every 727 bytes"), std::string::npos)
      << stuck.err;
}

/// The same of a residual block on a padded, strided convolution.
TEST_F(InasDump, VerifiesAGraphThroughPowerFailures) {
  Solution solution = test::sample_solution();
  solution.settings = {};
  std::vector<Layer> layers{make_convolution("CONV_0", {1, 28, 28}, 4, 3, 3, 2, {1, 1, 1, 1})};
  const Shape map = layers[0].ofm;
  layers.push_back(make_depthwise_convolution("DWCONV_1", map, 3, 3, 1, {1, 1, 1, 1}));
  layers.push_back(make_convolution("CONV_2", map, 4, 1, 1));
  layers.push_back(make_add("ADD_3", map, "CONV_2", "CONV_0"));
  layers.push_back(make_average_pooling("AVGPOOL_4", map, 2, 2, 2));
  layers.push_back(make_fully_connected("FC_END", layers.back().ofm, 10));
  activate_hidden_layers(layers);
  layers[0].activation = Activation::relu6;
  layers[2].activation = Activation::none;
  const std::vector<std::string> designs{
      "7_14_4_1_reuse_W_S2_row_coalesced", "7_14_2_1_reuse_W_S1", "7_14_4_4_reuse_I_S1",
      "7_14_4_1_reuse_W_S1_coalesced",     "7_7_4_1_reuse_W_S1",  "1_1_5_4_reuse_I_S2"};
  solution.layers.clear();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    solution.layers.push_back({.layer = layers[l], .design = parse_design(designs[l])});
  }
  write_solution(folder_.path(), solution, test::sample_weights(solution, 1));
  const test::CommandResult result =
      dump("--verify --profile --images 20 --fail-every 1700 --solution " + at());
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("bit for bit"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("ADD_3"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace inas
