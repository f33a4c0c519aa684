#include <cstdint>
#include <filesystem>
#include <limits>
#include <sndfile.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expect_error.hpp>
#include <support/temporary_folder.hpp>
#include <support/wav_bytes.hpp>
#include <sys/stat.h>

#include <inas/core/files.hpp>
#include <inas/data/sound.hpp>

namespace inas::data {
namespace {

using test::expect_error;
using test::wav_bytes;

class Sound : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& content) const {
    const std::filesystem::path path = folder_.path() / "a.wav";
    write_file(path, content);
    return path;
  }
  // A file of floats, which libsndfile writes.
  std::filesystem::path floats(const std::vector<float>& values, int channels, int format) const {
    const std::filesystem::path path = folder_.path() / "f.wav";
    SF_INFO info{};
    info.samplerate = 16'000;
    info.channels = channels;
    info.format = format;
    SNDFILE* const out = sf_open(path.c_str(), SFM_WRITE, &info);
    EXPECT_NE(out, nullptr) << sf_strerror(nullptr);
    sf_write_float(out, values.data(), static_cast<sf_count_t>(values.size()));
    sf_close(out);
    return path;
  }
  void refused(const std::filesystem::path& path, const std::string& part) const {
    expect_error([&] { (void)read_clip(path, 16'000, 16'000); }, part);
  }

  test::TemporaryFolder folder_;
};

TEST_F(Sound, SamplesAreFractionsOfFullScale) {
  const std::vector<float> expected{0, 0.5F, -1, 1.0F / 32768};
  EXPECT_EQ(read_sound(file(wav_bytes({0, 16384, -32768, 1})), 16'000, 100), expected);
}

TEST_F(Sound, ChannelsAreMixedToTheirMean) {
  const std::vector<float> expected{0.25F, -0.5F};
  EXPECT_EQ(read_sound(file(wav_bytes({16384, 0, -16384, -16384}, 16'000, 2)), 16'000, 100),
            expected);
}

TEST_F(Sound, FlacAndFloatsAreRead) {
  const std::vector<float> values{0.25F, -0.5F, 0, 0.125F};
  EXPECT_EQ(read_sound(floats(values, 1, SF_FORMAT_FLAC | SF_FORMAT_PCM_16), 16'000, 9), values);
  EXPECT_EQ(read_sound(floats(values, 1, SF_FORMAT_WAV | SF_FORMAT_FLOAT), 16'000, 9), values);
}

TEST_F(Sound, LongFilesAreCutAndShortOnesPadded) {
  std::vector<std::int16_t> samples(10'000);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<std::int16_t>(i);
  const std::filesystem::path path = file(wav_bytes(samples));
  const std::vector<float> cut = read_clip(path, 16'000, 9'000);
  ASSERT_EQ(cut.size(), 9'000U);
  EXPECT_EQ(cut.back(), 8'999.0F / 32768);
  const std::vector<float> padded = read_clip(path, 16'000, 16'000);
  ASSERT_EQ(padded.size(), 16'000U);
  EXPECT_EQ(padded[9'999], 9'999.0F / 32768);
  EXPECT_EQ(padded[10'000], 0);
  EXPECT_EQ(padded.back(), 0);
}

TEST_F(Sound, AnotherRateIsRefusedWithTheCommandsThatConvert) {
  const std::filesystem::path path = file(wav_bytes({1, 2, 3}, 44'100));
  refused(path, "has 44100 samples per second, allowed: 16000");
  refused(path, "sox IN.wav -r 16000");
  refused(path, "ffmpeg -i IN.wav -ar 16000");
  refused(path, path.string());
}

TEST_F(Sound, FilesThatWereCutAreErrors) {
  const std::string whole = wav_bytes(std::vector<std::int16_t>(1'000, 7));
  for (const std::size_t length : {45U, 1'000U, 2'043U}) {
    refused(file(whole.substr(0, length)), "is truncated");
  }
  for (std::size_t length = 0; length < 44; ++length)
    refused(file(whole.substr(0, length)), "a.wav");
}

TEST_F(Sound, AHeaderThatPromisesGigabytesTakesNoMemory) {
  refused(file(wav_bytes({1, 2, 3}, 16'000, 1, 2'000'000'000)),
          "allowed: 2000000044, as its header promises");
}

TEST_F(Sound, AHeaderOfAPipeThatLeavesTheLengthOpenIsRead) {
  const std::vector<float> found =
      read_sound(file(wav_bytes({1, 2, 3}, 16'000, 1, 0x7fffffff - 36)), 16'000, 10);
  EXPECT_EQ(found.size(), 3U);
}

TEST_F(Sound, WhatIsNoSoundIsASentence) {
  refused(file("This is a text, not a sound, and longer than a header is.\n"), "cannot be read");
  refused(file(""), "cannot be read");
  refused(file(wav_bytes({})), "holds no samples");
  refused(folder_.path() / "absent.wav", "No such file");
  refused(folder_.path(), "is not a file");
  const std::filesystem::path pipe = folder_.path() / "pipe.wav";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  refused(pipe, "is not a file");
}

TEST_F(Sound, ValuesThatAreNoNumbersAreErrors) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  refused(floats({0, nan}, 1, SF_FORMAT_WAV | SF_FORMAT_FLOAT), "at sample 1 that is not finite");
}

TEST_F(Sound, DamagedBytesNeverDoMoreThanThrow) {
  const std::string whole = wav_bytes(std::vector<std::int16_t>(20, 7));
  for (std::size_t at = 0; at < 44; ++at) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string damaged = whole;
      damaged[at] = value;
      try {
        EXPECT_EQ(read_clip(file(damaged), 16'000, 100).size(), 100U);
      } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("a.wav"), std::string::npos) << error.what();
      }
    }
  }
}

}  // namespace
}  // namespace inas::data
