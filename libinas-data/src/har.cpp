#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>

#include "byte_file.hpp"
#include "folder.hpp"
#include "loader.hpp"
#include "text_number.hpp"

// Source of the form: README.txt and features_info.txt of "Human Activity Recognition Using
// Smartphones" (Anguita et al. 2013), UCI Machine Learning Repository.
namespace inas::data {
namespace {

namespace fs = std::filesystem;

constexpr std::array kSignals{"body_acc_x",  "body_acc_y",  "body_acc_z",
                              "body_gyro_x", "body_gyro_y", "body_gyro_z",
                              "total_acc_x", "total_acc_y", "total_acc_z"};

fs::path require_file(const fs::path& path) {
  if (is_there(path)) return path;
  throw Error(fmt::format("{}: has no file {}; {}", path.parent_path().string(),
                          path.filename().string(), contents_of(path.parent_path())));
}

/// A file of one whole number a line, from 1.
std::vector<std::int64_t> read_numbers(const fs::path& path) {
  std::vector<std::int64_t> numbers;
  const std::vector<std::string> lines = read_lines(require_file(path));
  for (const std::string& line : lines) {
    const std::string_view text = trimmed(line);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 1) {
      throw Error(fmt::format("{}: line {}: found \"{:.40}\", allowed: a whole number from 1",
                              path.string(), numbers.size() + 1, text));
    }
    numbers.push_back(number);
  }
  return numbers;
}

/// The numbers of a line, apart by blanks.
std::vector<float> numbers_of(std::string_view line, const fs::path& path, std::size_t row) {
  std::vector<float> numbers;
  for (line = trimmed(line); !line.empty(); line = trimmed(line)) {
    const std::string_view word = line.substr(0, line.find_first_of(" \t"));
    const std::optional<float> number = parse_number(word);
    if (!number) {
      throw Error(fmt::format("{}: line {}: found \"{:.40}\", allowed: finite numbers",
                              path.string(), row + 1, word));
    }
    numbers.push_back(*number);
    line.remove_prefix(word.size());
  }
  return numbers;
}

/// Reads one signal of all windows into its channel of `values`, which it makes room in once the
/// length of the windows is known: from the first line of the first signal.
void read_signal(const fs::path& path, std::int64_t channel, RawPart& part) {
  auto& values = std::get<FloatValues>(part.values);
  const std::string text = read_text(require_file(path), kMostByteValues);
  const std::size_t windows = part.labels.size();
  std::size_t row = 0;
  for (std::string_view left = text; !left.empty(); ++row) {
    const std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(line.size() + 1, left.size()));
    if (row == windows) {
      throw Error(fmt::format("{}: has more than {} lines, allowed: so many, as y_*.txt has",
                              path.string(), windows));
    }
    const std::vector<float> numbers = numbers_of(line, path, row);
    const auto length = static_cast<std::int64_t>(numbers.size());
    if (values.empty()) {
      const std::int64_t most =
          kMostFloatValues / static_cast<std::int64_t>(kSignals.size() * windows);
      if (length < 1 || length > most) {
        throw Error(fmt::format("{}: line 1: found a window of {} values, allowed: 1 to {}",
                                path.string(), length, most));
      }
      part.shape.height = length;
      values.resize(windows * static_cast<std::size_t>(part.shape.values()));
    }
    if (length != part.shape.height) {
      throw Error(
          fmt::format("{}: line {}: found a window of {} values, allowed: {}, as the first one has",
                      path.string(), row + 1, length, part.shape.height));
    }
    const std::int64_t at =
        static_cast<std::int64_t>(row) * part.shape.values() + channel * part.shape.height;
    std::copy(numbers.begin(), numbers.end(), values.begin() + at);
  }
  if (row < windows) {
    throw Error(
        fmt::format("{}: has {} lines, allowed: {}, as y_*.txt has", path.string(), row, windows));
  }
}

RawPart read_part(const fs::path& root, const std::string& name, std::int64_t classes) {
  const fs::path folder = root / name;
  const fs::path label_file = folder / fmt::format("y_{}.txt", name);
  RawPart part{.source = folder.string(),
               .shape = {static_cast<std::int64_t>(kSignals.size()), 0, 1},
               .values = FloatValues{},
               .labels = read_numbers(label_file),
               .groups = {}};
  if (part.labels.empty())
    throw Error(fmt::format("{}: is empty, allowed: a whole number from 1 in each line",
                            label_file.string()));
  for (std::int64_t& label : part.labels) --label;
  check_labels<std::int64_t>(label_file.string(), "window", part.labels, classes);
  const fs::path subject_file = folder / fmt::format("subject_{}.txt", name);
  part.groups = read_numbers(subject_file);
  if (part.groups.size() != part.labels.size()) {
    throw Error(fmt::format("{}: has {} lines, allowed: {}, as {} has", subject_file.string(),
                            part.groups.size(), part.labels.size(), label_file.string()));
  }
  for (std::size_t signal = 0; signal < kSignals.size(); ++signal) {
    read_signal(folder / "Inertial Signals" / fmt::format("{}_{}.txt", kSignals[signal], name),
                static_cast<std::int64_t>(signal), part);
  }
  return part;
}

/// Lines as "1 WALKING", in their order.
std::vector<std::string> class_names(const fs::path& path, std::int64_t classes) {
  if (!is_there(path)) return {};
  std::vector<std::string> names;
  for (const std::string& line : read_lines(path)) {
    std::istringstream words(line);
    std::string number;
    std::string name;
    if (words >> number >> name && number == std::to_string(names.size() + 1)) {
      names.push_back(name);
    }
  }
  return names_of_classes(std::move(names), classes);
}

/// Makes the numbers of subjects indices of `set.group_names`.
void name_groups(RawSet& set) {
  std::map<std::int64_t, std::int64_t> indices;
  for (RawPart* part : {&set.train, &*set.test}) {
    for (std::int64_t& subject : part->groups) {
      const auto [at, is_new] =
          indices.try_emplace(subject, static_cast<std::int64_t>(indices.size()));
      if (is_new) set.group_names.push_back(fmt::format("subject {}", subject));
      subject = at->second;
    }
  }
}

}  // namespace

RawSet load_har(const LoadRequest& request) {
  const fs::path where = required_path(request.data, "the folder of UCI HAR");
  check_folder(where);
  fs::path root = where;
  for (const char* below : {"UCI HAR Dataset", "UCI/Data"}) {
    if (!is_there(root / "train") && is_there(where / below)) root = where / below;
  }
  for (const char* part : {"train", "test"}) {
    if (is_there(root / part)) continue;
    throw Error(
        fmt::format("{}: has no folder {} of UCI HAR; {}", root.string(), part, contents_of(root)));
  }
  RawSet set;
  set.train = read_part(root, "train", request.classes);
  set.test = read_part(root, "test", request.classes);
  set.class_names = class_names(root / "activity_labels.txt", request.classes);
  name_groups(set);
  return set;
}

}  // namespace inas::data
