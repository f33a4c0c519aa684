#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// Speech of the program espeak-ng, which is run and not linked: its licence is the GPL.
namespace inas::tools {

/// How words are said.
struct Voice {
  std::string accent;       ///< a voice of espeak-ng: "en-us"
  std::string variant;      ///< what gives it its timbre: "f2"
  std::int64_t pitch = 50;  ///< 0 to 99
  std::int64_t words_per_minute = 160;
};

/// What `espeak-ng --version` says, with the folder of its data left out. Throws Error, naming
/// Debian's package, if the program cannot be run.
[[nodiscard]] std::string espeak_version(const std::filesystem::path& scratch);

/// `words`, each as samples of `sample_rate_hz` without the silence around it, all by one run of
/// the program. Its files are left in the folder `scratch`. Throws Error if espeak-ng fails, has no
/// such voice, or says something that does not fall into as many pieces as there are words.
[[nodiscard]] std::vector<std::vector<float>> say(const Voice& voice,
                                                  const std::vector<std::string>& words,
                                                  std::int64_t sample_rate_hz,
                                                  const std::filesystem::path& scratch);

}  // namespace inas::tools
