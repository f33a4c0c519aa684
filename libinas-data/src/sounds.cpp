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
  std::vector<fs::path> files;
  std::vector<std::int64_t> labels;
};

/// The sounds of a part, in a random order.
Sounds list_sounds(const fs::path& folder, const std::vector<std::string>& classes) {
  for (const std::string& name : folders_in(folder)) {
    if (std::find(classes.begin(), classes.end(), name) != classes.end()) continue;
    throw Error(fmt::format("'{}' is no class of the training part, which has {}.",
                            (folder / name).string(), fmt::join(classes, ", ")));
  }
  Sounds sorted;
  for (std::size_t label = 0; label < classes.size(); ++label) {
    const fs::path of_class = folder / classes[label];
    check_folder(of_class, "each part has a folder for each class");
    const std::size_t before = sorted.files.size();
    for (const std::string& name : names_in(of_class)) {
      if (name.starts_with('.') || !is_sound(name)) continue;
      sorted.files.push_back(of_class / name);
      sorted.labels.push_back(static_cast<std::int64_t>(label));
    }
    if (sorted.files.size() == before) {
      throw Error(fmt::format("The folder '{}' has no sound (.wav, .flac, .ogg); {}.",
                              of_class.string(), contents_of(of_class)));
    }
  }
  Sounds sounds;
  std::mt19937_64 random(0);
  for (const std::int64_t i : random_order(std::ssize(sorted.files), random)) {
    sounds.files.push_back(std::move(sorted.files[static_cast<std::size_t>(i)]));
    sounds.labels.push_back(sorted.labels[static_cast<std::size_t>(i)]);
  }
  return sounds;
}

RawPart read_part(const fs::path& folder, const std::vector<std::string>& classes,
                  const std::optional<Shape>& input) {
  const Sounds sounds = list_sounds(folder, classes);
  return sound_part(folder.string(), input, sounds.labels, [&](std::size_t i) {
    return read_clip(sounds.files[i], kSoundRateHz, kSoundSamples);
  });
}

}  // namespace

RawSet load_sounds(const LoadRequest& request) {
  const fs::path folder = required_path(request.data, "a folder of folders of sounds");
  check_folder(folder);
  const bool has_parts = is_folder(folder / "train");
  const fs::path train = has_parts ? folder / "train" : folder;
  const std::vector<std::string> classes = folders_in(train);
  if (std::ssize(classes) != request.classes) {
    throw InvalidArgument(
        fmt::format("space.classes is {}, but '{}' has {} folders, one a class{}.", request.classes,
                    train.string(), classes.size(),
                    classes.empty() ? "" : fmt::format(": {}", fmt::join(classes, ", "))));
  }
  RawSet set{.train = read_part(train, classes, request.input),
             .validation = {},
             .test = {},
             .class_names = classes,
             .group_names = {}};
  if (has_parts && is_folder(folder / "validation")) {
    set.validation = read_part(folder / "validation", classes, request.input);
  }
  if (has_parts && is_folder(folder / "test")) {
    set.test = read_part(folder / "test", classes, request.input);
  }
  return set;
}

}  // namespace inas::data
