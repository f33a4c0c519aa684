#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/random_draw.hpp>
#include <inas/core/worker_threads.hpp>

#include "cache.hpp"
#include "folder.hpp"
#include "image_file.hpp"
#include "loader.hpp"

// A folder of images for each class: all of one part, or in train and test, and perhaps validation.
namespace inas::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostImageBytes = std::size_t{1} << 28;

/// The images of a part, in a random order that depends on their number alone: what takes the first
/// of them takes some of each class.
struct ImageFiles {
  fs::path folder;
  std::vector<fs::path> files;
  std::vector<std::int64_t> labels;
};

/// What file managers leave behind.
bool is_ignored(const std::string& name) {
  return name.starts_with('.') || name == "Thumbs.db" || name == "desktop.ini";
}

std::vector<std::string> classes_in(const fs::path& folder) {
  std::vector<std::string> names = names_in(folder);
  std::erase_if(names, [&](const std::string& name) {
    return is_ignored(name) || !is_folder(folder / name);
  });
  return names;
}

std::vector<fs::path> images_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const std::string& name : names_in(folder)) {
    if (is_ignored(name)) continue;
    const fs::path file = folder / name;
    if (!is_image(name) || is_folder(file)) {
      throw Error(
          fmt::format("'{}' is in the folder of a class, allowed: images, .png, .jpg or "
                      ".jpeg.",
                      file.string()));
    }
    files.push_back(file);
  }
  if (files.empty()) throw Error(fmt::format("The folder '{}' has no image.", folder.string()));
  return files;
}

ImageFiles list_images(const fs::path& folder, const std::vector<std::string>& classes) {
  for (const std::string& name : classes_in(folder)) {
    if (std::find(classes.begin(), classes.end(), name) != classes.end()) continue;
    throw Error(fmt::format("'{}' is no class of the training part, which has {}.",
                            (folder / name).string(), fmt::join(classes, ", ")));
  }
  ImageFiles sorted{.folder = folder, .files = {}, .labels = {}};
  for (std::size_t label = 0; label < classes.size(); ++label) {
    check_folder(folder / classes[label], "each part has a folder for each class");
    for (fs::path& file : images_in(folder / classes[label])) {
      sorted.files.push_back(std::move(file));
      sorted.labels.push_back(static_cast<std::int64_t>(label));
    }
  }
  ImageFiles images{.folder = folder, .files = {}, .labels = {}};
  std::mt19937_64 generator(0);
  for (const std::int64_t at : random_order(std::ssize(sorted.files), generator)) {
    images.files.push_back(std::move(sorted.files[static_cast<std::size_t>(at)]));
    images.labels.push_back(sorted.labels[static_cast<std::size_t>(at)]);
  }
  return images;
}

struct ImageSet {
  std::vector<std::string> classes;
  ImageFiles train;
  std::optional<ImageFiles> validation;
  std::optional<ImageFiles> test;
};

ImageSet list_set(const fs::path& folder, std::int64_t classes) {
  const bool has_parts = is_folder(folder / "train");
  const fs::path train = has_parts ? folder / "train" : folder;
  ImageSet set;
  set.classes = classes_in(train);
  if (std::ssize(set.classes) != classes) {
    throw Error(
        fmt::format("The folder '{}' has {} folders, one a class, allowed: {}, as "
                    "space.classes says; {}.",
                    train.string(), set.classes.size(), classes, contents_of(train)));
  }
  set.train = list_images(train, set.classes);
  if (!has_parts) return set;
  for (const auto& [name, part] :
       {std::pair{"validation", &set.validation}, std::pair{"test", &set.test}}) {
    if (is_folder(folder / name)) *part = list_images(folder / name, set.classes);
  }
  return set;
}

