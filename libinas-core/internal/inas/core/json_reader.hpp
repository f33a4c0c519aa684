#pragma once

// A strict reader of JSON objects: every key is known, every value has its type, and an error says
// where (source and key path), what was found and what is allowed. Internal to the libraries'
// sources.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <inas/core/error.hpp>
#include <inas/core/nearest.hpp>

namespace inas::json {

/// At most about `longest` bytes of a UTF-8 text, whole characters only.
inline std::string shortened(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return std::string(text);
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0U) == 0x80U) --longest;
  return std::string(text.substr(0, longest)) + "…";
}

/// A value as it stands in a document, on one line, shortened.
inline std::string shown(const nlohmann::json& value) {
  return shortened(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), 60);
}

/// A key for an error: as it is, or in quotes, escaped and shortened where it is no plain word.
inline std::string shown_key(const std::string& key) {
  constexpr std::size_t kLongest = 40;
  const bool plain = !key.empty() && key.size() <= kLongest &&
                     std::all_of(key.begin(), key.end(), [](char character) {
                       return character > ' ' && character <= '~' && character != '"';
                     });
  return plain ? key : shown(key);
}

/// The JSON library's reasons quote the text: without control characters, shortened.
inline std::string one_line(std::string_view reason) {
  std::string text = shortened(reason, 200);
  for (char& character : text) {
    if (static_cast<unsigned char>(character) < ' ') character = ' ';
  }
  return text;
}

/// What the JSON library says, without its own names: "[json.exception.out_of_range.406] number …".
inline std::string reason_of(const nlohmann::json::exception& error) {
  std::string_view reason = error.what();
  if (const std::size_t at = reason.find("] "); at != std::string_view::npos) {
    reason.remove_prefix(at + 2);
  }
  return one_line(reason);
}

/// Whether what stands at `text[at]` starts a comment of C or of a shell.
inline bool starts_comment(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(std::min(at, text.size()));
  return rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with("#");
}

/// Parses `text`. Throws Error if it is not JSON, an object has a key twice, or it nests deeper
/// than 64. nlohmann's parser and destructor keep their own stack, so depth cannot exhaust ours.
inline nlohmann::json parse(std::string_view text, const std::string& source) {
  constexpr int kMaxDepth = 64;
  std::vector<std::set<std::string>> keys;
  const auto check = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    using Event = nlohmann::json::parse_event_t;
    // The start of a list or object is reported with the depth around it.
    const bool opens = event == Event::object_start || event == Event::array_start;
    if (opens && depth >= kMaxDepth) {
      throw Error(fmt::format("{}: nested deeper than {} levels", source, kMaxDepth));
    }
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(value.get<std::string>()).second) {
      throw Error(fmt::format("{}: key {} stands twice in one object", source, shown(value)));
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), check);
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t end = std::min(error.byte, text.size());
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    const std::size_t newline = end == 0 ? std::string_view::npos : text.rfind('\n', end - 1);
    const std::size_t column = newline == std::string_view::npos ? end : end - newline - 1;
    // The library stops at the first character that it cannot use.
    if (end > 0 && starts_comment(text, end - 1)) {
      throw Error(fmt::format(
          "{}: line {}, column {}: not valid JSON: comments are not allowed; where a text is to "
          "stand beside the values, give it as the value of a key \"comment\" at the top",
          source, line, column));
    }
    // The library's sentence carries its own prefix and position; what follows them is the reason.
    std::string_view reason = error.what();
    if (const std::size_t at = reason.find(": "); at != std::string_view::npos) {
      reason.remove_prefix(at + 2);
    }
    throw Error(fmt::format("{}: line {}, column {}: not valid JSON: {}", source, line, column,
                            one_line(reason)));
  } catch (const nlohmann::json::exception& error) {
    throw Error(fmt::format("{}: not valid JSON: {}", source, reason_of(error)));
  }
}

/// One object of a JSON document. Reads ask for a key and its type; `finish` refuses what nobody
/// asked for.
class Reader {
 public:
  /// Throws InvalidArgument if `value` is not an object. `value` must outlive the reader.
  Reader(std::string source, const nlohmann::json& value, std::string path = {})
      : source_(std::move(source)), path_(std::move(path)), object_(value) {
    if (!object_.is_object()) {
      throw InvalidArgument(fmt::format("{}: {}found {}, allowed: an object", source_,
                                        path_.empty() ? "" : path_ + ": ", shown(object_)));
    }
  }

  [[nodiscard]] bool has(const char* key) const {
    asked_.emplace_back(key);
    return object_.contains(key);
  }

  [[nodiscard]] bool is_text(const char* key) const {
    return has(key) && object_.at(key).is_string();
  }
  [[nodiscard]] bool is_object(const char* key) const {
    return has(key) && object_.at(key).is_object();
  }
  [[nodiscard]] bool is_null(const char* key) const {
    return has(key) && object_.at(key).is_null();
  }
  /// Accepts `key` with any value.
  void skip(const char* key) { known_.push_back(key); }

  /// Reads `key` into `out` if it is there. T: bool, integer, double, string, vector of one of
  /// these.
  template <class T>
  void read(const char* key, T& out) {
    known_.push_back(key);
    const auto found = object_.find(key);
    if (found != object_.end()) convert(key, *found, out);
  }

  /// The same for a key that must be there.
  template <class T>
  void require(const char* key, T& out) {
    require_key(key);
    read(key, out);
  }

