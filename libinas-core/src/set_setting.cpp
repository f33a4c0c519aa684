#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <system_error>

#include <inas/core/error.hpp>
#include <inas/core/set_setting.hpp>

#include "settings_json.hpp"

namespace inas {
namespace {

nlohmann::json::json_pointer pointer_to(std::string_view key) {
  std::string path = fmt::format("/{}", key);
  std::replace(path.begin(), path.end(), '.', '/');
  return nlohmann::json::json_pointer(path);
}

/// `text` as the value that a file would have where `like` stands; a text where it is no such
/// value.
nlohmann::json value_like(const nlohmann::json& like, const std::string& text) {
  if (like.is_boolean() && (text == "true" || text == "false")) return text == "true";
  if (!like.is_number()) return text;
  const auto parse = [&]<class T>(T value) -> std::optional<T> {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
  };
  if (const auto whole = parse(std::int64_t{})) return *whole;
  if (const auto whole = parse(std::uint64_t{})) return *whole;
  // A file has no word for what is not finite.
  if (const auto number = parse(double{}); number && std::isfinite(*number)) return *number;
  return text;
}

template <class Json>
std::string text_of(const Json& value) {
  if (value.is_string()) return value.template get<std::string>();
  return value.is_number_float() ? fmt::format("{}", value.template get<double>()) : value.dump();
}

void add_changes(const std::string& key, const nlohmann::ordered_json& before,
                 const nlohmann::ordered_json& after, std::vector<SettingChange>& changes) {
  if (before == after) return;
  if (!before.is_object() || !after.is_object()) {
    changes.push_back(
        {key, before.is_null() ? "" : text_of(before), after.is_null() ? "" : text_of(after)});
    return;
  }
  const auto below = [&](const std::string& name) {
    return key.empty() ? name : fmt::format("{}.{}", key, name);
  };
  const nlohmann::ordered_json none;
  for (const auto& [name, value] : before.items()) {
    add_changes(below(name), value, after.contains(name) ? after[name] : none, changes);
  }
  for (const auto& [name, value] : after.items()) {
    if (!before.contains(name)) add_changes(below(name), none, value, changes);
  }
}

}  // namespace

void set_setting(Settings& settings, std::string_view key, const std::string& text) {
  const nlohmann::json::json_pointer pointer = pointer_to(key);
  const nlohmann::json all = settings_document(settings);
  nlohmann::json document;
  document[pointer] = value_like(all.at(pointer), text);
  const std::string source = "option";
  try {
    json::Reader reader(source, document);
    read_settings(reader, settings);
    reader.finish();
  } catch (const InvalidArgument& error) {
    // The path says where; there is no file to name.
    throw InvalidArgument(std::string(error.what()).substr(source.size() + 2));
  }
}

std::string setting_text(const Settings& settings, std::string_view key) {
  const nlohmann::json all = settings_document(settings);
  return text_of(all.at(pointer_to(key)));
}

std::vector<SettingChange> setting_changes(const Settings& before, const Settings& after) {
  std::vector<SettingChange> changes;
  add_changes("", settings_document(before), settings_document(after), changes);
  return changes;
}

}  // namespace inas
