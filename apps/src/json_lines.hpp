#pragma once

#include <algorithm>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>
#include <inas/core/json_reader.hpp>

namespace inas::apps {

/// Calls `body(record, source)` for each line of `path` that is not empty; `source` names file and
/// line. Throws Error, naming them, for a line that is not JSON or lacks what `body` asks for.
template <class Body>
void for_each_json_line(const std::filesystem::path& path, Body&& body) {
  const std::string text = read_file(path);
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    ++line;
    if (end > begin) {
      const std::string source = fmt::format("{}: line {}", path.string(), line);
      try {
        body(nlohmann::json::parse(text.substr(begin, end - begin)), source);
      } catch (const nlohmann::json::exception& error) {
        throw Error(fmt::format("{}: {}", source, json::reason_of(error)));
      }
    }
    begin = end + 1;
  }
}

}  // namespace inas::apps
