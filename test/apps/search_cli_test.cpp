#include <algorithm>
#include <filesystem>
#include <random>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>

#include <inas/core/files.hpp>
#include <inas/core/solution.hpp>

namespace inas {
namespace {

namespace fs = std::filesystem;

void append_big_endian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift & 0xFF));
}

/// Fabricated IDX files in the form of Fashion-MNIST: class k has a bright 4×4 square at a place of
/// its own, on noise.
void write_idx(const fs::path& folder, const std::string& part, std::uint32_t count,
               std::uint64_t seed) {
  constexpr std::uint32_t kSide = 28;
  std::mt19937_64 random(seed);
  std::string images;
  std::string labels;
  append_big_endian(images, 0x803);
  append_big_endian(images, count);
  append_big_endian(images, kSide);
  append_big_endian(images, kSide);
  append_big_endian(labels, 0x801);
  append_big_endian(labels, count);
  for (std::uint32_t image = 0; image < count; ++image) {
    const std::uint32_t label = image % 10;
    labels.push_back(static_cast<char>(label));
    for (std::uint32_t y = 0; y < kSide; ++y) {
      for (std::uint32_t x = 0; x < kSide; ++x) {
        const bool bright = y / 4 == label / 5 * 3 && x / 4 == label % 5;
        images.push_back(static_cast<char>(bright ? 255 : random() % 64));
      }
    }
  }
  write_file(folder / (part + "-images-idx3-ubyte"), images);
  write_file(folder / (part + "-labels-idx1-ubyte"), labels);
}

class InasSearch : public testing::Test {
 protected:
  InasSearch() {
    write_idx(folder_.path(), "train", 300, 1);
    write_idx(folder_.path(), "t10k", 100, 2);
    write_settings(4, 1);
  }

  void write_settings(int trials, int epochs, const std::string& more = "") {
    std::ostringstream text;
    text << R"({"data": {"train_images": 200, "validation_images": 100},
      "space": {"layers": 2, "kernels": [1, 5], "filters": [4, 8]},
      "search": {"trials": )"
         << trials
         << R"(, "workers": 2, "latency_requirement_s": 60, "strategy": "random-feasible"},
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
        search("--strategy reinforce --design-space divisors --latreq 8 " + arguments + " --out " +
               folder.string());
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
  // The search ends itself as soon as a solution exists; the wait is for that file, not for a time.
  const std::string script = "sh -c 'while [ ! -e " + (out("a") / "solution.json").string() +
                             " ]; do sleep 0.1; done; kill -INT $(cat " + out("pid").string() +
                             ")' & sh -c 'echo $$ > " + out("pid").string() +
                             "; exec \"$0\" \"$@\"' ";
  const test::CommandResult result = search("--strategy random --out " + out("a").string(), script);
  EXPECT_EQ(result.code, 3) << result.out << result.err;
  const Solution solution = read_solution(out("a"));
  EXPECT_NO_THROW((void)read_solution_weights(out("a"), solution));
  EXPECT_FALSE(solution.accuracy.test.has_value());
}

TEST_F(InasSearch, NothingFeasibleExitsWithOneAndSaysWhy) {
  const test::CommandResult result =
      search("--strategy random --latreq 0.001 --out " + out("a").string());
  EXPECT_EQ(result.code, 1) << result.err;
  EXPECT_NE(result.out.find("no feasible network"), std::string::npos) << result.out;
  EXPECT_FALSE(fs::exists(out("a") / "solution.json"));
}

TEST_F(InasSearch, BadInputGetsOneSentenceAndExitCodeTwo) {
  const auto expect_rejection = [&](const test::CommandResult& result, const std::string& word) {
    EXPECT_EQ(result.code, 2) << result.out << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_NE(result.err.find(word), std::string::npos) << result.err;
  };
  expect_rejection(search("--trials 0"), "search.trials");
  expect_rejection(search("--trials many"), "trials");
  expect_rejection(search("--threads 0"), "search.workers");
  expect_rejection(search("--strategy guess"), "reinforce");
  expect_rejection(search("--gpuid 7"), "7");
  expect_rejection(search("--out /proc/nowhere"), "/proc/nowhere");
  fs::resize_file(out("train-images-idx3-ubyte"), 1000);
  expect_rejection(search("--out " + out("a").string()), "train-images-idx3-ubyte");
  fs::remove(out("train-images-idx3-ubyte"));
  expect_rejection(search("--out " + out("a").string()), "train-images-idx3-ubyte");
  write_settings(4, 1, R"(, "serch": {})");
  expect_rejection(search("--out " + out("a").string()), "did you mean search?");
}

TEST_F(InasSearch, AFullDiskEndsItWithoutAHalfWrittenSolution) {
  const test::CommandResult result = search("--out " + out("a").string(), "ulimit -f 1; ");
  EXPECT_EQ(result.code, 2) << result.out << result.err;
  EXPECT_FALSE(fs::exists(out("a") / "solution.json"));
}

}  // namespace
}  // namespace inas
