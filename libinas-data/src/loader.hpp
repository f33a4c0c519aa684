#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <inas/core/layer.hpp>
#include <inas/core/settings.hpp>

// How a format plugs in: one source file with a function that reads a folder into a RawSet, and a
// line in loaders.cpp. Everything behind it (the checks, the splits, the standardisation, the
// manifest) is the same for all formats.
namespace inas::data {

/// What values of samples a part may have together: of bytes, and of floats.
inline constexpr std::int64_t kMostByteValues = std::int64_t{1} << 30;
inline constexpr std::int64_t kMostFloatValues = std::int64_t{1} << 29;

using ByteValues = std::vector<std::uint8_t>;  ///< pixels: b stands for b/255
using FloatValues = std::vector<float>;        ///< as they are

/// Samples as the files have them, one after the other, channels × height × width each.
struct RawPart {
  std::string source;  ///< the file or folder, for messages
  Shape shape;
  std::variant<ByteValues, FloatValues> values;
  std::vector<std::int64_t> labels;  ///< from 0
  /// Of each sample, an index of RawSet::group_names: samples of one group, as the windows of one
  /// person, stay together in every split. Empty: no groups.
  std::vector<std::int64_t> groups;
};

struct RawSet {
  RawPart train;
  std::optional<RawPart> validation;     ///< none: split off the training part
  std::optional<RawPart> test;           ///< none: split off the training part, before validation
  std::vector<std::string> class_names;  ///< in the order of the labels; empty: the set has none
  std::vector<std::string> group_names;
};

/// What is to be loaded.
struct LoadRequest {
  DataSettings data;
  std::int64_t classes = 0;
  /// That the networks take, if it is known. Formats whose files do not say the shape, or that can
  /// be brought to one, go by it; whether it is met is checked later.
  std::optional<Shape> input;
};

/// A format. `load` throws Error, naming the file, for whatever is wrong in the files, and
/// InvalidArgument for the settings.
struct Loader {
  std::string_view name;  ///< data.name
  RawSet (*load)(const LoadRequest& request);
};

/// All of them, in the order in which they are listed to users.
[[nodiscard]] std::span<const Loader> loaders();

/// data.path. Throws Error if it is empty; `what` says what it must name: "the folder of …".
[[nodiscard]] std::filesystem::path required_path(const DataSettings& data, std::string_view what);

/// Throws Error, naming `file` and the first sample whose label is not from 0 to `classes` − 1;
/// `sample` is what one is called: "image".
template <class Label>
void check_labels(const std::string& file, std::string_view sample, std::span<const Label> labels,
                  std::int64_t classes);

/// `names`, if they are as many as the classes: files of names may be of another set.
[[nodiscard]] std::vector<std::string> names_of_classes(std::vector<std::string> names,
                                                        std::int64_t classes);

RawSet load_fashion_mnist(const LoadRequest& request);
RawSet load_idx(const LoadRequest& request);
RawSet load_cifar10(const LoadRequest& request);
RawSet load_numpy(const LoadRequest& request);
RawSet load_images(const LoadRequest& request);
RawSet load_windows(const LoadRequest& request);
RawSet load_har(const LoadRequest& request);
RawSet load_speech_commands(const LoadRequest& request);
RawSet load_sounds(const LoadRequest& request);

}  // namespace inas::data
