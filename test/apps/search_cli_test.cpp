#include <algorithm>
#include <filesystem>
#include <random>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <support/expect_refused.hpp>
#include <support/idx_files.hpp>
#include <support/npy_bytes.hpp>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/random_draw.hpp>
#include <inas/core/solution.hpp>

namespace inas {
namespace {

namespace fs = std::filesystem;

class InasSearch : public testing::Test {
 protected:
  InasSearch() {
    test::write_idx(folder_.path(), "train", 300, 1);
    test::write_idx(folder_.path(), "t10k", 100, 2);
    write_settings(4, 1);
  }

  void write_settings(int trials, int epochs, const std::string& more = "") {
    std::ostringstream text;
    text << R"({"data": {"train_images": 200, "validation_images": 100},
      "space": {"layers": 2, "kernels": [1, 5], "filters": [4, 8]},
      "search": {"trials": )"
         << trials << R"(, "workers": 2, "latency_requirement_s": 60, "strategy": "random"},
      "training": {"epochs": )"
         << epochs << R"(, "final_epochs": 1, "batch_size": 50})" << more << "}";
    write_file(folder_.path() / "settings.json", text.str());
  }

  [[nodiscard]] test::CommandResult search(const std::string& arguments,
                                           const std::string& before = "") const {
    const std::string folder = folder_.path().string();
    return test::run_command(before + INAS_TEST_BIN "/inas-search --settings " + folder +
                             "/settings.json --data " + folder + " " + arguments);
  }

  void replace_in_settings(const std::string& from, const std::string& to) const {
    std::string text = read_file(folder_.path() / "settings.json");
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write_file(folder_.path() / "settings.json", text.replace(at, from.size(), to));
  }

  /// What goes before a command so that `action` is done to it when `condition` holds, with its
  /// process in $pid. It waits for things, not for times.
  [[nodiscard]] std::string interfered(const std::string& condition,
                                       const std::string& action) const {
    const std::string file = out("pid").string();
    fs::remove(file);
    return "sh -c 'until test -s " + file + "; do sleep 0.1; done; pid=$(cat " + file +
           "); until " + condition + "; do kill -0 $pid || exit; sleep 0.1; done; " + action +
           "' 2> /dev/null & sh -c 'echo $$ > " + file + "; exec \"$0\" \"$@\"' ";
  }

  [[nodiscard]] fs::path out(const std::string& name) const { return folder_.path() / name; }

