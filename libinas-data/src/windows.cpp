#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>

#include "byte_file.hpp"
#include "folder.hpp"
#include "loader.hpp"
#include "text_number.hpp"
#include "window_table.hpp"

namespace inas::data {
namespace {

namespace fs = std::filesystem;

struct Table {
  std::string source;
  WindowTable content;
};

/// `folder`/`name`, or that with the ending .gz; nothing if there is neither.
std::optional<fs::path> find_table(const fs::path& folder, const std::string& name) {
  for (const char* ending : {"", ".gz"}) {
    const fs::path path = folder / (name + ending);
    if (is_there(path)) return path;
  }
  return std::nullopt;
}

Table read_table(const fs::path& path, const LoadRequest& request) {
  const std::string text = read_text(path, kMostByteValues);
  return {path.string(), parse_window_table(text, path.string(), request.data, request.input)};
}

/// Numbers by their size, other texts as they are sorted.
std::vector<std::string> in_order(const std::set<std::string>& labels) {
  std::vector<std::string> sorted(labels.begin(), labels.end());
  const auto is_number = [](const std::string& text) { return parse_number(text).has_value(); };
  if (std::all_of(sorted.begin(), sorted.end(), is_number)) {
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
      return *parse_number(a) < *parse_number(b);
    });
  }
  return sorted;
}

/// The texts of all tables as numbers, from 0, in their order.
std::map<std::string, std::int64_t> numbered(const std::vector<std::string>& names) {
  std::map<std::string, std::int64_t> numbers;
  for (const std::string& name : names) {
    numbers.emplace(name, static_cast<std::int64_t>(numbers.size()));
  }
  return numbers;
}

std::vector<std::string> class_names(const std::vector<Table>& tables, std::int64_t classes) {
  std::set<std::string> labels;
  for (const Table& table : tables) {
    labels.insert(table.content.labels.begin(), table.content.labels.end());
  }
  std::vector<std::string> names = in_order(labels);
  if (static_cast<std::int64_t>(names.size()) != classes) {
    constexpr std::size_t kShown = 12;
    const std::size_t found = names.size();
    names.resize(std::min(found, kShown));
    throw Error(
        fmt::format("{}: has {} different labels ({}{}), allowed: {}, as space.classes says",
                    tables.front().source, found, fmt::join(names, ", "),
                    found > kShown ? ", …" : "", classes));
  }
  return names;
}

RawPart part_of(Table table, const std::map<std::string, std::int64_t>& classes,
                const std::map<std::string, std::int64_t>& groups) {
  RawPart part{.source = std::move(table.source),
               .shape = table.content.shape,
               .values = std::move(table.content.values),
               .labels = {},
               .groups = {}};
  for (const std::string& label : table.content.labels) part.labels.push_back(classes.at(label));
  for (const std::string& group : table.content.groups) part.groups.push_back(groups.at(group));
  return part;
}

void check_channels(const Table& train, const Table& other) {
  if (other.content.channels == train.content.channels) return;
  throw Error(
      fmt::format("{}: has other columns of values than {}, allowed: the same, in the same order",
                  other.source, train.source));
}

/// The tables of the parts: train, then those that there are of validation and test.
struct Tables {
  std::vector<Table> tables;
  bool has_validation = false;
  bool has_test = false;
};

Tables read_tables(const fs::path& path, const LoadRequest& request) {
  if (!is_there(path)) check_folder(path);  // says so
  Tables found;
  if (!is_folder(path)) {
    found.tables.push_back(read_table(path, request));
    return found;
  }
  const std::optional<fs::path> train = find_table(path, "train.csv");
  if (!train) {
    throw Error(fmt::format("{}: has no file train.csv or train.csv.gz; {}", path.string(),
                            contents_of(path)));
  }
  found.tables.push_back(read_table(*train, request));
  for (auto [name, has] : {std::pair{"validation.csv", &found.has_validation},
                           std::pair{"test.csv", &found.has_test}}) {
    const std::optional<fs::path> other = find_table(path, name);
    *has = other.has_value();
    if (!other) continue;
    found.tables.push_back(read_table(*other, request));
    check_channels(found.tables.front(), found.tables.back());
  }
  return found;
}

}  // namespace

RawSet load_windows(const LoadRequest& request) {
  Tables found =
      read_tables(required_path(request.data, "a CSV file or the folder of train.csv"), request);
  RawSet set;
  const std::vector<std::string> names = class_names(found.tables, request.classes);
  const std::map<std::string, std::int64_t> classes = numbered(names);
  std::set<std::string> groups;
  for (const Table& table : found.tables) {
    groups.insert(table.content.groups.begin(), table.content.groups.end());
  }
  set.group_names.assign(groups.begin(), groups.end());
  const std::map<std::string, std::int64_t> group_numbers = numbered(set.group_names);
  // Labels that are the numbers of the classes need no names.
  const bool are_numbers = [&] {
    for (const auto& [name, number] : classes) {
      if (name != std::to_string(number)) return false;
    }
    return true;
  }();
  if (!are_numbers) set.class_names = names;
  std::vector<RawPart> parts;
  for (Table& table : found.tables) {
    parts.push_back(part_of(std::move(table), classes, group_numbers));
  }
  set.train = std::move(parts.front());
  if (found.has_validation) set.validation = std::move(parts[1]);
  if (found.has_test) set.test = std::move(parts.back());
  return set;
}

}  // namespace inas::data
