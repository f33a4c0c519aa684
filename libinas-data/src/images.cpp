#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/shape_text.hpp>
#include <inas/core/worker_threads.hpp>

#include "byte_file.hpp"
#include "class_folders.hpp"
#include "image_file.hpp"
#include "loader.hpp"

// A folder of images for each class.
namespace inas::data {
namespace {

namespace fs = std::filesystem;

/// Rises with every change of the pixels that the same files give.
constexpr std::int64_t kPixelVersion = 1;

constexpr std::size_t kMostImageBytes = std::size_t{1} << 28;

/// Brings `image` to `size`, or refuses it.
Image fitted(Image image, const Shape& size, const LoadRequest& request, const fs::path& path) {
  if (request.input) {
    if (image.shape.height < size.height || image.shape.width < size.width) {
      throw Error(fmt::format(
          "{}: has {}×{} pixels, allowed: at least {}×{}, as space.input says; images are "
          "averaged, not enlarged",
          path.string(), image.shape.height, image.shape.width, size.height, size.width));
    }
    return averaged(image, size.height, size.width);
  }
  if (image.shape != size) {
    throw Error(fmt::format("{}: has {}×{} pixels, allowed: {}×{}, as the first image has",
                            path.string(), image.shape.height, image.shape.width, size.height,
                            size.width));
  }
  return image;
}

RawPart read_images(const ClassFiles& images, const Shape& size, const LoadRequest& request) {
  const std::int64_t most = kMostByteValues / size.values();
  if (std::ssize(images.files) > most) {
    throw Error(fmt::format("{}: has {} images, allowed: at most {} of {}", images.folder.string(),
                            images.files.size(), most, shape_text(size, "×")));
  }
  const auto values = static_cast<std::size_t>(size.values());
  ByteValues pixels(images.files.size() * values);
  on_threads(all_cores(), std::ssize(images.files), [&] {
    return [&](std::int64_t index) {
      const fs::path path = images.folder / images.files[static_cast<std::size_t>(index)];
      const Image image =
          fitted(decode_image(read_data_file(path, kMostImageBytes), path, size.channels), size,
                 request, path);
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
Shape size_of(const ClassFolders& set, const LoadRequest& request) {
  if (!request.input) {
    constexpr std::int64_t kColours = 3;
    const fs::path first = set.train.folder / set.train.files.front();
    return decode_image(read_data_file(first, kMostImageBytes), first, kColours).shape;
  }
  if (request.input->channels != 1 && request.input->channels != 3) {
    throw InvalidArgument(fmt::format(
        "space.input: found {} channels, allowed: 1 (grey) or 3 (red, green, blue), as images have",
        request.input->channels));
  }
  return *request.input;
}

}  // namespace

RawSet load_images(const LoadRequest& request) {
  const fs::path folder = required_path(request.data, "the folder of the classes' folders");
  const ClassFolders listed =
      list_class_folders(folder, request.classes,
                         {.what = "image", .endings = ".png, .jpg or .jpeg", .is_one = is_image});
  const Shape size = size_of(listed, request);
  CacheKey key;
  key.add("images");
  key.add(kPixelVersion);
  key.add(request.input ? "averaged" : "of one size");
  for (const std::int64_t extent : {size.channels, size.height, size.width}) key.add(extent);
  return cached_set(
      listed, key,
      [](CacheKey& of_set, const ClassFiles& part, std::size_t file) {
        of_set.add(part.files[file]);
        of_set.add(read_data_file(part.folder / part.files[file], kMostImageBytes));
      },
      [&](const ClassFiles& part) { return read_images(part, size, request); });
}

}  // namespace inas::data
