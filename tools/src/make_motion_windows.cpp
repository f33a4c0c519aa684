#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/random_draw.hpp>

#include "command_line.hpp"
#include "draws.hpp"
#include "long_work.hpp"
#include "motion.hpp"
#include "new_folder.hpp"
#include "progress.hpp"

namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using namespace inas;
using namespace inas::apps;
using namespace inas::tools;

const Usage kUsage{
    "make-motion-windows", "make-motion-windows --out DIR [options]",
    R"(Makes a synthetic set of windows of motion in the form of UCI HAR: train and test, each with nine files
of Inertial Signals (128 samples a line, 50 Hz, half of each window shared with the next), y_*.txt and
subject_*.txt. A simple model of gait and posture draws the subjects; each is in one part only. The same
options give the same set. The file SYNTHETIC, written last, says how it was made.
Exit code: 0 done, 2 bad input.)"};

/// Share of the subjects whose windows are for testing, as in UCI HAR.
constexpr double kTestShare = 0.3;

po::options_description motion_options() {
  po::options_description options("options", 100);
  options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                        "folder to write to, new or empty (required)");
  add_number(options, "subjects", "N", 2, 10'000, 30, "people; 30 % are for testing");
  add_number(options, "windows", "N", 1, 100'000, 40,
             "windows of each of the 6 activities of a subject");
  add_number(options, "seed", "N", 0, std::int64_t{1} << 53, 0, "what all is drawn from");
  return options;
}

/// The files of one part, to which a line each is added for every window.
class PartFiles {
 public:
  PartFiles(const fs::path& folder, const std::string& part) : folder_(folder / part) {
    const fs::path signals = folder_ / "Inertial Signals";
    create_folder(signals);
    for (const std::string_view channel : kChannelNames) {
      open(signals / fmt::format("{}_{}.txt", channel, part));
    }
    open(folder_ / fmt::format("y_{}.txt", part));
    open(folder_ / fmt::format("subject_{}.txt", part));
  }

  void add(const std::array<std::vector<double>, kChannels>& channels, std::int64_t first,
           Activity activity, std::size_t subject) {
    for (std::size_t c = 0; c < channels.size(); ++c) {
      std::string line;
      for (std::int64_t i = first; i < first + kWindow; ++i) {
        fmt::format_to(std::back_inserter(line), "{:16.7e}",
                       channels[c][static_cast<std::size_t>(i)]);
      }
      files_[c] << line << '\n';
    }
    files_[kChannels] << static_cast<int>(activity) + 1 << '\n';
    files_[kChannels + 1] << subject << '\n';
    ++windows_;
  }

  /// Throws Error if something could not be written.
  void finish() {
    for (std::ofstream& file : files_) {
      file.close();
      if (!file) throw Error(fmt::format("{}: its files cannot be written", folder_.string()));
    }
  }

  [[nodiscard]] std::int64_t windows() const { return windows_; }

 private:
  void open(const fs::path& path) {
    files_.emplace_back(path);
    if (!files_.back()) throw Error(fmt::format("{}: cannot be written", path.string()));
  }

  fs::path folder_;
  std::vector<std::ofstream> files_;
  std::int64_t windows_ = 0;
};

int run(int argc, const char* const* argv) {
  const std::optional<po::variables_map> options =
      parse_command_line(argc, argv, kUsage, motion_options());
  if (!options) return kDone;
  if (options->count("out") == 0) throw Error("--out: found none, allowed: a new folder");
  const fs::path folder = (*options)["out"].as<std::string>();
  const auto number = [&](const char* name) { return (*options)[name].as<std::int64_t>(); };
  const std::int64_t seed = number("seed");
  const std::int64_t subjects = number("subjects");
  const std::int64_t samples = kWindow + (number("windows") - 1) * kWindowStep;

  make_new_folder(folder);
  std::string labels;
  for (std::size_t i = 0; i < kActivityNames.size(); ++i) {
    labels += fmt::format("{} {}\n", i + 1, kActivityNames[i]);
  }
  write_file(folder / "activity_labels.txt", labels);
  PartFiles train(folder, "train");
  PartFiles test(folder, "test");
  std::mt19937_64 of_split = generator(seed, -1);
  const std::vector<std::int64_t> order = random_order(subjects, of_split);
  const std::int64_t tested =
      std::max<std::int64_t>(1, std::llround(kTestShare * static_cast<double>(subjects)));

  Progress progress;
  std::optional<LongWork> shown(std::in_place, "making windows", "subjects");
  std::string table;
  for (std::int64_t i = 0; i < subjects; ++i) {
    std::mt19937_64 random = generator(seed, i);
    const Subject subject = draw_subject(random);
    const bool is_test = order[static_cast<std::size_t>(i)] < tested;
    const auto name = static_cast<std::size_t>(i + 1);
    for (std::size_t a = 0; a < kActivityNames.size(); ++a) {
      const auto activity = static_cast<Activity>(a);
      const auto channels = measure(subject, activity, samples, random);
      for (std::int64_t w = 0; w < number("windows"); ++w) {
        (is_test ? test : train).add(channels, w * kWindowStep, activity, name);
      }
    }
    table += fmt::format("{} {:.2f} steps/s, {:.2f} g, {}\n", name, subject.step_hz,
                         subject.amplitude_g, is_test ? "testing" : "training");
    shown->count(i + 1, subjects);
  }
  shown.reset();
  train.finish();
  test.finish();
  write_synthetic(folder, fmt::format("make-motion-windows --subjects {} --windows {} --seed {}\n\n"
                                      "Subjects:\n{}",
                                      subjects, number("windows"), seed, table));
  progress.line(fmt::format(
      "'{}': synthetic, {} windows for training, {} for testing, of {} "
      "subjects, in {:.1f} s",
      folder.string(), train.windows(), test.windows(), subjects, progress.elapsed_s()));
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("make-motion-windows", [&] { return run(argc, argv); });
}
