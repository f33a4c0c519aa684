#include <algorithm>
#include <cstddef>
#include <random>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/random_draw.hpp>
#include <inas/data/sound.hpp>

#include "folder.hpp"
#include "sound_features.hpp"

// Sounds of one's own: a folder for each class, all of one part, or a folder of such folders for
// each part.
namespace inas::data {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> folders_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const std::string& name : names_in(folder)) {
    if (!name.starts_with('.') && is_folder(folder / name)) names.push_back(name);
  }
  return names;
}

struct Sounds {
  fs::path folder;
  std::vector<std::string> files;  ///< below it
  std::vector<std::int64_t> labels;
};

/// The sounds of a part, in a random order.
Sounds list_sounds(const fs::path& folder, const std::vector<std::string>& classes) {
  for (const std::string& name : folders_in(folder)) {
    if (std::find(classes.begin(), classes.end(), name) != classes.end()) continue;
    throw Error(fmt::format("'{}' is no class of the training part, which has {}.",
                            (folder / name).string(), fmt::join(classes, ", ")));
  }
  Sounds sorted{.folder = folder, .files = {}, .labels = {}};
  for (std::size_t label = 0; label < classes.size(); ++label) {
    const fs::path of_class = folder / classes[label];
    check_folder(of_class, "each part has a folder for each class");
    const std::size_t before = sorted.files.size();
    for (const std::string& name : names_in(of_class)) {
      if (name.starts_with('.') || !is_sound(name)) continue;
      sorted.files.push_back(fmt::format("{}/{}", classes[label], name));
      sorted.labels.push_back(static_cast<std::int64_t>(label));
    }
    if (sorted.files.size() == before) {
      throw Error(fmt::format("The folder '{}' has no sound (.wav, .flac, .ogg); {}.",
                              of_class.string(), contents_of(of_class)));
    }
  }
  Sounds sounds{.folder = folder, .files = {}, .labels = {}};
  std::mt19937_64 random(0);
  for (const std::int64_t i : random_order(std::ssize(sorted.files), random)) {
    sounds.files.push_back(std::move(sorted.files[static_cast<std::size_t>(i)]));
    sounds.labels.push_back(sorted.labels[static_cast<std::size_t>(i)]);
  }
  return sounds;
}

RawPart read_part(const Sounds& sounds, const std::optional<Shape>& input) {
  return sound_part(sounds.folder.string(), input, sounds.labels, [&](std::size_t i) {
    return read_clip(sounds.folder / sounds.files[i], kSoundRateHz, kSoundSamples);
  });
}

void add_to_key(const Sounds& sounds, CacheKey& key) {
  key.add(std::ssize(sounds.files));
  for (std::size_t i = 0; i < sounds.files.size(); ++i) {
    key.add(sounds.labels[i]);
    add_sound(key, sounds.folder, sounds.files[i]);
  }
}

}  // namespace

RawSet load_sounds(const LoadRequest& request) {
  const fs::path folder = required_path(request.data, "a folder of folders of sounds");
  check_folder(folder);
  const bool has_parts = is_folder(folder / "train");
  const fs::path train_folder = has_parts ? folder / "train" : folder;
  const std::vector<std::string> classes = folders_in(train_folder);
  if (std::ssize(classes) != request.classes) {
    throw InvalidArgument(
        fmt::format("space.classes is {}, but '{}' has {} folders, one a class{}.", request.classes,
                    train_folder.string(), classes.size(),
                    classes.empty() ? "" : fmt::format(": {}", fmt::join(classes, ", "))));
  }
  const Sounds train = list_sounds(train_folder, classes);
  const auto list_part = [&](const char* name) -> std::optional<Sounds> {
    if (!has_parts || !is_folder(folder / name)) return std::nullopt;
    return list_sounds(folder / name, classes);
  };
  const std::optional<Sounds> validation = list_part("validation");
  const std::optional<Sounds> test = list_part("test");

  CacheKey key;
  key.add("sounds");
  add_front_end(key, request.input);
  for (const std::string& name : classes) key.add(name);
  add_to_key(train, key);
  for (const std::optional<Sounds>* part : {&validation, &test}) {
    key.add(*part ? "has" : "has not");
    if (*part) add_to_key(**part, key);
  }
  RawSet set = cached(key, [&] {
    RawSet made;
    made.train = read_part(train, request.input);
    if (validation) made.validation = read_part(*validation, request.input);
    if (test) made.test = read_part(*test, request.input);
    made.class_names = classes;
    return made;
  });
  set.train.source = train.folder.string();
  if (set.validation) set.validation->source = validation->folder.string();
  if (set.test) set.test->source = test->folder.string();
  return set;
}

}  // namespace inas::data
