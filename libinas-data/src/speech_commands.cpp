#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <iterator>
#include <random>
#include <set>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/random_draw.hpp>
#include <inas/core/text.hpp>
#include <inas/data/sound.hpp>

#include "byte_file.hpp"
#include "folder.hpp"
#include "sound_features.hpp"

// Google's Speech Commands: a folder of clips for each word, of which ten are classes of their own
// and all others together are the class "unknown"; two lists of the files of the validation and the
// test part; and long recordings of noise, of which the class "silence" is cut.
namespace inas::data {
namespace {

namespace fs = std::filesystem;

// The order of TensorFlow's example.
constexpr std::array<std::string_view, 12> kClasses{
    "silence", "unknown", "yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"};
constexpr std::int64_t kSilence = 0;
constexpr std::int64_t kUnknown = 1;
constexpr std::int64_t kFirstWord = 2;

constexpr std::string_view kNoiseFolder = "_background_noise_";
constexpr std::int64_t kMostNoiseS = 600;
/// Of a noise, the first eight tenths are the training part's, a tenth each that of the others.
constexpr std::int64_t kLeastNoiseSamples = 10 * kSoundSamples;

enum Part : std::size_t { kTrain, kValidation, kTest };

/// The class of a word's folder.
std::int64_t class_of(std::string_view word) {
  const auto found = std::find(kClasses.begin() + kFirstWord, kClasses.end(), word);
  return found == kClasses.end() ? kUnknown : found - kClasses.begin();
}

/// One sample: a file, or a piece of a noise.
struct Clip {
  std::int64_t label = 0;
  std::string file = {};  ///< below the set's folder
  std::size_t noise = 0;
  std::size_t begin = 0;
  float gain = 1;
};

struct Noise {
  std::string file;  ///< below the set's folder
  std::vector<float> samples;
};

/// The clips of all words, "word/file.wav", sorted.
std::vector<std::string> list_clips(const fs::path& folder) {
  std::vector<std::string> files;
  std::set<std::string> words;
  for (const std::string& word : names_in(folder)) {
    if (word.starts_with('_') || word.starts_with('.') || !is_folder(folder / word)) continue;
    words.insert(word);
    for (const std::string& name : names_in(folder / word)) {
      if (is_sound(name)) files.push_back(fmt::format("{}/{}", word, name));
    }
  }
  for (const std::string_view word : std::span(kClasses).subspan(kFirstWord)) {
    if (words.contains(std::string(word))) continue;
    throw Error(fmt::format("{}: has no folder {} of Speech Commands; {}", folder.string(), word,
                            contents_of(folder)));
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// The files that a list names, sorted. All must be among `files`.
std::vector<std::string> read_list(const fs::path& path, const std::vector<std::string>& files) {
  std::istringstream lines(read_text(path, static_cast<std::int64_t>(kMostTextBytes)));
  std::vector<std::string> listed;
  std::int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    if (!std::binary_search(files.begin(), files.end(), line)) {
      constexpr std::size_t kShown = 100;
      throw Error(
          fmt::format("{}: line {}: found \"{}\", allowed: one of the sounds that are there",
                      path.string(), number, shown_text(line, kShown)));
    }
    listed.push_back(std::move(line));
  }
  std::sort(listed.begin(), listed.end());
  return listed;
}

/// The files of each part.
std::array<std::vector<std::string>, 3> split_clips(const fs::path& folder) {
  const std::vector<std::string> files = list_clips(folder);
  std::array<std::vector<std::string>, 3> parts;
  parts[kValidation] = read_list(folder / "validation_list.txt", files);
  parts[kTest] = read_list(folder / "testing_list.txt", files);
  std::vector<std::string> both;
  std::set_intersection(parts[kValidation].begin(), parts[kValidation].end(), parts[kTest].begin(),
                        parts[kTest].end(), std::back_inserter(both));
  if (!both.empty()) {
    throw Error(fmt::format(
        "{}: validation_list.txt and testing_list.txt both name {}, allowed: one of them",
        folder.string(), both.front()));
  }
  std::vector<std::string> held_out;
  std::merge(parts[kValidation].begin(), parts[kValidation].end(), parts[kTest].begin(),
             parts[kTest].end(), std::back_inserter(held_out));
  std::set_difference(files.begin(), files.end(), held_out.begin(), held_out.end(),
                      std::back_inserter(parts[kTrain]));
  return parts;
}

std::vector<Noise> read_noises(const fs::path& folder) {
  std::vector<Noise> noises;
  check_folder(folder, "silence is cut from the sounds in it");
  for (const std::string& name : names_in(folder)) {
    if (!is_sound(name)) continue;
    noises.push_back(
        {.file = fmt::format("{}/{}", kNoiseFolder, name),
         .samples = read_sound(folder / name, kSoundRateHz, kMostNoiseS * kSoundRateHz)});
    if (std::ssize(noises.back().samples) < kLeastNoiseSamples) {
      throw Error(fmt::format("{}: has {} samples of noise, allowed: at least {}",
                              (folder / name).string(), noises.back().samples.size(),
                              kLeastNoiseSamples));
    }
  }
  if (noises.empty()) {
    throw Error(fmt::format("{}: has no sounds, of which silence could be cut; {}", folder.string(),
                            contents_of(folder)));
  }
  return noises;
}

/// A second of one of the noises, within the stretch that is the part's, at a loudness from nothing
/// to that of the recording.
Clip draw_silence(const std::vector<Noise>& noises, Part part, std::mt19937_64& random) {
  Clip clip{.label = kSilence};
  clip.noise = static_cast<std::size_t>(draw_below(random, noises.size()));
  const std::size_t tenth = noises[clip.noise].samples.size() / 10;
  const std::size_t first = part == kTrain ? 0 : part == kValidation ? 8 * tenth : 9 * tenth;
  const std::size_t length = part == kTrain ? 8 * tenth : tenth;
  clip.begin = first + static_cast<std::size_t>(draw_below(
                           random, length - static_cast<std::size_t>(kSoundSamples) + 1));
  clip.gain = static_cast<float>(draw_unit(random));
  return clip;
}

/// The samples of a part, in a random order: all clips of the ten words, and a tenth of their
/// number each, rounded up, of other words and of silence.
std::vector<Clip> choose_clips(const fs::path& folder, const std::vector<std::string>& files,
                               const std::vector<Noise>& noises, Part part) {
  constexpr std::array kNames{"training", "validation", "test"};
  std::vector<Clip> words;
  std::vector<Clip> others;
  for (const std::string& file : files) {
    const std::int64_t label = class_of(std::string_view(file).substr(0, file.find('/')));
    (label == kUnknown ? others : words).push_back({.label = label, .file = file});
  }
  if (words.empty() || others.empty()) {
    throw Error(fmt::format("{}: has no clips of {} in the {} part, allowed: at least one",
                            folder.string(), words.empty() ? "the ten words" : "other words",
                            kNames[part]));
  }
  // Not by the search's seed: the test part is the same for all of them.
  std::mt19937_64 random(part);
  const std::size_t share = (words.size() + 9) / 10;
  const std::vector<std::int64_t> of_others = random_order(std::ssize(others), random);
  std::vector<Clip> clips = std::move(words);
  for (std::size_t i = 0; i < std::min(share, others.size()); ++i) {
    clips.push_back(others[static_cast<std::size_t>(of_others[i])]);
  }
  for (std::size_t i = 0; i < share; ++i) clips.push_back(draw_silence(noises, part, random));

  std::vector<Clip> mixed;
  for (const std::int64_t i : random_order(std::ssize(clips), random)) {
    mixed.push_back(std::move(clips[static_cast<std::size_t>(i)]));
  }
  return mixed;
}

std::vector<float> samples_of(const Clip& clip, const fs::path& folder,
                              const std::vector<Noise>& noises) {
  if (clip.label != kSilence) return read_clip(folder / clip.file, kSoundRateHz, kSoundSamples);
  const auto begin = noises[clip.noise].samples.begin() + static_cast<std::ptrdiff_t>(clip.begin);
  std::vector<float> silence(begin, begin + kSoundSamples);
  for (float& x : silence) x *= clip.gain;
  return silence;
}

/// What the features of the clips depend on, the noises' contents left out.
void add_to_key(const std::vector<Clip>& clips, const fs::path& folder, CacheKey& key) {
  key.add(std::ssize(clips));
  for (const Clip& clip : clips) {
    key.add(clip.label);
    if (clip.label == kSilence) {
      key.add(static_cast<std::int64_t>(clip.noise));
      key.add(static_cast<std::int64_t>(clip.begin));
      key.add(std::int64_t{std::bit_cast<std::int32_t>(clip.gain)});
    } else {
      add_sound(key, folder, clip.file);
    }
  }
}

}  // namespace

RawSet load_speech_commands(const LoadRequest& request) {
  if (request.classes != std::ssize(kClasses)) {
    throw InvalidArgument(
        fmt::format("space.classes: found {}, allowed: {}, as Speech Commands has: silence, "
                    "unknown and ten words",
                    request.classes, kClasses.size()));
  }
  const fs::path folder = required_path(request.data, "the folder of Speech Commands v0.02");
  check_folder(folder);
  const std::array<std::vector<std::string>, 3> files = split_clips(folder);
  const std::vector<Noise> noises = read_noises(folder / kNoiseFolder);
  std::array<std::vector<Clip>, 3> clips;
  CacheKey key;
  key.add("speech-commands");
  add_front_end(key, request.input);
  for (const Noise& noise : noises) add_sound(key, folder, noise.file);
  for (const Part part : {kTrain, kValidation, kTest}) {
    clips[part] = choose_clips(folder, files[part], noises, part);
    add_to_key(clips[part], folder, key);
  }

  const auto make_part = [&](Part part) {
    std::vector<std::int64_t> labels;
    for (const Clip& clip : clips[part]) labels.push_back(clip.label);
    return sound_part(folder.string(), request.input, std::move(labels),
                      [&](std::size_t i) { return samples_of(clips[part][i], folder, noises); });
  };
  RawSet set = cached(key, [&] {
    return RawSet{.train = make_part(kTrain),
                  .validation = make_part(kValidation),
                  .test = make_part(kTest),
                  .class_names = {kClasses.begin(), kClasses.end()},
                  .group_names = {}};
  });
  for (RawPart* part : {&set.train, &*set.validation, &*set.test}) part->source = folder.string();
  return set;
}

}  // namespace inas::data
