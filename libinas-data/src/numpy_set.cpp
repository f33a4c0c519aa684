#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/data/numpy.hpp>

#include "byte_file.hpp"
#include "folder.hpp"
#include "loader.hpp"

namespace inas::data {
namespace {

namespace fs = std::filesystem;

/// Where arrays are looked for: an .npz file that was read, or a folder of .npy files.
class Arrays {
 public:
  explicit Arrays(const fs::path& path) : path_(path) {
    if (!is_there(path)) check_folder(path);  // says so
    if (!is_folder(path)) {
      arrays_ = read_numpy(path);
      if (arrays_.size() == 1 && arrays_.front().name.empty()) {
        throw Error(
            fmt::format("{}: is one array, allowed: an .npz file with x_train and y_train, or the "
                        "folder of such .npy files",
                        path.string()));
      }
      return;
    }
    // A folder of one .npz file and no arrays stands for that file.
    if (is_there(path / "x_train.npy")) return;
    std::vector<std::string> archives = names_in(path);
    std::erase_if(archives, [](const std::string& name) { return !name.ends_with(".npz"); });
    if (archives.size() == 1) *this = Arrays(path / archives.front());
  }

  [[nodiscard]] bool has(const std::string& name) const {
    if (is_folder(path_)) return is_there(path_ / (name + ".npy"));
    return std::any_of(arrays_.begin(), arrays_.end(),
                       [&](const NumpyArray& array) { return array.name == name; });
  }

  /// The array of this name, of which only the name is kept here.
  [[nodiscard]] NumpyArray take(const std::string& name) {
    if (!has(name)) refuse_absent(name);
    if (!is_folder(path_)) {
      NumpyArray& array = *std::find_if(arrays_.begin(), arrays_.end(),
                                        [&](const NumpyArray& one) { return one.name == name; });
      NumpyArray taken = std::exchange(array, {});
      array.name = name;
      return taken;
    }
    check_file(path_ / (name + ".npy"));
    std::vector<NumpyArray> arrays = read_numpy(path_ / (name + ".npy"));
    return std::move(arrays.front());
  }

  [[nodiscard]] std::string source(const std::string& name) const {
    if (is_folder(path_)) return (path_ / (name + ".npy")).string();
    return fmt::format("{}: {}", path_.string(), name);
  }

 private:
  [[noreturn]] void refuse_absent(const std::string& name) const {
    if (is_folder(path_)) {
      throw Error(fmt::format("{}: has no array {}.npy, and not one .npz file; {}", path_.string(),
                              name, contents_of(path_)));
    }
    std::vector<std::string> names;
    for (const NumpyArray& array : arrays_) names.push_back(array.name);
    throw Error(fmt::format("{}: has no array {}; it has {}", path_.string(), name,
                            fmt::join(names, ", ")));
  }

  fs::path path_;
  std::vector<NumpyArray> arrays_;
};

/// Samples of N×C×H×W, N×C×L, N×H×W or N×F; `input` tells the second from the third.
Shape shape_of(const NumpyArray& array, const std::optional<Shape>& input,
               const std::string& source) {
  const std::vector<std::int64_t>& extents = array.shape;
  const auto refuse = [&](const char* allowed) {
    throw Error(fmt::format("{}: has the shape ({}), allowed: {}", source, fmt::join(extents, ", "),
                            allowed));
  };
  if (std::find(extents.begin(), extents.end(), 0) != extents.end()) {
    refuse("at least one of everything");
  }
  switch (extents.size()) {
    case 2:
      return {1, extents[1], 1};
    case 3:
      if (input && input->width == 1) return {extents[1], extents[2], 1};
      return {1, extents[1], extents[2]};
    case 4:
      break;
    default:
      refuse(
          "samples × channels × height × width, samples × channels × length, samples × height × "
          "width, or samples × features");
  }
  const Shape shape{extents[1], extents[2], extents[3]};
  if (shape != input && input == Shape{shape.width, shape.channels, shape.height}) {
    refuse("channels before height and width: x.transpose(0, 3, 1, 2)");
  }
  return shape;
}

std::vector<std::int64_t> labels_of(const NumpyArray& array, const std::string& source) {
  const std::vector<std::int64_t>& extents = array.shape;
  if (extents.size() == 2 && extents[1] > 1) {
    throw Error(
        fmt::format("{}: has the shape ({}), as one-hot labels have, allowed: a number a sample: "
                    "y.argmax(axis=1)",
                    source, fmt::join(extents, ", ")));
  }
  if (extents.empty() || extents.size() > 2) {
    throw Error(fmt::format("{}: has the shape ({}), allowed: one label a sample", source,
                            fmt::join(extents, ", ")));
  }
  std::vector<std::int64_t> labels;
  labels.reserve(array.values.size());
  for (const float value : array.values) {
    if (value != std::floor(value) || std::abs(value) > 1e9F) {
      throw Error(fmt::format("{}: sample {} has the label {}, allowed: whole numbers", source,
                              labels.size(), value));
    }
    labels.push_back(static_cast<std::int64_t>(value));
  }
  return labels;
}

RawPart read_part(Arrays& arrays, const std::string& part, const LoadRequest& request) {
  const std::string x = "x_" + part;
  const std::string y = "y_" + part;
  NumpyArray samples = arrays.take(x);
  const Shape shape = shape_of(samples, request.input, arrays.source(x));
  std::vector<std::int64_t> labels = labels_of(arrays.take(y), arrays.source(y));
  if (samples.shape[0] != static_cast<std::int64_t>(labels.size())) {
    throw Error(fmt::format("{}: has {} samples, allowed: {}, as {} has labels", arrays.source(x),
                            samples.shape[0], labels.size(), arrays.source(y)));
  }
  check_labels<std::int64_t>(arrays.source(y), "sample", labels, request.classes);
  RawPart raw{.source = arrays.source(x),
              .shape = shape,
              .values = {},
              .labels = std::move(labels),
              .groups = {}};
  if (samples.is_bytes) {
    raw.values = ByteValues(samples.values.begin(), samples.values.end());
  } else {
    raw.values = std::move(samples.values);
  }
  return raw;
}

}  // namespace

RawSet load_numpy(const LoadRequest& request) {
  Arrays arrays(required_path(request.data, "an .npz file or the folder of .npy files"));
  RawSet set;
  set.train = read_part(arrays, "train", request);
  if (arrays.has("x_validation") || arrays.has("y_validation")) {
    set.validation = read_part(arrays, "validation", request);
  }
  if (arrays.has("x_test") || arrays.has("y_test")) set.test = read_part(arrays, "test", request);
  return set;
}

}  // namespace inas::data
