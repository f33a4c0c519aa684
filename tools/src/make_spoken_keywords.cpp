#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <sndfile.h>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/random_draw.hpp>
#include <inas/core/text.hpp>

#include "acoustics.hpp"
#include "command_line.hpp"
#include "draws.hpp"
#include "espeak.hpp"
#include "long_work.hpp"
#include "new_folder.hpp"
#include "progress.hpp"
#include "speakers.hpp"

namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using namespace inas;
using namespace inas::apps;
using namespace inas::tools;

const Usage kUsage{
    "make-spoken-keywords", "make-spoken-keywords --out DIR [options]",
    R"(Makes a synthetic set of spoken keywords in the form of Speech Commands v0.02: a folder of WAV files a
word, validation_list.txt, testing_list.txt, _background_noise_. The words are said by espeak-ng, in many
voices, none of which is in two of the parts; rooms and noises are drawn. The same options give the same
set. The file SYNTHETIC, written last, says how it was made.
Exit code: 0 done, 2 bad input.)"};

constexpr std::int64_t kMostSpeakers = 100'000;
constexpr std::int64_t kNoiseSeconds = 60;

const std::vector<std::string> kKeywords{"yes",   "no", "up",  "down", "left",
                                         "right", "on", "off", "stop", "go"};
/// The other words of Speech Commands v0.02.
const std::vector<std::string> kOtherWords{
    "backward", "bed",   "bird",  "cat",   "dog",    "eight", "five", "follow", "forward",
    "four",     "happy", "house", "learn", "marvin", "nine",  "one",  "seven",  "sheila",
    "six",      "three", "tree",  "two",   "visual", "wow",   "zero"};

po::options_description keyword_options() {
  po::options_description options("options", 100);
  options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                        "folder to write to, new or empty (required)");
  add_number(options, "speakers", "N", 3, kMostSpeakers, 200,
             "voices in rooms of their own; about 15 % are for validation, as many for testing");
  add_number(options, "takes", "N", 1, 100, 2, "times that a speaker says each keyword");
  add_number(
      options, "other-words", "N", 1, std::ssize(kOtherWords), 6,
      fmt::format("other words that a speaker says, once each, drawn from {}", kOtherWords.size()));
  add_number(options, "seed", "N", 0, std::int64_t{1} << 53, 0, "what all is drawn from");
  return options;
}

