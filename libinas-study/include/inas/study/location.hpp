#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <inas/core/settings.hpp>

namespace inas::study {

/// Name of the database of a study inside its results folder.
inline constexpr const char* kStudyFile = "study.sqlite";

/// Where a study is stored: in a file of SQLite, or in a database of PostgreSQL, which may hold
/// many.
struct Location {
  std::filesystem::path file;  ///< SQLite; empty: PostgreSQL
  std::string url;             ///< PostgreSQL: what libpq connects to, without the study's name
  std::string name = "study";  ///< of the study in its database

  [[nodiscard]] bool shared() const { return file.empty(); }
  bool operator==(const Location&) const = default;
};

/// Of a text of the user's: `postgresql://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE[?…][#NAME]`, a
/// study of SQLite, or the folder that holds one. Throws Error for the text of another database, an
/// empty one, and a URL whose name is empty.
[[nodiscard]] Location parse_location(std::string_view text);

/// Where a study with these settings is stored unless its user names a database: the file in the
/// folder of its results.
[[nodiscard]] Location location_in(const Settings& settings);

/// As messages name it: the file, or the URL without its password.
[[nodiscard]] std::string describe(const Location& location);

}  // namespace inas::study
