#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <memory>
#include <sndfile.h>
#include <system_error>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/text.hpp>
#include <inas/data/sound.hpp>

namespace inas::data {
namespace {

namespace fs = std::filesystem;

/// Frames that are decoded at once.
constexpr std::int64_t kBlockFrames = 4'096;

/// Sizes of this and above stand for "unknown" in files that were written to a pipe.
constexpr std::uint32_t kStreamedSize = 0x7fff0000;

/// A WAV file that was cut is read by libsndfile as far as it goes; here it is an error.
void check_length(const fs::path& path, std::uintmax_t bytes) {
  std::array<unsigned char, 8> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(start.data()), static_cast<std::streamsize>(start.size()));
  if (!file || std::memcmp(start.data(), "RIFF", 4) != 0) return;
  std::uint32_t promised = 0;
  for (std::size_t i = 0; i < 4; ++i) promised |= std::uint32_t{start[4 + i]} << (8 * i);
  if (promised < kStreamedSize && bytes < std::uintmax_t{promised} + 8) {
    throw Error(fmt::format("{}: is truncated: found {} bytes, allowed: {}, as its header promises",
                            path.string(), bytes, std::uintmax_t{promised} + 8));
  }
}

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using File = std::unique_ptr<SNDFILE, Close>;

File open(const fs::path& path, SF_INFO& info) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    throw Error(fmt::format("{}: cannot be read: {}", path.string(),
                            error ? error.message() : std::strerror(ENOENT)));
  }
  if (!fs::is_regular_file(status)) {
    throw Error(fmt::format("{}: is not a file", path.string()));
  }
  File file(sf_open(path.c_str(), SFM_READ, &info));
  if (!file) {
    throw Error(fmt::format("{}: cannot be read as sound: {}", path.string(),
                            reason_text(sf_strerror(nullptr))));
  }
  const std::uintmax_t bytes = fs::file_size(path, error);
  if (!error) check_length(path, bytes);
  return file;
}

}  // namespace

std::vector<float> read_sound(const fs::path& path, std::int64_t sample_rate_hz,
                              std::int64_t most_samples) {
  SF_INFO info{};
  const File file = open(path, info);
  if (info.samplerate != sample_rate_hz) {
    throw Error(fmt::format(
        "{}: has {} samples per second, allowed: {}; sox IN.wav -r {} -c 1 OUT.wav or ffmpeg -i "
        "IN.wav -ar {} -ac 1 OUT.wav converts a file",
        path.string(), info.samplerate, sample_rate_hz, sample_rate_hz, sample_rate_hz));
  }
  std::vector<float> samples;
  const auto channels = static_cast<std::size_t>(info.channels);
  std::vector<float> block(static_cast<std::size_t>(kBlockFrames) * channels);
  for (std::int64_t left = most_samples; left > 0;) {
    const std::int64_t wanted = std::min(left, kBlockFrames);
    const std::int64_t found = sf_readf_float(file.get(), block.data(), wanted);
    if (sf_error(file.get()) != SF_ERR_NO_ERROR) {
      throw Error(fmt::format("{}: is damaged after {} samples: {}", path.string(), samples.size(),
                              reason_text(sf_strerror(file.get()))));
    }
    for (std::size_t frame = 0; frame < static_cast<std::size_t>(found); ++frame) {
      float sum = 0;
      for (std::size_t c = 0; c < channels; ++c) sum += block[frame * channels + c];
      if (!std::isfinite(sum)) {
        throw Error(
            fmt::format("{}: has a value at sample {} that is not finite, allowed: finite numbers",
                        path.string(), samples.size()));
      }
      samples.push_back(sum / static_cast<float>(channels));
    }
    if (found < wanted) break;
    left -= found;
  }
  if (samples.empty() && most_samples > 0) {
    throw Error(fmt::format("{}: holds no samples, allowed: at least one", path.string()));
  }
  return samples;
}

std::vector<float> read_clip(const fs::path& path, std::int64_t sample_rate_hz,
                             std::int64_t count) {
  std::vector<float> samples = read_sound(path, sample_rate_hz, count);
  samples.resize(static_cast<std::size_t>(count), 0.0F);
  return samples;
}

}  // namespace inas::data
