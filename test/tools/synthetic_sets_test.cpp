#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/run_command.hpp>
#include <support/temporary_folder.hpp>
#include <support/wav_bytes.hpp>

#include <inas/core/files.hpp>
#include <inas/data/dataset.hpp>
#include <inas/data/sound.hpp>

namespace inas::test {
namespace {

namespace fs = std::filesystem;

CommandResult run(const std::string& tool, const std::string& arguments) {
  return run_command(fmt::format("{}/{} {}", INAS_TEST_BIN, tool, arguments));
}

void make(const std::string& tool, const fs::path& folder, const std::string& arguments) {
  const CommandResult result = run(tool, fmt::format("--out {} {}", folder.string(), arguments));
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(result.out.starts_with(fmt::format("'{}': synthetic, ", folder.string())))
      << result.out;
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<std::vector<double>> numbers_of(const fs::path& path) {
  std::vector<std::vector<double>> rows;
  for (const std::string& line : lines_of(path)) {
    std::istringstream words(line);
    rows.emplace_back(std::istream_iterator<double>(words), std::istream_iterator<double>());
  }
  return rows;
}

/// All files below `folder`, with what they hold.
std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files[entry.path().lexically_relative(folder).string()] = read_file(entry.path());
  }
  return files;
}

const std::array kTools{"make-spoken-keywords", "make-motion-windows"};

class SyntheticSets : public testing::TestWithParam<const char*> {
 protected:
  TemporaryFolder folder_;
};

TEST_P(SyntheticSets, HelpSaysWhatIsMadeAndExitCodes) {
  const CommandResult result = run(GetParam(), "--help");
  EXPECT_EQ(result.code, 0);
  EXPECT_NE(result.out.find("Exit code: 0 done, 2 bad input"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("synthetic set"), std::string::npos) << result.out;
}

TEST_P(SyntheticSets, AFolderThatHoldsSomethingIsLeftAsItIs) {
  write_file(folder_.path() / "mine.txt", "mine");
  const CommandResult result = run(GetParam(), fmt::format("--out {}", folder_.path().string()));
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("is not empty"), std::string::npos) << result.err;
  EXPECT_EQ(contents(folder_.path()), (std::map<std::string, std::string>{{"mine.txt", "mine"}}));
}

TEST_P(SyntheticSets, ArgumentsOutsideTheirDomainAreRefused) {
  EXPECT_NE(run(GetParam(), "").err.find("--out: found none"), std::string::npos);
  const fs::path folder = folder_.path() / "set";
  for (const std::string option : {"--seed -1", "--seed x", "--speakers 2", "--subjects 1"}) {
    const CommandResult result =
        run(GetParam(), fmt::format("--out {} {}", folder.string(), option));
    EXPECT_EQ(result.code, 2) << option;
    EXPECT_FALSE(fs::exists(folder)) << option;
  }
}

INSTANTIATE_TEST_SUITE_P(Both, SyntheticSets, testing::ValuesIn(kTools), [](const auto& info) {
  std::string name = info.param;
  std::erase(name, '-');
  return name;
});

class SpokenKeywords : public testing::Test {
 protected:
  static constexpr const char* kOptions = "--speakers 5 --takes 1 --other-words 2 --seed ";

  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder();
    make("make-spoken-keywords", set(), std::string(kOptions) + "3");
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static fs::path set() { return folder_->path() / "set"; }

