#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/text.hpp>

#include "byte_file.hpp"
#include "folder.hpp"
#include "loader.hpp"

// Sets of the MNIST family. Source of the format: the page of MNIST (LeCun, Cortes, Burges).
namespace inas::data {
namespace {

namespace fs = std::filesystem;

// Where Debian's package puts Fashion-MNIST.
constexpr std::string_view kDefaultFolder = "/usr/share/datasets/fashion-mnist";

struct IdxContent {
  std::string file;
  std::vector<std::int64_t> extents;
  std::vector<std::uint8_t> bytes;
};

std::int64_t big_endian(std::span<const std::uint8_t> bytes) {
  std::int64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value * 256 + byte;
  return value;
}

// An IDX file of unsigned bytes: 0, 0, type 8, the number of dimensions; each extent as 32 bits,
// big-endian; the values.
IdxContent read_idx(const fs::path& path, std::int64_t dimensions) {
  ByteFile file(path);
  const std::int64_t header_size = 4 + 4 * dimensions;
  const std::vector<std::uint8_t> header = file.read(header_size);
  if (static_cast<std::int64_t>(header.size()) < header_size) {
    throw Error(fmt::format("{}: is truncated: found {} bytes of its header, allowed: {}",
                            file.name(), header.size(), header_size));
  }
  const std::span<const std::uint8_t> words(header);
  const std::int64_t magic = big_endian(words.first(4));
  const std::int64_t expected_magic = 0x800 + dimensions;
  if (magic != expected_magic) {
    throw Error(
        fmt::format("{}: found the IDX magic number {:#010x}, allowed: {:#010x} (unsigned bytes, "
                    "{})",
                    file.name(), magic, expected_magic, counted(dimensions, "dimension")));
  }
  IdxContent content{.file = file.name(), .extents = {}, .bytes = {}};
  std::int64_t total = 1;
  for (std::int64_t i = 1; i <= dimensions; ++i) {
    const std::int64_t extent = big_endian(words.subspan(static_cast<std::size_t>(4 * i), 4));
    if (extent < 1 || extent > kMostByteValues / total) {
      throw Error(
          fmt::format("{}: found extent {} in dimension {} of {}, allowed: extents from 1 whose "
                      "product is at most {}",
                      file.name(), extent, i, dimensions, kMostByteValues));
    }
    content.extents.push_back(extent);
    total *= extent;
  }
  content.bytes = file.read(total);
  if (static_cast<std::int64_t>(content.bytes.size()) < total) {
    throw Error(fmt::format(
        "{}: is truncated: found {} bytes after the header, allowed: {}, as it promises",
        file.name(), content.bytes.size(), total));
  }
  if (!file.read(1).empty()) {
    throw Error(fmt::format("{}: has bytes after the {} that its header promises, allowed: none",
                            file.name(), total));
  }
  return content;
}

// A file of `folder` by the name that it is published under, compressed or not, or with the dot
// before "idx" that some tools write; nothing if there is none.
std::optional<fs::path> find_idx(const fs::path& folder, const std::string& name) {
  std::string dotted = name;
  dotted[name.rfind("-idx")] = '.';
  for (const std::string& spelling : {name, dotted}) {
    for (const char* ending : {".gz", ""}) {
      const fs::path path = folder / (spelling + ending);
      if (is_there(path)) return path;
    }
  }
  return std::nullopt;
}

std::string image_name(std::string_view part) { return fmt::format("{}-images-idx3-ubyte", part); }
std::string label_name(std::string_view part) { return fmt::format("{}-labels-idx1-ubyte", part); }

// A folder, and what the names of its files begin with: nothing, but for sets of several, as
// EMNIST's "emnist-digits-".
struct Place {
  fs::path folder;
  std::string prefix;
};

// What the names of training images in `folder` begin with, of each set that is there.
std::vector<std::string> prefixes_in(const fs::path& folder) {
  std::set<std::string> prefixes;
  for (const std::string& name : names_in(folder)) {
    const std::size_t at = name.find("train-images");
    if (at == std::string::npos || at == 0) continue;
    const std::string prefix = name.substr(0, at);
    if (find_idx(folder, prefix + image_name("train"))) prefixes.insert(prefix);
  }
  return {prefixes.begin(), prefixes.end()};
}

// `folder`, or that below it which holds the training images, as torchvision lays its sets out.
Place find_place(const fs::path& folder) {
  for (const char* below :
       {"", "FashionMNIST/raw", "MNIST/raw", "KMNIST/raw", "QMNIST/raw", "EMNIST/raw", "raw"}) {
    const fs::path candidate = *below == '\0' ? folder : folder / below;
    if (find_idx(candidate, image_name("train"))) return {candidate, ""};
    if (!is_there(candidate)) continue;
    const std::vector<std::string> prefixes = prefixes_in(candidate);
    if (prefixes.size() == 1) return {candidate, prefixes.front()};
    if (prefixes.size() > 1) {
      throw Error(fmt::format(
          "{}: holds {} sets ({}), allowed: one; a folder of links to the files of one will do",
          candidate.string(), prefixes.size(), fmt::join(prefixes, ", ")));
    }
  }
  return {folder, ""};
}

fs::path require_idx(const fs::path& folder, const std::string& name) {
  if (const std::optional<fs::path> path = find_idx(folder, name)) return *path;
  throw Error(fmt::format("{}: has no file {} or {}.gz; {}", folder.string(), name, name,
                          contents_of(folder)));
}

RawPart read_part(const Place& place, const std::string& part, std::int64_t classes) {
  const fs::path image_path = require_idx(place.folder, place.prefix + image_name(part));
  const fs::path label_path = require_idx(place.folder, place.prefix + label_name(part));
  const IdxContent labels = read_idx(label_path, 1);
  check_labels<std::uint8_t>(labels.file, "image", labels.bytes, classes);
  IdxContent images = read_idx(image_path, 3);
  if (images.extents[0] != labels.extents[0]) {
    throw Error(fmt::format("{}: holds {} images, allowed: {}, as {} holds labels", images.file,
                            images.extents[0], labels.extents[0], labels.file));
  }
  return {.source = images.file,
          .shape = {1, images.extents[1], images.extents[2]},
          .values = std::move(images.bytes),
          .labels = {labels.bytes.begin(), labels.bytes.end()},
          .groups = {}};
}

RawSet read_set(const fs::path& folder, std::int64_t classes) {
  const Place place = find_place(folder);
  RawSet set;
  set.train = read_part(place, "train", classes);
  const bool is_test = !find_idx(place.folder, place.prefix + image_name("t10k")) &&
                       find_idx(place.folder, place.prefix + image_name("test"));
  set.test = read_part(place, is_test ? "test" : "t10k", classes);
  return set;
}

}  // namespace

RawSet load_fashion_mnist(const LoadRequest& request) {
  if (!request.data.path.empty()) return load_idx(request);
  check_folder(kDefaultFolder,
               "the Debian package dataset-fashion-mnist provides it (apt-get install "
               "dataset-fashion-mnist)");
  return read_set(kDefaultFolder, request.classes);
}

RawSet load_idx(const LoadRequest& request) {
  const fs::path folder = required_path(request.data, "the folder of the IDX files");
  check_folder(folder);
  return read_set(folder, request.classes);
}

}  // namespace inas::data