void write_wav(const fs::path& path, const std::vector<float>& samples) {
  SF_INFO info{};
  info.samplerate = static_cast<int>(kSampleRate);
  info.channels = 1;
  info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  std::vector<std::int16_t> values;
  values.reserve(samples.size());
  for (const float x : samples) {
    values.push_back(static_cast<std::int16_t>(
        std::lround(32'767 * std::clamp(static_cast<double>(x), -1.0, 1.0))));
  }
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file(sf_open(path.c_str(), SFM_WRITE, &info),
                                                         sf_close);
  if (!file ||
      sf_write_short(file.get(), values.data(), std::ssize(values)) != std::ssize(values)) {
    throw Error(fmt::format("{}: cannot be written: {}", path.string(),
                            reason_text(sf_strerror(file.get()))));
  }
}

/// The noises that silence is cut from, each at a level of its own.
void write_noises(const fs::path& folder, std::int64_t seed) {
  create_folder(folder);
  for (std::size_t i = 0; i < kNoises.size(); ++i) {
    std::mt19937_64 random = generator(seed, -2 - static_cast<std::int64_t>(i));
    std::vector<float> noise = make_noise(kNoises[i].noise, kNoiseSeconds * kSampleRate, random);
    const auto gain = static_cast<float>(draw_between(random, 0.02, 0.1));
    for (float& x : noise) x *= gain;
    write_wav(folder / (std::string(kNoises[i].name) + ".wav"), noise);
  }
}

/// A folder for the files of espeak-ng, removed with all it holds.
class Scratch {
 public:
  explicit Scratch(fs::path path) : path_(std::move(path)) { create_folder(path_); }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct Amounts {
  std::int64_t takes = 0;
  std::int64_t other_words = 0;
};

/// What a speaker says in one take: all keywords and, the first time, some of the other words.
std::vector<std::string> words_of_take(std::int64_t take, const Amounts& amounts,
                                       std::mt19937_64& random) {
  std::vector<std::string> words = kKeywords;
  if (take > 0) return words;
  const std::vector<std::int64_t> order = random_order(std::ssize(kOtherWords), random);
  for (std::int64_t i = 0; i < amounts.other_words; ++i) {
    words.push_back(kOtherWords[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
  }
  return words;
}

/// Writes all that a speaker says and returns the files' names, below `folder`.
std::vector<std::string> write_speaker(const fs::path& folder, const Speaker& speaker,
                                       std::int64_t number, const Amounts& amounts,
                                       const fs::path& scratch, std::mt19937_64 random) {
  const Room room = draw_room(random);
  std::vector<std::string> files;
  for (std::int64_t take = 0; take < amounts.takes; ++take) {
    const std::vector<std::string> words = words_of_take(take, amounts, random);
    Voice voice = speaker.voice;
    voice.pitch =
        std::clamp<std::int64_t>(voice.pitch + std::llround(draw_between(random, -8, 8)), 0, 99);
    voice.words_per_minute += std::llround(draw_between(random, -15, 10));
    const std::vector<std::vector<float>> said = say(voice, words, kSampleRate, scratch);
    for (std::size_t i = 0; i < words.size(); ++i) {
      files.push_back(fmt::format("{}/{:08x}_nohash_{}.wav", words[i], number, take));
      write_wav(folder / files.back(), record(said[i], room, random));
    }
  }
  return files;
}

std::string lines(std::vector<std::string> files) {
  std::sort(files.begin(), files.end());
  return files.empty() ? "" : fmt::format("{}\n", fmt::join(files, "\n"));
}

int run(int argc, const char* const* argv) {
  const std::optional<po::variables_map> options =
      parse_command_line(argc, argv, kUsage, keyword_options());
  if (!options) return kDone;
  if (options->count("out") == 0) throw Error("--out: found none, allowed: a new folder");
  const fs::path folder = (*options)["out"].as<std::string>();
  const auto number = [&](const char* name) { return (*options)[name].as<std::int64_t>(); };
  const std::int64_t seed = number("seed");
  const Amounts amounts{.takes = number("takes"), .other_words = number("other-words")};

  make_new_folder(folder);
  const Scratch scratch(folder / ".scratch");
  const std::string version = espeak_version(scratch.path());
  const std::vector<Speaker> speakers = draw_speakers(number("speakers"), seed);
  for (const std::vector<std::string>& words : {kKeywords, kOtherWords}) {
    for (const std::string& word : words) create_folder(folder / word);
  }
  write_noises(folder / "_background_noise_", seed);

  Progress progress;
  std::optional<LongWork> shown(std::in_place, "recording", "speakers");
  std::array<std::vector<std::string>, 3> files;
  std::string table;
  for (std::size_t i = 0; i < speakers.size(); ++i) {
    const Speaker& speaker = speakers[i];
    const auto index = static_cast<std::int64_t>(i);
    std::vector<std::string>& of_part = files[static_cast<std::size_t>(speaker.part)];
    const std::vector<std::string> written =
        write_speaker(folder, speaker, index, amounts, scratch.path(), generator(seed, index));
    of_part.insert(of_part.end(), written.begin(), written.end());
    constexpr std::array kPartNames{"training", "validation", "testing"};
    table +=
        fmt::format("{:08x} {}+{}, pitch {}, {} words per minute, {}\n", i, speaker.voice.accent,
                    speaker.voice.variant, speaker.voice.pitch, speaker.voice.words_per_minute,
                    kPartNames[static_cast<std::size_t>(speaker.part)]);
    shown->count(index + 1, std::ssize(speakers));
  }
  shown.reset();
  const auto& [train, validation, test] = files;
  write_file(folder / "validation_list.txt", lines(validation));
  write_file(folder / "testing_list.txt", lines(test));
  write_synthetic(folder, fmt::format("make-spoken-keywords --speakers {} --takes {} --other-words "
                                      "{} --seed {}\nSpeech: {}\n\nSpeakers:\n{}",
                                      speakers.size(), amounts.takes, amounts.other_words, seed,
                                      version, table));
  progress.line(
      fmt::format("'{}': synthetic, {} clips for training, {} for validation, {} for "
                  "testing, by {} speakers, in {:.1f} s",
                  folder.string(), train.size(), validation.size(), test.size(), speakers.size(),
                  progress.elapsed_s()));
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("make-spoken-keywords", [&] { return run(argc, argv); });
}
