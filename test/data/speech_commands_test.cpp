#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <support/wav_bytes.hpp>

#include <inas/data/mfcc.hpp>

#include "data_sets.hpp"

namespace inas::data {
namespace {

constexpr std::array kWords{"yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"};

std::vector<std::int16_t> tone(double frequency_hz, std::int64_t count = 16'000) {
  std::vector<std::int16_t> samples;
  for (std::int64_t i = 0; i < count; ++i) {
    const double turns = frequency_hz * static_cast<double>(i) / 16'000;
    samples.push_back(
        static_cast<std::int16_t>(std::lround(8'000 * std::sin(2 * std::numbers::pi * turns))));
  }
  return samples;
}

std::vector<float> features(const std::vector<std::int16_t>& samples) {
  std::vector<float> values;
  for (const std::int16_t x : samples) values.push_back(static_cast<float>(x) / 32'768);
  values.resize(16'000);
  return Mfcc()(values);
}

/// The sum of the absolute differences of coefficients 1 to 9, which loudness leaves alone.
double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (i % 10 != 0) sum += std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
  }
  return sum;
}

/// What is loaded is kept in a folder of the test's own.
class CachedFolder : public DataFolder {
 protected:
  CachedFolder() { setenv("XDG_CACHE_HOME", caches_.path().c_str(), 1); }
  ~CachedFolder() override { unsetenv("XDG_CACHE_HOME"); }

  test::TemporaryFolder caches_;
};

/// A small set: every word has 12 clips, two of them for validation and one for testing, each a
/// tone of its own. Noise has a tone for each tenth of its 20 s.
class SpeechCommands : public CachedFolder {
 protected:
  SpeechCommands() {
    std::string validation;
    std::string testing;
    int number = 0;
    for (const std::string word : kWords) add_word(word, number++, validation, testing);
    for (const std::string word : {"bed", "tree"}) add_word(word, number++, validation, testing);
    write("validation_list.txt", validation);
    write("testing_list.txt", testing);
    std::vector<std::int16_t> noise;
    for (int tenth = 0; tenth < 10; ++tenth) {
      const std::vector<std::int16_t> part = tone(noise_hz(tenth), 32'000);
      noise.insert(noise.end(), part.begin(), part.end());
    }
    write("_background_noise_/tones.wav", test::wav_bytes(noise));
    write("_background_noise_/README.md", "no sound");
    write("LICENSE", "no folder");
    write(".git/config", "no word");
    write("yes/.DS_Store", "no sound");
  }

  void add_word(const std::string& word, int number, std::string& validation,
                std::string& testing) {
    for (int clip = 0; clip < 12; ++clip) {
      const std::string file = fmt::format("{}/{:08x}_nohash_0.wav", word, clip);
      const std::vector<std::int16_t> samples = tone(200 + 20 * (12 * number + clip));
      write(file, test::wav_bytes(samples));
      files_[file] = samples;
      if (clip == 3 || clip == 7) validation += file + "\n";
      if (clip == 5) testing += file + "\r\n";
    }
  }

  static double noise_hz(int tenth) { return tenth < 8 ? 500 : tenth == 8 ? 1'500 : 3'000; }

  DataSplit load(const Shape& input = {1, 250, 1}, std::uint64_t seed = 1) const {
    return load_data(settings("speech-commands"), 12, seed, input);
  }
  std::string error(std::int64_t classes = 12) const {
    return error_of(settings("speech-commands"), classes);
  }

  /// The raw features of a sample.
  static std::vector<float> raw(const DataSplit& split, const Dataset& part, std::int64_t sample) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < 250; ++i) {
      values.push_back(static_cast<float>(raw_value(split, part, sample, i)));
    }
    return values;
  }

  /// The file whose features a sample has.
  std::string file_of(const std::vector<float>& values) const {
    std::string nearest;
    double least = 1e9;
    for (const auto& [file, of_file] : features_) {
      if (const double found = distance(values, of_file); found < least) {
        least = found;
        nearest = file;
      }
    }
    EXPECT_LT(least, 0.1) << nearest;
    return nearest;
  }

  void compute_features() {
    for (const auto& [file, samples] : files_) features_[file] = features(samples);
  }

  std::map<std::string, std::vector<std::int16_t>> files_;
  std::map<std::string, std::vector<float>> features_;
};

TEST_F(SpeechCommands, TheListsDecideValidationAndTest) {
  compute_features();
  const DataSplit split = load();
  const std::array expected{std::pair{&split.train, std::string("0124689ab")},
                            std::pair{&split.validation, std::string("37")},
                            std::pair{&split.test, std::string("5")}};
  for (const auto& [part, clips] : expected) {
    std::map<std::string, int> seen;
    for (std::int64_t i = 0; i < part->size(); ++i) {
      const std::int64_t label = part->labels[static_cast<std::size_t>(i)];
      if (label == 0) continue;
      const std::string file = file_of(raw(split, *part, i));
      ++seen[file];
      const std::string word = file.substr(0, file.find('/'));
      if (label == 1) {
        EXPECT_TRUE(word == "bed" || word == "tree") << file;
      } else {
        EXPECT_EQ(word, kWords[static_cast<std::size_t>(label - 2)]);
      }
      EXPECT_NE(clips.find(file[word.size() + 8]), std::string::npos) << file;
    }
    const auto of_words = static_cast<int>(10 * clips.size());
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(of_words) + clips.size());
    for (const auto& [file, times] : seen) EXPECT_EQ(times, 1) << file;
  }
}

TEST_F(SpeechCommands, SilenceAndOtherWordsAreATenthOfTheWordsEach) {
  const DataSplit split = load();
  EXPECT_EQ(split.manifest.train, std::vector<std::int64_t>(12, 9));
  EXPECT_EQ(split.manifest.validation, std::vector<std::int64_t>(12, 2));
  EXPECT_EQ(split.manifest.test, std::vector<std::int64_t>(12, 1));
  EXPECT_EQ(split.manifest.class_names[0], "silence");
  EXPECT_EQ(split.manifest.class_names[1], "unknown");
  EXPECT_EQ(split.manifest.class_names[11], "go");
}

TEST_F(SpeechCommands, SilenceOfAPartIsCutFromAStretchOfItsOwn) {
  const DataSplit split = load();
  const std::array parts{&split.train, &split.validation, &split.test};
  const std::array<std::vector<float>, 3> tones{features(tone(500)), features(tone(1'500)),
                                                features(tone(3'000))};
  for (std::size_t p = 0; p < parts.size(); ++p) {
    int silences = 0;
    for (std::int64_t i = 0; i < parts[p]->size(); ++i) {
      if (parts[p]->labels[static_cast<std::size_t>(i)] != 0) continue;
      ++silences;
      const std::vector<float> values = raw(split, *parts[p], i);
      std::vector<double> distances;
      for (const std::vector<float>& of_tone : tones)
        distances.push_back(distance(values, of_tone));
      const auto nearest = std::min_element(distances.begin(), distances.end());
      EXPECT_EQ(nearest - distances.begin(), static_cast<std::ptrdiff_t>(p)) << "sample " << i;
    }
    EXPECT_GT(silences, 0);
  }
}

TEST_F(SpeechCommands, SamplesAreMixedAndThoseOfValidationAndTestTheSameForEverySeed) {
  const DataSplit one = load({1, 250, 1}, 1);
  const DataSplit two = load({1, 250, 1}, 2);
  for (const auto& [first, second] :
       {std::pair{&one.validation, &two.validation}, std::pair{&one.test, &two.test}}) {
    EXPECT_EQ(first->labels, second->labels);
    for (std::int64_t i = 0; i < first->size(); ++i) {
      EXPECT_LT(distance(raw(one, *first, i), raw(two, *second, i)), 0.1) << i;
    }
  }
  EXPECT_FALSE(std::is_sorted(one.train.labels.begin(), one.train.labels.end()));
}

TEST_F(SpeechCommands, FeaturesLieAsTheInputOfTheSpaceHasThem) {
  const DataSplit flat = load();
  const DataSplit map = load({1, 25, 10});
  const DataSplit channels = load({10, 25, 1});
  EXPECT_EQ(flat.train.shape, (Shape{1, 250, 1}));
  EXPECT_EQ(map.train.shape, (Shape{1, 25, 10}));
  EXPECT_EQ(channels.train.shape, (Shape{10, 25, 1}));
  EXPECT_EQ(load({3, 32, 32}).train.shape, (Shape{1, 250, 1}));
  for (std::int64_t frame = 0; frame < 25; ++frame) {
    for (std::int64_t q = 0; q < 10; ++q) {
      const double expected = raw_value(flat, flat.test, 0, 10 * frame + q);
      EXPECT_NEAR(raw_value(map, map.test, 0, 10 * frame + q), expected, 1e-3);
      EXPECT_NEAR(raw_value(channels, channels.test, 0, 25 * q + frame), expected, 1e-3);
    }
  }
}

TEST_F(SpeechCommands, FeaturesAreKeptUntilASoundChanges) {
  const DataSplit first = load();
  const std::filesystem::path cache = caches_.path() / "inas";
  const auto kept = [&] { return std::distance(std::filesystem::directory_iterator(cache), {}); };
  ASSERT_EQ(kept(), 1);
  EXPECT_EQ(load().manifest.content_hash, first.manifest.content_hash);
  EXPECT_EQ(kept(), 1);
  write("off/00000002_nohash_0.wav", test::wav_bytes(tone(7'000)));
  EXPECT_NE(load().manifest.content_hash, first.manifest.content_hash);
  std::vector<std::int16_t> noise = tone(700, 200'000);
  write("_background_noise_/tones.wav", test::wav_bytes(noise));
  static_cast<void>(load());
  static_cast<void>(load({1, 25, 10}));
  EXPECT_EQ(kept(), 4);
}

TEST_F(SpeechCommands, WhatIsMissingIsNamed) {
  expect_part(error(10), "space.classes: found 10, allowed: 12, as Speech Commands has");
  expect_part(error_of({.name = "speech-commands", .path = {}}, 12), "data.path: found \"\"");
  std::filesystem::remove(folder_ / "testing_list.txt");
  expect_part(error(), "testing_list.txt");
  write("testing_list.txt", "");
  expect_part(error(), "no clips of the ten words in the test part");
  write("testing_list.txt", "yes/00000005_nohash_0.wav\n");
  expect_part(error(), "no clips of other words in the test part");
  std::filesystem::remove_all(folder_ / "stop");
  expect_part(error(), "has no folder stop of Speech Commands");
}

TEST_F(SpeechCommands, ListsThatDoNotFitAreErrors) {
  write("testing_list.txt", "yes/00000005_nohash_0.wav\n\nno/absent.wav\n");
  expect_part(error(), "testing_list.txt: line 3: found \"no/absent.wav\"");
  write("testing_list.txt", "../" + folder_.filename().string() + "/yes/00000005_nohash_0.wav\n");
  expect_part(error(), "allowed: one of the sounds that are there");
  write("testing_list.txt", std::string(5'000'000, 'x'));
  const std::string long_line = error();
  expect_part(long_line, "line 1: ");
  EXPECT_LT(long_line.size(), 400U);
  write("testing_list.txt", "yes/00000003_nohash_0.wav\nbed/00000005_nohash_0.wav\n");
  expect_part(error(), "both name yes/00000003_nohash_0.wav, allowed: one");
}

TEST_F(SpeechCommands, NoiseThatIsMissingOrTooShortIsAnError) {
  write("_background_noise_/tones.wav", test::wav_bytes(tone(500, 159'999)));
  expect_part(error(), "has 159999 samples of noise, allowed: at least 160000");
  std::filesystem::remove(folder_ / "_background_noise_/tones.wav");
  expect_part(error(), "has no sounds, of which silence could be cut");
  std::filesystem::remove_all(folder_ / "_background_noise_");
  expect_part(error(), "silence is cut from the sounds in it");
}

TEST_F(SpeechCommands, ADamagedClipIsNamed) {
  static_cast<void>(load());
  write("up/00000001_nohash_0.wav", "RIFF, but no more");
  expect_part(error(), "up/00000001_nohash_0.wav");
  write("up/00000001_nohash_0.wav", test::wav_bytes(tone(300), 8'000));
  expect_part(error(), "has 8000 samples per second");
}

class Sounds : public CachedFolder {
 protected:
  void add(const std::string& file, double frequency_hz) const {
    write(file, test::wav_bytes(tone(frequency_hz, 4'000)));
  }
  std::string error(std::int64_t classes) const { return error_of(settings("sounds"), classes); }
};

TEST_F(Sounds, FoldersAreClassesInTheOrderOfTheirNames) {
  for (int i = 0; i < 5; ++i) {
    add(fmt::format("whistle/{}.wav", i), 2'000 + 10 * i);
    add(fmt::format("hum/{}.WAV", i), 200 + 10 * i);
  }
  write("hum/.DS_Store", "left behind by a file manager");
  write("README.md", "no class");
  const DataSplit split = load_data(settings("sounds", 2), 2, 1);
  EXPECT_EQ(split.manifest.class_names, (std::vector<std::string>{"hum", "whistle"}));
  EXPECT_EQ(split.manifest.test, (std::vector<std::int64_t>{1, 1}));
  EXPECT_EQ(split.train.size(), 6);
  EXPECT_EQ(split.validation.size(), 2);
}

TEST_F(Sounds, PartsAreKept) {
  for (const std::string part : {"train", "validation", "test"}) {
    for (int i = 0; i < (part == "train" ? 3 : 1); ++i) {
      add(fmt::format("{}/a/{}.wav", part, i), 300);
      add(fmt::format("{}/b/{}.wav", part, i), 900);
    }
  }
  const DataSplit split = load_data(settings("sounds"), 2, 1);
  EXPECT_EQ(split.train.size(), 6);
  EXPECT_EQ(split.validation.size(), 2);
  EXPECT_EQ(split.test.size(), 2);
  const std::vector<float> expected = features(tone(900, 4'000));
  const std::int64_t b = split.test.labels[0] == 1 ? 0 : 1;
  for (std::int64_t i = 0; i < 250; ++i) {
    EXPECT_NEAR(raw_value(split, split.test, b, i),
                static_cast<double>(expected[static_cast<std::size_t>(i)]), 1e-2);
  }
}

TEST_F(Sounds, FoldersThatDoNotFitAreNamed) {
  expect_part(error(2), "has 0 folders");
  add("train/a/1.wav", 300);
  add("train/b/1.wav", 300);
  expect_part(error(3), "allowed: 3, as space.classes says");
  expect_part(error(3), "has 2 folders, one a class, allowed: 3");
  add("test/a/1.wav", 300);
  expect_part(error(2), "each part has a folder for each class");
  add("test/b/1.wav", 300);
  add("test/c/1.wav", 300);
  expect_part(error(2), "test/c: is no class of the training part, allowed: a, b");
  std::filesystem::remove_all(folder_ / "test");
  write("train/a/notes.txt", "");
  expect_part(error(2), "notes.txt: is in the folder of a class, allowed: sounds, .wav");
  std::filesystem::remove(folder_ / "train/a/notes.txt");
  write("train/a/1.wav", "");
  expect_part(error(2), "train/a/1.wav");
  std::filesystem::remove(folder_ / "train/a/1.wav");
  expect_part(error(2), "has no sound (.wav, .flac, .ogg); it is empty");
}

}  // namespace
}  // namespace inas::data
