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
  const nlohmann::json& value = all.at(pointer_to(key));
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_float() ? fmt::format("{}", value.get<double>()) : value.dump();
}

}  // namespace inas
