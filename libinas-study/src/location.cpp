#include <system_error>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/study/location.hpp>

namespace inas::study {

Location parse_location(std::string_view text) {
  constexpr std::string_view kAllowed =
      "allowed: a folder of results, a file, or postgresql://[USER@]HOST/DATABASE[#NAME]";
  if (text.empty()) throw Error(fmt::format("study: found nothing, {}", kAllowed));
  const std::size_t scheme = text.find("://");
  Location location;
  if (scheme != std::string_view::npos) {
    const std::string_view kind = text.substr(0, scheme);
    if (kind != "postgresql" && kind != "postgres") {
      throw Error(fmt::format("study: found \"{}\", {}", text, kAllowed));
    }
    const std::size_t hash = text.find('#');
    location.url = text.substr(0, hash);
    if (hash != std::string_view::npos) {
      location.name = text.substr(hash + 1);
      if (location.name.empty()) {
        throw Error(fmt::format("study: \"{}\" has no name behind the #", text));
      }
    }
    return location;
  }
  location.file = text;
  std::error_code ignored;
  if (std::filesystem::is_directory(location.file, ignored)) location.file /= kStudyFile;
  return location;
}

std::string describe(const Location& location) {
  if (!location.shared()) return location.file.string();
  std::string text = location.url;
  const std::size_t host = text.find('@');
  const std::size_t user = text.find("://") + 3;
  const std::size_t colon = text.find(':', user);
  if (host != std::string::npos && colon < host) text.erase(colon, host - colon);
  return fmt::format("{}#{}", text, location.name);
}

}  // namespace inas::study
