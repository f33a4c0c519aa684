#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/json_reader.hpp>
#include <inas/study/batch.hpp>

namespace inas::study {
namespace {

using nlohmann::json;

/// Values that one study has in place of those of its settings file, and what they add to its name.
struct Choice {
  std::vector<std::pair<std::string, json>> values;  ///< by key, "search.seed"
  std::string name;
  std::string group;  ///< the name without the seed
};

std::string joined(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() ? a + b : fmt::format("{}-{}", a, b);
}

/// A folder's name of a text: what a shell or a file system may take amiss becomes a line.
std::string folder_name(std::string text) {
  for (char& c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '=' || c == '_';
    if (!plain) c = '_';
  }
  return text;
}

void check_count(std::size_t studies, const std::string& where) {
  if (studies <= kMostBatchStudies) return;
  throw InvalidArgument(fmt::format("{}: found {} or more combinations, allowed: up to {} studies",
                                    where, studies, kMostBatchStudies));
}

/// The folder of a study lies in that of the batch, beside the files of the batch.
void check_name(const std::string& name, const std::string& where) {
  constexpr std::size_t kLongest = 255;  // that file systems take
  const bool taken = std::any_of(std::begin(kBatchFiles), std::end(kBatchFiles),
                                 [&](const char* file) { return name == file; });
  if (!name.empty() && name.size() <= kLongest && !name.starts_with('.') && !taken) return;
  throw InvalidArgument(fmt::format(
      "{}: found \"{}\" as the name of a study, allowed: 1 to {} characters, no dot in front, and "
      "none of the batch's files {}",
      where, name, kLongest, fmt::join(kBatchFiles, ", ")));
}

std::vector<Choice> combined(const std::vector<Choice>& first, const std::vector<Choice>& second,
                             const std::string& where) {
  // No overflow: neither has more than are allowed.
  check_count(first.size() * second.size(), where);
  std::vector<Choice> all;
  for (const Choice& a : first) {
    for (const Choice& b : second) {
      Choice both = a;
      both.values.insert(both.values.end(), b.values.begin(), b.values.end());
      both.name = joined(a.name, b.name);
      both.group = joined(a.group, b.group);
      all.push_back(std::move(both));
    }
  }
  return all;
}

const json& object_at(const json& document, const std::string& key, const std::string& where) {
  static const json none = json::object();
  if (!document.contains(key)) return none;
  if (!document.at(key).is_object()) {
    throw InvalidArgument(fmt::format("{}: {}: found {}, allowed: an object", where, key,
                                      inas::json::shown(document.at(key))));
  }
  return document.at(key);
}

/// The combinations of what `vary` lists.
std::vector<Choice> varied(const json& document, const std::string& where) {
  std::vector<Choice> all{{}};
  for (const auto& [key, values] : object_at(document, "vary", where).items()) {
    if (!values.is_array() || values.empty()) {
      throw InvalidArgument(fmt::format("{}: vary.{}: found {}, allowed: a list of values", where,
                                        key, inas::json::shown(values)));
    }
    check_count(values.size(), where);
    std::vector<Choice> choices;
    for (const json& value : values) {
      const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
      Choice choice;
      choice.values = {{key, value}};
      choice.name = fmt::format("{}={}", key.substr(key.rfind('.') + 1), text);
      if (key != "search.seed") choice.group = choice.name;
      choices.push_back(std::move(choice));
    }
    all = combined(all, choices, where);
  }
  return all;
}

std::vector<Choice> cases_of(const json& entry, const std::string& where) {
  if (!entry.contains("cases")) return {{}};
  const json& cases = entry.at("cases");
  if (!cases.is_array() || cases.empty()) {
    throw InvalidArgument(fmt::format("{}: cases: found {}, allowed: a list of objects", where,
                                      inas::json::shown(cases)));
  }
  check_count(cases.size(), where);
  std::vector<Choice> all;
  for (const json& one : cases) {
    if (!one.is_object() || !one.contains("name") || !one.at("name").is_string()) {
      throw InvalidArgument(
          fmt::format("{}: cases: found {}, allowed: objects with a \"name\" and values by key",
                      where, inas::json::shown(one)));
    }
    Choice choice;
    choice.name = choice.group = one.at("name").get<std::string>();
    for (const auto& [key, value] : one.items()) {
      if (key != "name") choice.values.emplace_back(key, value);
    }
    all.push_back(std::move(choice));
  }
  return all;
}

/// `base` with the values of `choice`.
Settings with(const Settings& base, const Choice& choice, const std::string& where) {
  json document = json::parse(to_json(base));
  for (const auto& [key, value] : choice.values) {
    if (key == "out" || key == "suffix") {
      throw InvalidArgument(fmt::format(
          "{}: found {}, allowed: any other setting, because the studies of a batch have folders "
          "of their names",
          where, key));
    }
    std::string path = "/" + key;
    std::replace(path.begin(), path.end(), '.', '/');
    const json::json_pointer pointer(path);
    if (!document.contains(pointer)) {
      throw InvalidArgument(fmt::format("{}: \"{}\": no such setting", where, key));
    }
    document[pointer] = value;
  }
  return parse_settings(document.dump(), where);
}

/// Paths of a batch file are relative to it, those of what it names to the working directory.
void resolve(std::string& path, const std::filesystem::path& base) {
  if (!path.empty()) path = (base / path).lexically_normal().string();
}

void check_keys(const json& document, std::initializer_list<const char*> allowed,
                const std::string& where) {
  for (const auto& [key, value] : document.items()) {
    const bool known =
        std::any_of(allowed.begin(), allowed.end(), [&](const char* name) { return key == name; });
    if (!known) {
      throw InvalidArgument(fmt::format("{}: unknown key {}, allowed: {}", where,
                                        inas::json::shown_key(key), fmt::join(allowed, ", ")));
    }
  }
}

void add_entry(const json& entry, const std::vector<Choice>& common,
               const std::filesystem::path& base, const std::filesystem::path& folder,
               const std::string& where, std::vector<BatchStudy>& studies) {
  if (!entry.is_object() || !entry.contains("name") || !entry.at("name").is_string() ||
      !entry.contains("settings") || !entry.at("settings").is_string()) {
    throw InvalidArgument(
        fmt::format("{}: found {}, allowed: an object with the texts \"name\" and \"settings\"",
                    where, inas::json::shown(entry)));
  }
  check_keys(entry, {"name", "settings", "set", "cases", "vary"}, where);
  Settings settings = load_settings(base / entry.at("settings").get<std::string>());
  Choice set;
  for (const auto& [key, value] : object_at(entry, "set", where).items()) {
    set.values.emplace_back(key, value);
  }
  settings = with(settings, set, where + ".set");
  if (object_at(entry, "set", where).contains("data.path")) resolve(settings.data.path, base);
  const std::string name = entry.at("name").get<std::string>();
  const std::vector<Choice> choices =
      combined(combined(cases_of(entry, where), varied(entry, where), where), common, where);
  check_count(studies.size() + choices.size(), where);
  for (const Choice& choice : choices) {
    BatchStudy study;
    study.name = folder_name(joined(name, choice.name));
    check_name(study.name, where);
    study.group = joined(name, choice.group);
    // It is a cell of tables, in a terminal too.
    for (char& c : study.group) {
      if (static_cast<unsigned char>(c) < ' ') c = '_';
    }
    study.settings = with(settings, choice, where);
    study.settings.out = (folder / study.name).string();
    study.settings.suffix.clear();
    studies.push_back(std::move(study));
  }
}

}  // namespace

std::vector<BatchStudy> read_batch(const std::filesystem::path& file,
                                   const std::filesystem::path& folder) {
  const std::string where = file.string();
  const json document = inas::json::parse(read_file(file, kMostTextBytes), where);
  if (!document.is_object() || !document.contains("studies") ||
      !document.at("studies").is_array() || document.at("studies").empty()) {
    throw InvalidArgument(
        fmt::format("{}: found no list \"studies\", allowed: an object with one", where));
  }
  check_keys(document, {"comment", "studies", "vary"}, where);
  const std::vector<Choice> common = varied(document, where);
  std::vector<BatchStudy> studies;
  std::size_t number = 0;
  for (const json& entry : document.at("studies")) {
    add_entry(entry, common, file.parent_path(), folder,
              fmt::format("{}: studies[{}]", where, number++), studies);
  }
  std::set<std::string> names;
  for (const BatchStudy& study : studies) {
    if (!names.insert(study.name).second) {
      throw InvalidArgument(fmt::format(
          "{}: two studies have the name {}; names of entries and cases tell them apart", where,
          study.name));
    }
  }
  return studies;
}

}  // namespace inas::study