/// What the pixels of a set depend on.
void add_to_key(const ImageFiles& images, CacheKey& key) {
  key.add(std::ssize(images.files));
  for (std::size_t i = 0; i < images.files.size(); ++i) {
    key.add(images.files[i].lexically_relative(images.folder).string());
    key.add(images.labels[i]);
    key.add(read_file(images.files[i], kMostImageBytes));
  }
}

/// Brings `image` to `size`, or refuses it.
Image fitted(Image image, const Shape& size, const LoadRequest& request, const fs::path& path) {
  if (request.input) {
    if (image.shape.height < size.height || image.shape.width < size.width) {
      throw Error(fmt::format(
          "'{}' has {}×{} pixels, allowed: at least {}×{}, as space.input says: "
          "images are averaged, not enlarged.",
          path.string(), image.shape.height, image.shape.width, size.height, size.width));
    }
    return averaged(image, size.height, size.width);
  }
  if (image.shape != size) {
    throw Error(fmt::format("'{}' has {}×{} pixels, allowed: {}×{}, as the first image has.",
                            path.string(), image.shape.height, image.shape.width, size.height,
                            size.width));
  }
  return image;
}

RawPart read_images(const ImageFiles& images, const Shape& size, const LoadRequest& request) {
  const std::int64_t most = kMostByteValues / size.values();
  if (std::ssize(images.files) > most) {
    throw Error(fmt::format("'{}' has {} images, allowed: at most {} of {}×{}×{}.",
                            images.folder.string(), images.files.size(), most, size.channels,
                            size.height, size.width));
  }
  const auto values = static_cast<std::size_t>(size.values());
  ByteValues pixels(images.files.size() * values);
  on_threads(all_cores(), std::ssize(images.files), [&] {
    return [&](std::int64_t index) {
      const fs::path& path = images.files[static_cast<std::size_t>(index)];
      const Image image = fitted(
          decode_image(read_file(path, kMostImageBytes), path, size.channels), size, request, path);
      std::copy(image.pixels.begin(), image.pixels.end(),
                pixels.begin() + index * static_cast<std::ptrdiff_t>(values));
    };
  });
  return {.source = {},
          .shape = size,
          .values = std::move(pixels),
          .labels = images.labels,
          .groups = {}};
}

/// The shape of all images: that of the networks' input, or of the first image, with colours.
Shape size_of(const ImageSet& set, const LoadRequest& request) {
  if (!request.input) {
    constexpr std::int64_t kColours = 3;
    const fs::path& first = set.train.files.front();
    return decode_image(read_file(first, kMostImageBytes), first, kColours).shape;
  }
  if (request.input->channels != 1 && request.input->channels != 3) {
    throw InvalidArgument(fmt::format(
        "space.input has {} channels, but images have 1 (grey) or 3 (red, green, blue).",
        request.input->channels));
  }
  return *request.input;
}

}  // namespace

RawSet load_images(const LoadRequest& request) {
  const fs::path folder = required_path(request.data, "the folder of the classes' folders");
  check_folder(folder);
  const ImageSet listed = list_set(folder, request.classes);
  const Shape size = size_of(listed, request);
  CacheKey key;
  key.add("images");
  key.add(request.input ? "averaged" : "of one size");
  for (const std::int64_t extent : {size.channels, size.height, size.width}) key.add(extent);
  for (const std::string& name : listed.classes) key.add(name);
  add_to_key(listed.train, key);
  for (const auto* part : {&listed.validation, &listed.test}) {
    key.add(*part ? "has" : "has not");
    if (*part) add_to_key(**part, key);
  }
  RawSet set = cached(key, [&] {
    RawSet made;
    made.train = read_images(listed.train, size, request);
    if (listed.validation) made.validation = read_images(*listed.validation, size, request);
    if (listed.test) made.test = read_images(*listed.test, size, request);
    made.class_names = listed.classes;
    return made;
  });
  set.train.source = listed.train.folder.string();
  if (set.validation) set.validation->source = (folder / "validation").string();
  if (set.test) set.test->source = (folder / "test").string();
  return set;
}

}  // namespace inas::data
