#include "espeak.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <samplerate.h>
#include <span>
#include <spawn.h>
#include <unistd.h>

#include <fmt/format.h>
#include <sys/wait.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/text.hpp>
#include <inas/data/sound.hpp>

namespace inas::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kEspeakRate = 22'050;
constexpr std::int64_t kMostSeconds = 600;

/// Below this it is silent. Between two sentences it is so for 0.25 s and more, within a word for
/// 0.09 s at most: of all natural variants, all words of the set, 115 to 210 words per minute.
constexpr float kSilence = 2e-3F;
constexpr double kLeastPauseS = 0.16;
/// Kept of the silence before and after a word.
constexpr double kMarginS = 0.01;

std::string first_line(const fs::path& path) {
  const std::string text = read_file(path, 1 << 20);
  return text.substr(0, text.find('\n'));
}

/// Runs espeak-ng with what it prints going to `printed`.
void run_espeak(std::vector<std::string> arguments, const fs::path& printed) {
  arguments.insert(arguments.begin(), "espeak-ng");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, printed.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t child = 0;
  const int failed =
      posix_spawnp(&child, pointers.front(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    throw Error(fmt::format(
        "espeak-ng: cannot be run: {}; Debian's package espeak-ng has it (apt install espeak-ng)",
        std::strerror(failed)));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw Error(fmt::format("espeak-ng: was lost: {}", std::strerror(errno)));
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw Error(fmt::format("espeak-ng: failed: {}", reason_text(first_line(printed))));
  }
}

/// The pieces of `samples` that are apart by pauses.
std::vector<std::span<const float>> pieces(std::span<const float> samples) {
  const auto pause = static_cast<std::size_t>(kLeastPauseS * kEspeakRate);
  const auto margin = static_cast<std::size_t>(kMarginS * kEspeakRate);
  std::vector<std::span<const float>> found;
  std::size_t first = 0;  // of the piece that goes on
  std::size_t last = 0;   // the last sample that was heard
  bool speaking = false;
  const auto end_piece = [&] {
    const std::size_t begin = first - std::min(first, margin);
    const std::size_t end = std::min(samples.size(), last + 1 + margin);
    found.push_back(samples.subspan(begin, end - begin));
  };
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (std::abs(samples[i]) <= kSilence) continue;
    if (speaking && i - last > pause) {
      end_piece();
      speaking = false;
    }
    if (!speaking) first = i;
    speaking = true;
    last = i;
  }
  if (speaking) end_piece();
  return found;
}

std::vector<float> resample(std::span<const float> samples, std::int64_t sample_rate_hz) {
  const double ratio = static_cast<double>(sample_rate_hz) / static_cast<double>(kEspeakRate);
  std::vector<float> result(
      static_cast<std::size_t>(std::ceil(ratio * static_cast<double>(samples.size()))) + 1);
  SRC_DATA data{};
  data.data_in = samples.data();
  data.data_out = result.data();
  data.input_frames = std::ssize(samples);
  data.output_frames = std::ssize(result);
  data.src_ratio = ratio;
  if (const int failed = src_simple(&data, SRC_SINC_FASTEST, 1); failed != 0) {
    throw Error(fmt::format("speech: cannot be resampled: {}", reason_text(src_strerror(failed))));
  }
  result.resize(static_cast<std::size_t>(data.output_frames_gen));
  return result;
}

}  // namespace

std::string espeak_version(const fs::path& scratch) {
  run_espeak({"--version"}, scratch / "printed.txt");
  const std::string line = first_line(scratch / "printed.txt");
  return line.substr(0, line.find("  "));
}

std::vector<std::vector<float>> say(const Voice& voice, const std::vector<std::string>& words,
                                    std::int64_t sample_rate_hz, const fs::path& scratch) {
  // A sentence and a paragraph each: a falling tone, and a pause behind it.
  std::string text;
  for (const std::string& word : words) text += word + ".\n\n";
  write_file(scratch / "words.txt", text);
  const std::string name = voice.accent + "+" + voice.variant;
  run_espeak(
      {"-v", name, "-p", std::to_string(voice.pitch), "-s", std::to_string(voice.words_per_minute),
       "-f", scratch / "words.txt", "-w", scratch / "said.wav"},
      scratch / "printed.txt");
  const std::vector<float> samples =
      data::read_sound(scratch / "said.wav", kEspeakRate, kMostSeconds * kEspeakRate);
  const std::vector<std::span<const float>> said = pieces(samples);
  if (said.size() != words.size()) {
    throw Error(fmt::format(
        "espeak-ng: found {} pieces in what voice {} says, allowed: {}, one for each word",
        said.size(), name, words.size()));
  }
  std::vector<std::vector<float>> result;
  for (const std::span<const float> piece : said) {
    result.push_back(resample(piece, sample_rate_hz));
  }
  return result;
}

}  // namespace inas::tools
