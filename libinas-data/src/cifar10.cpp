#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>

#include "byte_file.hpp"
#include "folder.hpp"
#include "loader.hpp"

// Source of the format: the page of CIFAR-10 (Krizhevsky), "Binary version".
namespace inas::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBinaryFolder = "cifar-10-batches-bin";
constexpr const char* kPythonFolder = "cifar-10-batches-py";

// Appends the records of `path`, each a label and 32×32 red, green and blue values, to `part`.
void read_file(const fs::path& path, std::int64_t classes, RawPart& part) {
  auto& pixels = std::get<ByteValues>(part.values);
  const std::int64_t record = 1 + part.shape.values();
  ByteFile file(path);
  const std::int64_t room = kMostByteValues - static_cast<std::int64_t>(pixels.size());
  const std::vector<std::uint8_t> bytes = file.read(room + 1);
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (size > room) {
    throw Error(fmt::format("{}: makes the data set larger than {} bytes, allowed: at most so many",
                            file.name(), kMostByteValues));
  }
  if (size == 0 || size % record != 0) {
    throw Error(fmt::format("{}: found {} bytes, allowed: one or more records of {} bytes",
                            file.name(), size, record));
  }
  std::vector<std::uint8_t> labels;
  pixels.reserve(pixels.size() + bytes.size());
  for (auto at = bytes.begin(); at != bytes.end(); at += record) {
    labels.push_back(*at);
    pixels.insert(pixels.end(), at + 1, at + record);
  }
  check_labels<std::uint8_t>(file.name(), "image", labels, classes);
  part.labels.insert(part.labels.end(), labels.begin(), labels.end());
}

RawPart read_files(const std::vector<fs::path>& files, std::int64_t classes) {
  RawPart part{.source = files.front().string(),
               .shape = {3, 32, 32},
               .values = ByteValues{},
               .labels = {},
               .groups = {}};
  for (const fs::path& file : files) read_file(file, classes, part);
  return part;
}

// data_batch_*.bin in `folder`, sorted by name.
std::vector<fs::path> train_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const std::string& name : names_in(folder)) {
    if (name.starts_with("data_batch_") && name.ends_with(".bin")) files.push_back(folder / name);
  }
  return files;
}

// The archive's own folder, or the one that it unpacks to.
fs::path batch_folder(const fs::path& where) {
  const fs::path below = where / kBinaryFolder;
  return train_files(where).empty() && is_there(below) ? below : where;
}

void refuse_python_version(const fs::path& folder) {
  for (const fs::path& found : {folder / "data_batch_1", folder / kPythonFolder}) {
    if (!is_there(found)) continue;
    throw Error(fmt::format(
        "{}: is of the Python version of CIFAR-10, whose files hold pickled objects, allowed: the "
        "binary version, cifar-10-binary.tar.gz on the set's page, with data_batch_*.bin",
        found.string()));
  }
}

std::vector<std::string> class_names(const fs::path& folder, std::int64_t classes) {
  const fs::path path = folder / "batches.meta.txt";
  if (!is_there(path)) return {};
  std::vector<std::string> names = read_lines(path);
  std::erase(names, "");
  return names_of_classes(std::move(names), classes);
}

}  // namespace

RawSet load_cifar10(const LoadRequest& request) {
  const fs::path where =
      required_path(request.data, "the folder of the binary version of CIFAR-10");
  check_folder(where);
  const fs::path folder = batch_folder(where);
  const std::vector<fs::path> files = train_files(folder);
  if (files.empty()) {
    refuse_python_version(folder);
    throw Error(
        fmt::format("{}: has no file data_batch_*.bin of the binary version of CIFAR-10; {}",
                    folder.string(), contents_of(folder)));
  }
  const fs::path test_file = folder / "test_batch.bin";
  if (!is_there(test_file)) {
    throw Error(
        fmt::format("{}: has no file test_batch.bin; {}", folder.string(), contents_of(folder)));
  }
  RawSet set;
  set.train = read_files(files, request.classes);
  set.test = read_files({test_file}, request.classes);
  set.class_names = class_names(folder, request.classes);
  return set;
}

}  // namespace inas::data
