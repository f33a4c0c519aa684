#include "folder.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>

namespace inas::data {
namespace fs = std::filesystem;
namespace {

fs::file_type type_of(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::none) {
    throw Error(fmt::format("{}: cannot be read: {}", path.string(), error.message()));
  }
  return type;
}

}  // namespace

bool is_there(const fs::path& path) { return type_of(path) != fs::file_type::not_found; }

bool is_folder(const fs::path& path) { return type_of(path) == fs::file_type::directory; }

void check_folder(const fs::path& folder, std::string_view hint) {
  if (!is_there(folder)) {
    throw Error(fmt::format("{}: cannot be read: {}{}{}", folder.string(), std::strerror(ENOENT),
                            hint.empty() ? "" : "; ", hint));
  }
  if (!is_folder(folder)) throw Error(fmt::format("{}: is not a folder", folder.string()));
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  if (error) {
    throw Error(fmt::format("{}: cannot be read: {}", folder.string(), error.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string contents_of(const fs::path& folder) {
  constexpr std::size_t kShown = 8;
  std::vector<std::string> names = names_in(folder);
  if (names.empty()) return "it is empty";
  const std::string more =
      names.size() > kShown ? fmt::format(" and {} more", names.size() - kShown) : std::string();
  names.resize(std::min(names.size(), kShown));
  return fmt::format("it holds {}{}", fmt::join(names, ", "), more);
}

bool has_ending(std::string_view name, std::initializer_list<const char*> endings) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(endings.begin(), endings.end(),
                     [&](const char* ending) { return lower.ends_with(ending); });
}

}  // namespace inas::data