  /// Reads one of a list of names.
  template <class T>
  void read_name(const char* key, T& out,
                 const std::vector<std::pair<std::string_view, T>>& names) {
    std::string text;
    const bool present = has(key);
    read(key, text);
    if (!present) return;
    for (const auto& [name, value] : names) {
      if (name == text) {
        out = value;
        return;
      }
    }
    std::vector<std::string_view> allowed;
    for (const auto& [name, value] : names) allowed.push_back(name);
    fail(key, shown(text), fmt::format("{}", fmt::join(allowed, ", ")));
  }

  /// The same for a key that must be there.
  template <class T>
  void require_name(const char* key, T& out,
                    const std::vector<std::pair<std::string_view, T>>& names) {
    require_key(key);
    read_name(key, out, names);
  }

  /// Reads a nested object with `body(Reader&)`, which need not call finish. Does nothing if it is
  /// absent.
  template <class Body>
  void read_object(const char* key, Body&& body) {
    known_.push_back(key);
    const auto found = object_.find(key);
    if (found == object_.end()) return;
    Reader nested(source_, *found, path_of(key));
    body(nested);
    nested.finish();
  }

  /// The same for an object that must be there.
  template <class Body>
  void require_object(const char* key, Body&& body) {
    require_key(key);
    read_object(key, std::forward<Body>(body));
  }

  /// Reads a list of objects, calling `body(Reader&)` for each. The key must be there.
  template <class Body>
  void require_objects(const char* key, Body&& body) {
    require_key(key);
    known_.push_back(key);
    const nlohmann::json& list = object_.at(key);
    if (!list.is_array()) fail(key, shown(list), "a list of objects");
    for (std::size_t index = 0; index < list.size(); ++index) {
      Reader nested(source_, list[index], fmt::format("{}[{}]", path_of(key), index));
      body(nested);
      nested.finish();
    }
  }

  /// Throws InvalidArgument for the first key that was not asked for, suggesting the nearest known
  /// one.
  void finish() const {
    for (const auto& [key, value] : object_.items()) {
      if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
      const std::string meant = nearest(key, suggestions(key));
      throw InvalidArgument(
          fmt::format("{}: {}: unknown key{}", source_, path_of(shown_key(key)),
                      meant.empty() ? std::string() : "; did you mean " + meant + "?"));
    }
  }

  /// Throws InvalidArgument about the value of `key`.
  [[noreturn]] void fail(std::string_view key, std::string_view found,
                         std::string_view allowed) const {
    throw InvalidArgument(
        fmt::format("{}: {}: found {}, allowed: {}", source_, path_of(key), found, allowed));
  }

 private:
  /// All keys that were asked for but `unknown`, which may be one that does not go with the others.
  [[nodiscard]] std::vector<std::string> suggestions(std::string_view unknown) const {
    std::vector<std::string> keys = known_;
    keys.insert(keys.end(), asked_.begin(), asked_.end());
    std::erase(keys, unknown);
    return keys;
  }

  [[nodiscard]] std::string path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
  }

  void require_key(const char* key) const {
    if (!has(key)) {
      throw InvalidArgument(fmt::format("{}: {}: missing", source_, path_of(key)));
    }
  }

  void convert(const char* key, const nlohmann::json& value, bool& out) const {
    if (!value.is_boolean()) fail(key, shown(value), "true or false");
    out = value.get<bool>();
  }

  void convert(const char* key, const nlohmann::json& value, std::string& out) const {
    if (!value.is_string()) fail(key, shown(value), "a text in quotes");
    out = value.get<std::string>();
    // The system ends a name there, so that it would be another one.
    if (out.find('\0') != std::string::npos) fail(key, shown(value), "a text without \\u0000");
  }

  void convert(const char* key, const nlohmann::json& value, double& out) const {
    if (!value.is_number() || !std::isfinite(value.get<double>())) {
      fail(key, shown(value), "a number");
    }
    out = value.get<double>();
  }

  template <class T>
  requires std::is_integral_v<T>
  void convert(const char* key, const nlohmann::json& value, T& out) const {
    constexpr double kExact = 9007199254740992.0;  // 2⁵³: a whole float up to here is one integer
    if (value.is_number_unsigned() && std::in_range<T>(value.get<std::uint64_t>())) {
      out = static_cast<T>(value.get<std::uint64_t>());
    } else if (value.is_number_integer() && !value.is_number_unsigned() &&
               std::in_range<T>(value.get<std::int64_t>())) {
      out = static_cast<T>(value.get<std::int64_t>());
    } else if (value.is_number_float() && std::fabs(value.get<double>()) <= kExact &&
               std::trunc(value.get<double>()) == value.get<double>() &&
               std::in_range<T>(static_cast<std::int64_t>(value.get<double>()))) {
      out = static_cast<T>(value.get<double>());
    } else {
      fail(key, shown(value), std::is_signed_v<T> ? "a whole number" : "a whole number from 0");
    }
  }

  template <class T>
  void convert(const char* key, const nlohmann::json& value, std::vector<T>& out) const {
    if (!value.is_array()) fail(key, shown(value), "a list");
    out.clear();
    for (std::size_t index = 0; index < value.size(); ++index) {
      T element{};
      convert(fmt::format("{}[{}]", key, index).c_str(), value[index], element);
      out.push_back(std::move(element));
    }
  }

  std::string source_;
  std::string path_;
  const nlohmann::json& object_;
  std::vector<std::string> known_;
  mutable std::vector<std::string> asked_;  ///< whether they are there: only to be suggested
};

}  // namespace inas::json
