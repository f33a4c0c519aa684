#pragma once

// Texts as programs print them and documents hold them. Internal to the libraries' and programs'
// sources.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace inas {

/// "12 s", "4:05", "1:23:45", to the nearest second; "–" of what is no duration.
inline std::string duration_text(double seconds) {
  // Beyond, the number would not fit.
  if (!std::isfinite(seconds) || seconds > 1e15) return "–";
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(0.0, seconds)));
  if (whole >= 3600) {
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  }
  if (whole >= 60) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

/// "1 node", "2 nodes".
inline std::string counted(std::int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// `text` as the content of an element of HTML or SVG, or of an attribute in quotes of either kind.
/// Control characters but tab and newline, which neither can hold, become U+FFFD.
inline std::string escaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        if ((code < ' ' && c != '\t' && c != '\n') || code == 0x7F) {
          result += "\xEF\xBF\xBD";
        } else {
          result += c;
        }
    }
  }
  return result;
}

/// Does a character of UTF-8 begin with this byte?
inline bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// The characters of a text in UTF-8: the columns that it takes in a terminal, but for scripts that
/// take two for one.
inline std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

/// The first `most` characters of a text in UTF-8, or all of them.
inline std::string_view first_characters(std::string_view text, std::size_t most) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (begins_character(text[at]) && characters++ == most) return text.substr(0, at);
  }
  return text;
}

/// What a message of one line shows of a text of somebody's file: its first `most` characters,
/// control characters as "?", and "…" where there are more.
inline std::string shown_text(std::string_view text, std::size_t most) {
  const std::string_view first = first_characters(text, most);
  std::string result(first);
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7F') c = '?';
  }
  return first.size() < text.size() ? result + "…" : result;
}

/// What another library says of a failure, as the end of a sentence of ours: on one line, without a
/// full stop.
inline std::string reason_text(std::string_view says) {
  std::string reason(says);
  std::replace(reason.begin(), reason.end(), '\n', ' ');
  while (reason.ends_with(' ') || reason.ends_with('.')) reason.pop_back();
  return reason;
}

/// The parts of "a,b,c", empty ones included: one more than there are commas.
inline std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace inas