  test::TemporaryFolder folder_;
};

/// trials.csv without its last column, the seconds, which differ from run to run.
std::string trials_without_seconds(const fs::path& folder) {
  std::istringstream rows(read_file(folder / "trials.csv"));
  std::string all;
  for (std::string row; std::getline(rows, row);) all += row.substr(0, row.rfind(',')) + "\n";
  return all;
}

TEST_F(InasSearch, FindsTrainsTestsAndDumpsANetwork) {
  const test::CommandResult result = search("--out " + out("a").string());
  ASSERT_EQ(result.code, 0) << result.out << result.err;
  const Solution solution = read_solution(out("a"));
  EXPECT_TRUE(solution.accuracy.test.has_value());
  EXPECT_LE(solution.latency_s, solution.settings.search.latency_requirement_s);
  EXPECT_NO_THROW((void)read_solution_weights(out("a"), solution));
  EXPECT_TRUE(fs::exists(out("a") / "device" / "model.c"));
  ASSERT_TRUE(solution.accuracy.deployed.has_value());
  EXPECT_NEAR(*solution.accuracy.deployed, *solution.accuracy.test, 0.02);
  const std::string trials = read_file(out("a") / "trials.csv");
  EXPECT_EQ(std::count(trials.begin(), trials.end(), '\n'), 5) << trials;
}

/// With all that the runtime can execute, what is found is dumped and runs.
TEST_F(InasSearch, SearchesTheFullDesignSpaceForTheDevice) {
  const test::CommandResult result =
      search("--design-space full --seed 3 --out " + out("a").string());
  ASSERT_EQ(result.code, 0) << result.out << result.err;
  const test::CommandResult dumped =
      test::run_command(INAS_TEST_BIN "/inas-dump --verify --images 8 --data " +
                        folder_.path().string() + " --solution " + out("a").string());
  EXPECT_EQ(dumped.code, 0) << dumped.err;
  EXPECT_NE(dumped.out.find("bit for bit"), std::string::npos) << dumped.out;
}

/// From a choice of pooling to the device's tables, bit for bit.
TEST_F(InasSearch, ASpaceWithPoolsGoesAllTheWay) {
  replace_in_settings(R"("filters": [4, 8])", R"("filters": [4, 8], "pools": [1, 2])");
  ASSERT_EQ(search("--strategy reinforce --trials 8 --out " + out("a").string()).code, 0);
  std::istringstream rows(read_file(out("a") / "trials.csv"));
  std::string row;
  std::getline(rows, row);  // the header
  int trials = 0;
  for (; std::getline(rows, row); ++trials) {
    const std::size_t at = row.find(',') + 1;
    const std::string architecture = row.substr(at, row.find(',', at) - at);
    EXPECT_EQ(std::count(architecture.begin(), architecture.end(), ' '), 5) << row;
  }
  EXPECT_EQ(trials, 8);

  replace_in_settings(R"("pools": [1, 2])", R"("pools": [2])");
  ASSERT_EQ(search("--out " + out("b").string()).code, 0);
  const Solution solution = read_solution(out("b"));
  const Network network = network_of(solution);
  EXPECT_EQ(network, build_network(solution.settings.space, solution.architecture));
  ASSERT_EQ(network.layers.size(), 6u);
  EXPECT_EQ(network.layers[3].name, "MAXPOOL_1");
  EXPECT_EQ(network.layers[3].stride, 2);
  ASSERT_TRUE(solution.accuracy.deployed.has_value());
  EXPECT_NEAR(*solution.accuracy.deployed, *solution.accuracy.test, 0.02);
  const test::CommandResult dumped =
      test::run_command(INAS_TEST_BIN "/inas-dump --verify --images 8 --data " +
                        folder_.path().string() + " --solution " + out("b").string());
  EXPECT_EQ(dumped.code, 0) << dumped.err;
  EXPECT_NE(dumped.out.find("bit for bit"), std::string::npos) << dumped.out;

  const std::string settings = " --settings " + out("settings.json").string();
  const test::CommandResult priced =
      test::run_command(INAS_TEST_BIN "/inas-eval --choices 5,8,2,1,4,2" + settings);
  EXPECT_EQ(priced.code, 0) << priced.err;
  EXPECT_NE(priced.out.find("MAXPOOL_0   8x12x12     2x2"), std::string::npos) << priced.out;
  const test::CommandResult mapped =
      test::run_command(INAS_TEST_BIN "/inas-eval space --json" + settings);
  EXPECT_EQ(mapped.code, 0) << mapped.err;
  EXPECT_NE(mapped.out.find(R"("networks": "16")"), std::string::npos) << mapped.out;
  EXPECT_NE(mapped.out.find(R"("layer": "MAXPOOL_1")"), std::string::npos) << mapped.out;
}

/// Of two resolutions, with residual connections: the deployed network takes averaged images.
TEST_F(InasSearch, ASpaceOfBlocksGoesAllTheWay) {
  replace_in_settings(R"("layers": 2, "kernels": [1, 5], "filters": [4, 8])",
                      R"("family": "blocks", "resolutions": [9, 14], "stem_filters": 4,
                         "widths": [4, 6], "width_percents": [100], "expansions": [2],
                         "kernels": [3], "depths": [2], "skips": [1], "strides": [2])");
  const test::CommandResult result = search("--trials 2 --out " + out("a").string());
  ASSERT_EQ(result.code, 0) << result.err;
  const Solution solution = read_solution(out("a"));
  const std::int64_t rows = solution.layers.front().layer.ifm.height;
  EXPECT_EQ(rows, solution.architecture.front());
  EXPECT_LT(rows, 28);
  ASSERT_TRUE(solution.accuracy.deployed.has_value());
  EXPECT_NEAR(*solution.accuracy.deployed, *solution.accuracy.test, 0.03);
  std::set<LayerType> types;
  for (const LayerSolution& of : solution.layers) types.insert(of.layer.type);
  EXPECT_TRUE(types.contains(LayerType::add) && types.contains(LayerType::depthwise_convolution));
  const test::CommandResult verified =
      test::run_command(INAS_TEST_BIN "/inas-dump --verify --images 8 --fail-every 2000 --data " +
                        folder_.path().string() + " --solution " + out("a").string());
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_NE(verified.out.find("bit for bit"), std::string::npos) << verified.out;
}

/// Samples of 3×17×9 in two classes: in class k all values of channel k are larger.
void write_arrays(const fs::path& folder, const std::string& part, int count) {
  constexpr int kPositions = 17 * 9;
  std::mt19937_64 random(static_cast<std::uint64_t>(count));
  std::vector<float> values;
  std::vector<std::int64_t> labels;
  for (int sample = 0; sample < count; ++sample) {
    labels.push_back(sample % 2);
    for (int value = 0; value < 3 * kPositions; ++value) {
      const bool larger = value / kPositions == sample % 2;
      values.push_back(static_cast<float>(draw_unit(random)) + (larger ? 0.5F : 0.0F));
    }
  }
  write_file(folder / ("x_" + part + ".npy"),
             test::npy_bytes("<f4", std::to_string(count) + ", 3, 17, 9", test::bytes_of(values)));
  write_file(folder / ("y_" + part + ".npy"),
             test::npy_bytes("<i8", std::to_string(count) + ",", test::bytes_of(labels)));
}

TEST_F(InasSearch, DataThatAreNoSquareGoAllTheWay) {
  const fs::path arrays = out("arrays");
  fs::create_directory(arrays);
  write_arrays(arrays, "train", 200);
  write_arrays(arrays, "test", 60);
  write_file(out("settings.json"), R"({
      "data": {"name": "numpy", "train_images": 0, "validation_images": 40},
      "space": {"input": [3, 17, 9], "classes": 2, "layers": 2, "kernels": [3, 5], "filters": [4],
                "pools": [1, 2]},
      "search": {"trials": 2, "latency_requirement_s": 60, "strategy": "random"},
      "training": {"epochs": 20, "final_epochs": 1, "batch_size": 20}})");
  const std::string data = " --data " + arrays.string();
  const test::CommandResult result =
      test::run_command(INAS_TEST_BIN "/inas-search --settings " + out("settings.json").string() +
                        data + " --out " + out("a").string());
  ASSERT_EQ(result.code, 0) << result.err;
  const Solution solution = read_solution(out("a"));
  EXPECT_EQ(solution.layers.front().layer.ifm, (Shape{3, 17, 9}));
  EXPECT_GT(*solution.accuracy.deployed, 0.9);
  const test::CommandResult verified =
      test::run_command(INAS_TEST_BIN "/inas-dump --verify --images 8 --fail-every 2000" + data +
                        " --solution " + out("a").string());
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_NE(verified.out.find("bit for bit"), std::string::npos) << verified.out;
}

TEST_F(InasSearch, TheSameSeedGivesTheSameTrials) {
  ASSERT_EQ(search("--strategy reinforce --out " + out("a").string()).code, 0);
  ASSERT_EQ(search("--strategy reinforce --out " + out("b").string()).code, 0);
  ASSERT_EQ(search("--strategy reinforce --seed 2 --out " + out("c").string()).code, 0);
  EXPECT_EQ(trials_without_seconds(out("a")), trials_without_seconds(out("b")));
  EXPECT_NE(trials_without_seconds(out("a")), trials_without_seconds(out("c")));
}

TEST_F(InasSearch, TriesNetworksThatMissTheRequirementOnlyIfAskedTo) {
  write_settings(12, 1);
  const auto refused = [&](const std::string& arguments, const fs::path& folder) {
    const test::CommandResult result =
        search("--strategy reinforce --design-space divisors --latreq 1.8 " + arguments +
               " --out " + folder.string());
    EXPECT_EQ(result.code, 0) << result.out << result.err;
    const std::string trials = read_file(folder / "trials.csv");
    return trials.find("too-slow") != std::string::npos;
  };
  EXPECT_FALSE(refused("", out("a")));
  EXPECT_TRUE(refused("--feasible-only false", out("b")));
  EXPECT_FALSE(read_solution(out("b")).settings.search.feasible_only);
}

TEST_F(InasSearch, InterruptedItWritesTheBestSoFarAndExitsWithThree) {
  write_settings(100000, 1);
  // A space that is not used up, however fast the machine.
  replace_in_settings("\"layers\": 2, \"kernels\": [1, 5], \"filters\": [4, 8]",
                      "\"layers\": 3, \"kernels\": [1, 3, 5], \"filters\": [2, 4, 6, 8]");
  for (const std::string signal : {"INT", "TERM", "HUP"}) {
    SCOPED_TRACE(signal);
    const test::CommandResult result =
        search("--strategy random --overwrite --out " + out("a").string(),
               interfered("test -e " + (out("a") / "solution.json").string(),
                          "kill -" + signal + " $pid"));
    EXPECT_EQ(result.code, 3) << result.out << result.err;
    EXPECT_NE(result.out.find("interrupted"), std::string::npos) << result.out;
    const Solution solution = read_solution(out("a"));
    EXPECT_NO_THROW((void)read_solution_weights(out("a"), solution));
    EXPECT_FALSE(solution.accuracy.test.has_value());
    fs::remove_all(out("a"));
  }
}

TEST_F(InasSearch, RetrainingIsInterruptedToo) {
  const test::CommandResult result = search(
      "--trials 1 --final-epochs 1000000 --out " + out("a").string() + " > " + out("log").string(),
      interfered("grep -q retraining " + out("log").string(), "kill -TERM $pid"));
  const std::string log = read_file(out("log"));
  EXPECT_EQ(result.code, 3) << log << result.err;
  EXPECT_NE(log.find("retraining cut short after"), std::string::npos) << log;
  EXPECT_TRUE(fs::exists(out("a") / "device" / "model.c"));
  EXPECT_FALSE(read_solution(out("a")).accuracy.test.has_value());
}

TEST_F(InasSearch, ShowTellsARunningStudyFromOneThatWasInterrupted) {
  const std::string show = INAS_TEST_BIN "/inas-search show " + out("a").string();
  const std::string while_it_runs = out("while").string();
  const test::CommandResult result =
      search("--trials 1 --final-epochs 1000000 --out " + out("a").string(),
             interfered("test -e " + (out("a") / "solution.json").string(),
                        show + " > " + while_it_runs + "; kill -TERM $pid"));
  EXPECT_EQ(result.code, 3) << result.out << result.err;
  const std::string running = read_file(while_it_runs);
  EXPECT_NE(running.find("\nrunning: inas-search, process "), std::string::npos) << running;
  const test::CommandResult later = test::run_command(show);
  EXPECT_NE(later.out.find("\nnot running; inas-search --resume goes on with it\n"),
            std::string::npos)
      << later.out;
}

TEST_F(InasSearch, ASecondSignalEndsItAtOnce) {
  // Both find a program that is stopped, and wait for it to go on: it has no time in between.
  const std::string script =
      interfered("test -e " + (out("a") / "solution.json").string(),
                 "kill -STOP $pid; kill -TERM $pid; kill -INT $pid; kill -CONT $pid");
  const test::CommandResult result =
      search("--trials 1 --final-epochs 1000000 --out " + out("a").string(), script);
  EXPECT_GT(result.code, 128) << result.out;
}

/// What it prints is lost, what it finds is not.
TEST_F(InasSearch, AReaderWhoHasGoneChangesNothing) {
  const test::CommandResult result =
      search("--trials 2 --out " + out("a").string() + " || echo failed >&2; } | true", "{ ");
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(fs::exists(out("a") / "device" / "model.c"));
}

TEST_F(InasSearch, TrainingsThatAreTooLongAreSaidToBe) {
  const test::CommandResult result =
      search("--trials 2 --training-limit 1e-9 --out " + out("a").string());
  EXPECT_EQ(result.code, 1) << result.err;
  EXPECT_NE(result.out.find("no epoch ended within the training.time_limit_s"), std::string::npos)
      << result.out;
  EXPECT_NE(read_file(out("a") / "trials.csv").find(",too-long,"), std::string::npos);
}

TEST_F(InasSearch, ARunLimitThatHasPassedLeavesNothingToTrain) {
  const test::CommandResult result = search("--run-limit 1e-9 --out " + out("a").string());
  EXPECT_EQ(result.code, 1) << result.out << result.err;
  EXPECT_NE(result.out.find("the run limit"), std::string::npos) << result.out;
  EXPECT_FALSE(fs::exists(out("a") / "solution.json"));
}

TEST_F(InasSearch, ARunLimitCutsRetrainingShort) {
  const test::CommandResult result =
      search("--run-limit 10 --trials 1 --final-epochs 1000000 --out " + out("a").string());
  EXPECT_EQ(result.code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("retraining cut short after"), std::string::npos) << result.out;
  // Whether time is left for the tests depends on the machine; the network is there either way.
  EXPECT_TRUE(fs::exists(out("a") / "device" / "model.c"));
  EXPECT_NO_THROW((void)read_solution_weights(out("a"), read_solution(out("a"))));
}

TEST_F(InasSearch, WhyASearchEndedBeforeItsLastTrialIsSaidEverywhere) {
  const std::string why = "the budget of 2 full trainings is spent";
  const test::CommandResult result =
      search("--strategy random --budget 2 --out " + out("a").string());
  EXPECT_EQ(result.code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("the search ended after 2 trials: " + why), std::string::npos)
      << result.out;
  const test::CommandResult shown =
      test::run_command(INAS_TEST_BIN "/inas-search show " + out("a").string());
  EXPECT_NE(shown.out.find("the search ended: " + why), std::string::npos) << shown.out;
  EXPECT_NE(read_file(out("a") / "report.html")
                .find("<p>The search ended after 2 trials: " + why + ".</p>"),
            std::string::npos);
}

TEST_F(InasSearch, ATimeLimitEndsTheProposals) {
  const test::CommandResult result =
      search("--time-limit 1e-9 --run-limit 1e6 --out " + out("a").string());
  EXPECT_EQ(result.code, 1) << result.out << result.err;
  EXPECT_NE(result.out.find("the search ended after 0 trials: the time limit"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("the search ended before the first network was trained\n"),
            std::string::npos)
      << result.out;
}

TEST_F(InasSearch, ItEndsWhenTheSpaceIsUsedUp) {
  write_settings(100000, 1);
  replace_in_settings("\"layers\": 2", "\"layers\": 1");
  const test::CommandResult result =
      search("--strategy reinforce --out " + out("a").string() + " --final-epochs 0");
  EXPECT_EQ(result.code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("no network is left to propose"), std::string::npos) << result.out;
  const std::string trials = read_file(out("a") / "trials.csv");
  EXPECT_LT(std::count(trials.begin(), trials.end(), '\n'), 1000);
}

TEST_F(InasSearch, DivergedTrainingsAreNoNetworks) {
  replace_in_settings("\"batch_size\": 50", "\"batch_size\": 50, \"learning_rate\": 1e6");
  const test::CommandResult result = search("--out " + out("a").string());
  EXPECT_EQ(result.code, 1) << result.out << result.err;
  EXPECT_NE(result.out.find("all trainings diverged; try a smaller training.learning_rate"),
            std::string::npos)
      << result.out;
  EXPECT_EQ(result.out.find("best"), std::string::npos) << result.out;
  EXPECT_NE(read_file(out("a") / "trials.csv").find(",diverged,"), std::string::npos);
  EXPECT_FALSE(fs::exists(out("a") / "solution.json"));
}

TEST_F(InasSearch, OwnDataHaveTheClassesOfTheSpace) {
  test::write_idx(folder_.path(), "train", 300, 1, 2);
  test::write_idx(folder_.path(), "t10k", 100, 2, 2);
  replace_in_settings("\"layers\": 2", "\"layers\": 2, \"classes\": 2");
  const test::CommandResult result = search("--out " + out("a").string());
  EXPECT_EQ(result.code, 0) << result.out << result.err;
  EXPECT_EQ(read_solution(out("a")).layers.back().layer.ofm.channels, 2);
  const test::CommandResult dumped = test::run_command(
      INAS_TEST_BIN "/inas-dump --verify --images 4 --solution " + out("a").string());
  EXPECT_EQ(dumped.code, 0) << dumped.err;

  test::write_idx(folder_.path(), "t10k", 100, 2, 3);
  const test::CommandResult refused = search("--out " + out("b").string());
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("t10k-labels-idx1-ubyte: image 2 has the label 2, allowed: 0 to 1"),
            std::string::npos)
      << refused.err;
}

TEST_F(InasSearch, WhatCanBeCheckedIsCheckedBeforeTheFirstTrial) {
  const auto expect_early = [&](const std::string& arguments, const std::string& word) {
    SCOPED_TRACE(word);
    const test::CommandResult result = search(arguments + " --out " + out("a").string());
    EXPECT_EQ(result.code, 2) << result.out;
    EXPECT_NE(result.err.find(word), std::string::npos) << result.err;
    EXPECT_EQ(result.out.find("trial "), std::string::npos) << result.out;
    EXPECT_FALSE(fs::exists(out("a")));
  };
  expect_early("--suffix $(printf '\\377')", "UTF-8");
  write_settings(4, 1, R"(, "platform": {"data_bytes": 1})");
  expect_early("", "platform.data_bytes: found 1, allowed: 2");
  write_settings(4, 1);
  replace_in_settings("\"train_images\": 200", "\"train_images\": 201");
  expect_early("", "data.train_images: found 201, allowed: at most 200");
  write_settings(4, 1);
  replace_in_settings("\"final_epochs\": 1", "\"final_epochs\": 1, \"final_train_images\": 1000");
  expect_early("", "training.final_train_images: found 1000, allowed: at most 200");
}

TEST_F(InasSearch, ResultsOfAnEarlierRunStayUntilThereAreOthers) {
  const std::string to = " --out " + out("a").string();
  ASSERT_EQ(search("--seed 1" + to).code, 0);
  const std::string trials = read_file(out("a") / "trials.csv");
  const std::string solution = read_file(out("a") / "solution.json");
  const std::string manifest = read_file(out("a") / "device" / "manifest.json");
  const auto expect_kept = [&](const test::CommandResult& result, int code) {
    EXPECT_EQ(result.code, code) << result.out << result.err;
    EXPECT_EQ(read_file(out("a") / "trials.csv"), trials);
    EXPECT_EQ(read_file(out("a") / "solution.json"), solution);
    EXPECT_EQ(read_file(out("a") / "device" / "manifest.json"), manifest);
    EXPECT_NO_THROW((void)read_solution_weights(out("a"), read_solution(out("a"))));
  };
  const test::CommandResult refused = search("--seed 2" + to);
  expect_kept(refused, 2);
  EXPECT_NE(refused.err.find("--overwrite"), std::string::npos) << refused.err;
  expect_kept(search("--seed 2 --overwrite --threads 0" + to), 2);
  expect_kept(search("--seed 2 --overwrite --data /nowhere" + to), 2);
  expect_kept(search("--seed 2 --overwrite --latreq 0.001" + to), 1);
  expect_kept(
      search("--seed 2 --overwrite --latreq 0.001 --strategy random --feasible-only false" + to),
      1);
  // A disk that is full as soon as there is something to write.
  expect_kept(search("--seed 2 --overwrite" + to, "ulimit -f 1; "), 2);
  EXPECT_EQ(search("--seed 2 --overwrite" + to).code, 0);
  EXPECT_EQ(read_solution(out("a")).settings.search.seed, 2u);
}

/// However many networks are refused before the first that can be kept.
TEST_F(InasSearch, ManyRefusedNetworksReplaceNothing) {
  fs::create_directory(out("a"));
  write_file(out("a") / "trials.csv", "an earlier run's");
  replace_in_settings("\"layers\": 2", "\"layers\": 6");
  replace_in_settings("\"filters\": [4, 8]", "\"filters\": [2, 4, 6, 8]");
  const test::CommandResult result = search(
      "--overwrite --latreq 0.001 --strategy random --feasible-only false --trials 10010"
      " --out " +
      out("a").string());
  EXPECT_EQ(result.code, 1) << result.err;
  EXPECT_NE(result.out.find("in 10010 trials"), std::string::npos);
  EXPECT_EQ(read_file(out("a") / "trials.csv"), "an earlier run's");
}

TEST_F(InasSearch, TwoRunsDoNotShareAFolder) {
  const std::string folder = out("a").string();
  // The second runs while the first trains for ever; then the first is interrupted.
  const test::CommandResult first =
      search("--trials 1 --epochs 1000000 --out " + folder,
             interfered("test -s " + folder + "/.inas-lock",
                        INAS_TEST_BIN "/inas-search --trials 1 --data " + folder_.path().string() +
                            " --out " + folder + " > " + out("log").string() +
                            " 2>&1; echo $? >> " + out("log").string() + "; kill -TERM $pid"));
  EXPECT_NE(first.code, 0) << first.out << first.err;
  const std::string log = read_file(out("log"));
  EXPECT_NE(log.find("another run works in this folder: inas-search"), std::string::npos) << log;
  EXPECT_TRUE(log.ends_with("\n2\n")) << log;
}

TEST_F(InasSearch, ASolutionKnowsItsDataFromEverywhere) {
  const test::CommandResult result = test::run_command(
      "cd " + folder_.path().string() +
      " && " INAS_TEST_BIN
      "/inas-search --settings settings.json --data . --final-epochs 0 --trials 1 --out a");
  ASSERT_EQ(result.code, 0) << result.out << result.err;
  const test::CommandResult dumped =
      test::run_command("cd / && " INAS_TEST_BIN "/inas-dump --solution " + out("a").string());
  EXPECT_EQ(dumped.code, 0) << dumped.err;
}

TEST_F(InasSearch, NothingFeasibleExitsWithOneAndSaysWhy) {
  const test::CommandResult result =
      search("--strategy random --latreq 0.001 --out " + out("a").string());
  EXPECT_EQ(result.code, 1) << result.err;
  EXPECT_NE(result.out.find("no feasible network"), std::string::npos) << result.out;
  EXPECT_FALSE(fs::exists(out("a") / "solution.json"));
}

TEST_F(InasSearch, BadInputGetsOneSentenceAndExitCodeTwo) {
  test::expect_refused(search("--trials 0"), "--trials: found 0, allowed: 1 to ");
  test::expect_refused(search("--trials many"), "trials");
  test::expect_refused(search("--seed -1"), "--seed: found -1, allowed: a whole number from 0");
  test::expect_refused(search("--strategy guess"), "reinforce");
  test::expect_refused(search("--gpuid 7"), "7");
  test::expect_refused(search("--out /proc/nowhere"), "/proc/nowhere");
  test::expect_refused(search("--data /nowhere"),
                       "/nowhere: cannot be read: No such file or directory");
  test::expect_refused(search("--data " + out("settings.json").string()), "is not a folder");
  test::expect_refused(search("--treads 2"), "did you mean --threads?");
  test::expect_refused(search("--choises 3,8"),
                       "unrecognised option '--choises'; see inas-search --help");
  fs::resize_file(out("train-images-idx3-ubyte"), 1000);
  test::expect_refused(search("--out " + out("a").string()), "train-images-idx3-ubyte");
  fs::remove(out("train-images-idx3-ubyte"));
  test::expect_refused(search("--out " + out("a").string()), "train-images-idx3-ubyte");
  write_file(out("settings.json"), R"({"NAS_SETTINGS": {"DATASET": "CIFAR10"}})");
  test::expect_refused(
      test::run_command(INAS_TEST_BIN "/inas-search --settings " + out("settings.json").string()),
      "--data DIR");
  write_file(out("settings.json"), R"({"data": {"name": "imagenet"}})");
  const test::CommandResult other =
      test::run_command(INAS_TEST_BIN "/inas-search --settings " + out("settings.json").string());
  test::expect_refused(other, "data.name: found \"imagenet\", allowed: fashion-mnist, ");
  EXPECT_EQ(other.err.find("--data"), std::string::npos) << "no folder helps\n" << other.err;
  write_settings(4, 1, R"(, "serch": {})");
  test::expect_refused(search("--out " + out("a").string()), "did you mean search?");
}

TEST_F(InasSearch, AFullDiskEndsItWithoutAHalfWrittenSolution) {
  const test::CommandResult result = search("--out " + out("a").string(), "ulimit -f 1; ");
  EXPECT_EQ(result.code, 2) << result.out << result.err;
  EXPECT_FALSE(fs::exists(out("a") / "solution.json"));
}

TEST_F(InasSearch, TrialsThatAreTrainedLessThanInFullAreSaidToBeShort) {
  const auto shorts = [](const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(" s  short", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  EXPECT_EQ(shorts(search("--out " + out("full").string()).out), 0U);
  const std::string folder = out("short").string();
  EXPECT_EQ(shorts(search("--strategy screen --epochs 2 --out " + folder).out), 4U);
  const test::CommandResult shown =
      test::run_command(INAS_TEST_BIN "/inas-search show " + folder + " --trials");
  EXPECT_EQ(shorts(shown.out), 5U) << shown.out;  // the best one twice
}

TEST_F(InasSearch, TheHelpNamesEveryCommandAndThatEachHasHelpOfItsOwn) {
  const std::string help = search("--help").out;
  for (const std::string command : {"--worker", "show", "batch", "report", "export"}) {
    EXPECT_NE(help.find("inas-search " + command + " "), std::string::npos) << command;
    EXPECT_EQ(test::run_command(INAS_TEST_BIN "/inas-search " + command + " --help").code, 0);
  }
  EXPECT_NE(help.find("each have their own --help"), std::string::npos) << help;
}

TEST_F(InasSearch, AStudyIsShownExportedReportedAndResumed) {
  const std::string folder = out("a").string();
  ASSERT_EQ(search("--out " + folder).code, 0);
  const std::string program = INAS_TEST_BIN "/inas-search ";
  const std::string before = read_file(out("a") / "study.sqlite");
  const test::CommandResult shown = test::run_command(program + "show " + folder + " --trials");
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_NE(shown.out.find("4 of 4 trials"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("complete"), std::string::npos) << shown.out;
  EXPECT_EQ(shown.out.find("running"), std::string::npos) << shown.out;
  EXPECT_EQ(shown.out.find("100000 s"), std::string::npos) << shown.out;
  const test::CommandResult csv =
      test::run_command(program + "export " + folder + " --csv /dev/stdout");
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 5) << csv.out << csv.err;
  fs::remove(out("a") / "report.html");
  EXPECT_EQ(test::run_command(program + "report " + folder).code, 0);
  EXPECT_NE(read_file(out("a") / "report.html").find("</html>"), std::string::npos);
  EXPECT_EQ(read_file(out("a") / "study.sqlite"), before);

  const test::CommandResult again = search("--out " + folder);
  EXPECT_EQ(again.code, 2);
  EXPECT_NE(again.err.find("--resume"), std::string::npos) << again.err;
  // Without the settings file: those of the study hold.
  const test::CommandResult resumed =
      test::run_command(program + "--resume --trials 6 --out " + folder);
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_NE(resumed.out.find("going on behind 4 trials"), std::string::npos) << resumed.out;
  EXPECT_NE(resumed.out.find("6 trials:"), std::string::npos) << resumed.out;
  const test::CommandResult changed =
      test::run_command(program + "--resume --ccap 0.001 --trials 7 --out " + folder);
  EXPECT_EQ(changed.code, 2);
  EXPECT_NE(changed.err.find("power.capacitance_f: found 0.001, allowed: 0.005"), std::string::npos)
      << changed.err;
}

TEST_F(InasSearch, ABatchGoesOnWhereItWasEnded) {
  write_file(out("batch.json"),
             R"({"vary": {"search.seed": [1, 2]},
                 "studies": [{"name": "a", "settings": "settings.json", "set": {"data.path": ".",
                              "search.trials": 2}}]})");
  const std::string run = INAS_TEST_BIN "/inas-search batch " + out("batch.json").string() +
                          " --out " + out("all").string();
  const test::CommandResult first = test::run_command(run);
  ASSERT_EQ(first.code, 0) << first.out << first.err;
  EXPECT_NE(first.out.find("2 of 2"), std::string::npos) << first.out;
  EXPECT_TRUE(fs::exists(out("all") / "a-seed=2" / "device" / "model.c"));
  fs::remove_all(out("all") / "a-seed=1");
  const std::string kept = read_file(out("all") / "a-seed=2" / "study.sqlite");
  const test::CommandResult second = test::run_command(run);
  ASSERT_EQ(second.code, 0) << second.out << second.err;
  EXPECT_NE(second.out.find("[2/2] a-seed=2: complete"), std::string::npos) << second.out;
  EXPECT_EQ(read_file(out("all") / "a-seed=2" / "study.sqlite"), kept);
  EXPECT_TRUE(fs::exists(out("all") / "a-seed=1" / "solution.json"));
  EXPECT_NE(read_file(out("all") / "summary.csv").find("\na,2,2,"), std::string::npos);
}

TEST_F(InasSearch, AStudyOfABatchThatFailsDoesNotKeepTheOthersFromBeingRun) {
  write_file(out("batch.json"),
             R"({"vary": {"search.seed": [1, 2, 3]},
                 "studies": [{"name": "a", "settings": "settings.json", "set": {"data.path": ".",
                              "search.trials": 2}}]})");
  fs::create_directories(out("all") / "a-seed=2");
  write_file(out("all") / "a-seed=2" / "study.sqlite", "no database, but long enough for one");
  const std::string run = INAS_TEST_BIN "/inas-search batch " + out("batch.json").string() +
                          " --out " + out("all").string();
  const test::CommandResult failed = test::run_command(run);
  EXPECT_EQ(failed.code, 2) << failed.out;
  EXPECT_NE(failed.err.find("1 of 3 studies failed"), std::string::npos) << failed.err;
  EXPECT_NE(failed.err.find("a-seed=2/study.sqlite: it is damaged"), std::string::npos)
      << failed.err;
  EXPECT_EQ(std::count(failed.err.begin(), failed.err.end(), '\n'), 1) << failed.err;
  EXPECT_TRUE(fs::exists(out("all") / "a-seed=3" / "device" / "model.c"));
  EXPECT_NE(read_file(out("all") / "studies.csv").find("a-seed=2,a,failed,"), std::string::npos);
  const auto page_says = [&](const std::string& state) {
    return read_file(out("all") / "report.html").find("class=\"state\">" + state + "<") !=
           std::string::npos;
  };
  EXPECT_TRUE(page_says("incomplete"));
  fs::remove_all(out("all") / "a-seed=2");
  const test::CommandResult mended = test::run_command(run);
  EXPECT_EQ(mended.code, 0) << mended.out << mended.err;
  EXPECT_NE(read_file(out("all") / "summary.csv").find("\na,3,3,"), std::string::npos);
  EXPECT_TRUE(page_says("complete"));
}

TEST_F(InasSearch, CommandsThatReadAStudySayWhatIsMissing) {
  const auto refused = [&](const std::string& arguments, const std::string& word) {
    SCOPED_TRACE(arguments);
    test::expect_refused(test::run_command(INAS_TEST_BIN "/inas-search " + arguments), word);
  };
  const std::string none = out("none").string();
  refused("show", "STUDY: found none");
  refused("show " + none, "there is no study");
  refused("report " + none, "there is no study");
  refused("export " + folder_.path().string(), "--csv");
  refused("--resume --out " + none, "there is no study");
  refused("--resume --overwrite --out " + none, "one of them");
  refused("--worker", "--study: found none");
  refused("--worker --study " + none, "postgresql://");
  refused("--study " + none, "postgresql://");
  refused("--worker --study postgresql://nobody@127.0.0.1:1/none", "Connection refused");
  refused("batch", "FILE: found none");
  refused("batch " + none, "No such file");
  refused("shov", "did you mean show?");
}

}  // namespace
}  // namespace inas