  static TemporaryFolder* folder_;
};
TemporaryFolder* SpokenKeywords::folder_ = nullptr;

TEST_F(SpokenKeywords, EverySpeakerSaysEveryKeywordInASecondOf16Kilohertz) {
  std::int64_t clips = 0;
  for (const std::string word :
       {"yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"}) {
    for (int speaker = 0; speaker < 5; ++speaker) {
      const fs::path file = set() / word / fmt::format("{:08x}_nohash_0.wav", speaker);
      const std::vector<float> samples = data::read_sound(file, 16'000, 20'000);
      EXPECT_EQ(samples.size(), 16'000U) << file;
      const auto [least, most] = std::minmax_element(samples.begin(), samples.end());
      EXPECT_GT(*most - *least, 0.02F) << file;
      ++clips;
    }
  }
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(set())) {
    clips -= entry.path().filename().string().find("_nohash_") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(clips, -5 * 2) << "two other words of each speaker";
}

TEST_F(SpokenKeywords, NoVoiceIsInTwoParts) {
  std::map<std::string, std::set<std::string>> parts_of_timbre;
  std::map<std::string, std::string> part_of_speaker;
  for (const std::string& line : lines_of(set() / "SYNTHETIC")) {
    if (line.find(", pitch ") == std::string::npos) continue;
    const std::size_t plus = line.find('+');
    const std::string part = line.substr(line.rfind(' ') + 1);
    parts_of_timbre[line.substr(plus + 1, line.find(',') - plus - 1)].insert(part);
    part_of_speaker[line.substr(0, 8)] = part;
  }
  EXPECT_EQ(part_of_speaker.size(), 5U);
  std::set<std::string> parts;
  for (const auto& [timbre, of_timbre] : parts_of_timbre) {
    EXPECT_EQ(of_timbre.size(), 1U) << timbre;
    parts.insert(of_timbre.begin(), of_timbre.end());
  }
  EXPECT_EQ(parts, (std::set<std::string>{"testing", "training", "validation"}));
  for (const std::string part : {"testing", "validation"}) {
    const std::vector<std::string> listed = lines_of(set() / (part + "_list.txt"));
    EXPECT_EQ(listed.size(), 12U) << part;
    for (const std::string& file : listed) {
      EXPECT_TRUE(fs::exists(set() / file)) << file;
      EXPECT_EQ(part_of_speaker[file.substr(file.find('/') + 1, 8)], part) << file;
    }
  }
}

TEST_F(SpokenKeywords, NoisesLastAMinuteAndDiffer) {
  std::set<std::vector<float>> noises;
  for (const fs::directory_entry& entry : fs::directory_iterator(set() / "_background_noise_")) {
    const std::vector<float> samples = data::read_sound(entry.path(), 16'000, 2'000'000);
    EXPECT_EQ(samples.size(), 960'000U) << entry.path();
    noises.insert(samples);
  }
  EXPECT_EQ(noises.size(), 6U);
}

TEST_F(SpokenKeywords, TheSetIsLoadedAsSpeechCommandsAndKnownAsSynthetic) {
  setenv("XDG_CACHE_HOME", folder_->path().c_str(), 1);
  const data::DataSplit split =
      data::load_data({.name = "speech-commands", .path = set().string()}, 12, 1);
  EXPECT_TRUE(split.manifest.synthetic);
  // Each of three speakers says two other words, of which a tenth of the 30 keywords are taken.
  EXPECT_EQ(split.manifest.train, std::vector<std::int64_t>(12, 3));
  EXPECT_EQ(split.manifest.validation, std::vector<std::int64_t>(12, 1));
  EXPECT_EQ(split.manifest.test, std::vector<std::int64_t>(12, 1));
}

TEST_F(SpokenKeywords, TheSeedDecidesEveryByte) {
  const fs::path again = folder_->path() / "again";
  const fs::path other = folder_->path() / "other";
  make("make-spoken-keywords", again, std::string(kOptions) + "3");
  make("make-spoken-keywords", other, std::string(kOptions) + "4");
  EXPECT_TRUE(contents(again) == contents(set()));
  EXPECT_NE(read_file(other / "go" / "00000000_nohash_0.wav"),
            read_file(set() / "go" / "00000000_nohash_0.wav"));
}

TEST_F(SpokenKeywords, WithoutEspeakItsPackageIsNamed) {
  const CommandResult result =
      run_command(fmt::format("PATH=/nowhere {}/make-spoken-keywords --out {}", INAS_TEST_BIN,
                              (folder_->path() / "none").string()));
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("apt install espeak-ng"), std::string::npos) << result.err;
  EXPECT_TRUE(fs::is_empty(folder_->path() / "none"));
}

TEST_F(SpokenKeywords, AnEspeakThatFailsIsASentenceAndLeavesNoScratch) {
  const fs::path programs = folder_->path() / "programs";
  fs::create_directories(programs);
  write_file(programs / "espeak-ng",
             "#!/bin/sh\n[ \"$1\" = --version ] || { echo no voices; exit 3; }\n");
  fs::permissions(programs / "espeak-ng", fs::perms::owner_all);
  const fs::path folder = folder_->path() / "failed";
  const CommandResult result =
      run_command(fmt::format("PATH={} {}/make-spoken-keywords --out {}", programs.string(),
                              INAS_TEST_BIN, folder.string()));
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("espeak-ng: failed: no voices"), std::string::npos) << result.err;
  EXPECT_FALSE(fs::exists(folder / ".scratch"));
  EXPECT_FALSE(fs::exists(folder / "SYNTHETIC"));
}

TEST_F(SpokenKeywords, AnEspeakThatSaysSomethingElseIsASentence) {
  const fs::path programs = folder_->path() / "others";
  // Whatever is asked for, it says 100 ms of one tone.
  std::vector<std::int16_t> samples;
  for (int i = 0; i < 2'205; ++i) samples.push_back(i % 50 < 25 ? 9'000 : -9'000);
  fs::create_directories(programs);
  write_file(programs / "one.wav", wav_bytes(samples, 22'050));
  write_file(programs / "espeak-ng",
             fmt::format("#!/bin/sh\n[ \"$1\" = --version ] && exit\n"
                         "while [ \"$1\" != -w ]; do shift; done; /bin/cp {}/one.wav \"$2\"\n",
                         programs.string()));
  fs::permissions(programs / "espeak-ng", fs::perms::owner_all);
  const CommandResult result = run_command(
      fmt::format("PATH={} {}/make-spoken-keywords --other-words 2 --out {}", programs.string(),
                  INAS_TEST_BIN, (folder_->path() / "other-speech").string()));
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("allowed: 12, one for each word"), std::string::npos) << result.err;
}

class MotionWindows : public testing::Test {
 protected:
  static constexpr std::size_t kWindows = 4;
  static constexpr std::size_t kSubjects = 7;
  static constexpr const char* kOptions = "--subjects 7 --windows 4 --seed ";

  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder();
    make("make-motion-windows", set(), std::string(kOptions) + "3");
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static fs::path set() { return folder_->path() / "set"; }
  static std::vector<std::vector<double>> signal(const std::string& channel,
                                                 const std::string& part = "train") {
    return numbers_of(set() / part / "Inertial Signals" / fmt::format("{}_{}.txt", channel, part));
  }
  static std::vector<std::vector<double>> labels(const std::string& part = "train") {
    return numbers_of(set() / part / fmt::format("y_{}.txt", part));
  }

  static TemporaryFolder* folder_;
};
TemporaryFolder* MotionWindows::folder_ = nullptr;

TEST_F(MotionWindows, FilesHaveALineOf128NumbersForEveryWindow) {
  std::size_t windows = 0;
  for (const std::string part : {"train", "test"}) {
    const std::size_t of_part = labels(part).size();
    windows += of_part;
    EXPECT_EQ(numbers_of(set() / part / fmt::format("subject_{}.txt", part)).size(), of_part);
    for (const std::string kind : {"body_acc", "body_gyro", "total_acc"}) {
      for (const std::string axis : {"x", "y", "z"}) {
        const auto rows = signal(kind + "_" + axis, part);
        EXPECT_EQ(rows.size(), of_part) << kind << axis;
        for (const std::vector<double>& row : rows) EXPECT_EQ(row.size(), 128U) << kind << axis;
      }
    }
  }
  EXPECT_EQ(windows, 6 * kSubjects * kWindows);
}

TEST_F(MotionWindows, SubjectsAreInOnePartAndDoEverythingEquallyOften) {
  std::map<double, std::set<std::string>> parts;
  for (const std::string part : {"train", "test"}) {
    std::map<std::pair<double, double>, std::size_t> counts;
    const auto subjects = numbers_of(set() / part / fmt::format("subject_{}.txt", part));
    const auto activities = labels(part);
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      parts[subjects[i][0]].insert(part);
      ++counts[{subjects[i][0], activities[i][0]}];
    }
    EXPECT_EQ(counts.size(), subjects.size() / kWindows) << part;
    for (const auto& [what, count] : counts) EXPECT_EQ(count, kWindows) << what.first;
  }
  EXPECT_EQ(parts.size(), kSubjects);
  for (const auto& [subject, of_subject] : parts) EXPECT_EQ(of_subject.size(), 1U) << subject;
}

TEST_F(MotionWindows, HalfOfAWindowIsThatOfTheNext) {
  const auto rows = signal("body_gyro_y");
  for (std::size_t w = 0; w + 1 < kWindows; ++w) {
    EXPECT_TRUE(std::equal(rows[w].begin() + 64, rows[w].end(), rows[w + 1].begin()));
  }
}

TEST_F(MotionWindows, WhoRestsMeasuresGravityAndWhoWalksMoves) {
  const auto activities = labels();
  const std::array total{signal("total_acc_x"), signal("total_acc_y"), signal("total_acc_z")};
  const auto body = signal("body_acc_x");
  for (std::size_t i = 0; i < activities.size(); ++i) {
    std::array<double, 3> mean{};
    double moved = 0;
    for (std::size_t t = 0; t < 128; ++t) {
      for (std::size_t axis = 0; axis < 3; ++axis) mean[axis] += total[axis][i][t] / 128;
      moved += body[i][t] * body[i][t] / 128;
    }
    const double gravity = std::hypot(mean[0], mean[1], mean[2]);
    const bool rests = activities[i][0] > 3;
    EXPECT_NEAR(gravity, 1, rests ? 0.06 : 0.15) << "window " << i;
    EXPECT_EQ(std::sqrt(moved) < 0.06, rests) << "window " << i << ": " << std::sqrt(moved);
    if (activities[i][0] == 5) {
      EXPECT_GT(mean[0], 0.8) << "who stands is upright, window " << i;
    }
    if (activities[i][0] == 6) {
      EXPECT_LT(mean[0], 0.6) << "who lies is not, window " << i;
    }
  }
}

TEST_F(MotionWindows, BodyAccelerationIsTheTotalWithoutItsSlowPart) {
  const auto total = signal("total_acc_z");
  const auto body = signal("body_acc_z");
  for (std::size_t i = 0; i < total.size(); ++i) {
    double most_step = 0;
    double mean = 0;
    for (std::size_t t = 0; t < 128; ++t) {
      mean += body[i][t] / 128;
      if (t == 0) continue;
      const double slow = (total[i][t] - body[i][t]) - (total[i][t - 1] - body[i][t - 1]);
      most_step = std::max(most_step, std::abs(slow));
    }
    EXPECT_LT(std::abs(mean), 0.1) << "window " << i;
    EXPECT_LT(most_step, 0.02) << "window " << i;
  }
}

TEST_F(MotionWindows, TheSetIsLoadedAsUciHarAndKnownAsSynthetic) {
  const data::DataSplit split =
      data::load_data({.name = "har", .path = set().string(), .validation_images = 1}, 6, 1);
  EXPECT_TRUE(split.manifest.synthetic);
  EXPECT_EQ(split.train.shape, (Shape{9, 128, 1}));
  EXPECT_EQ(split.manifest.class_names.front(), "WALKING");
  // Two of seven subjects are for testing, and one goes to validation.
  EXPECT_EQ(split.manifest.train, std::vector<std::int64_t>(6, 4 * kWindows));
  EXPECT_EQ(split.manifest.validation, std::vector<std::int64_t>(6, kWindows));
  EXPECT_EQ(split.manifest.test, std::vector<std::int64_t>(6, 2 * kWindows));
}

TEST_F(MotionWindows, TheSeedDecidesEveryByte) {
  const fs::path again = folder_->path() / "again";
  const fs::path other = folder_->path() / "other";
  make("make-motion-windows", again, std::string(kOptions) + "3");
  make("make-motion-windows", other, std::string(kOptions) + "4");
  EXPECT_TRUE(contents(again) == contents(set()));
  EXPECT_TRUE(contents(other) != contents(set()));
}

}  // namespace
}  // namespace inas::test
