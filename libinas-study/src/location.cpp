#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/study/location.hpp>

namespace inas::study {
namespace {

/// Takes the values of password=… and sslpassword=… out of a URL.
void hide_passwords(std::string& url) {
  constexpr std::string_view kKey = "password=";
  for (std::size_t at = url.find(kKey, url.find('?')); at < url.size(); at = url.find(kKey, at)) {
    at += kKey.size();
    url.replace(at, std::min(url.find('&', at), url.size()) - at, "…");
  }
}

}  // namespace

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
    const std::size_t host = text.find('@');
    if (hash < host && host < text.find('/', scheme + 3)) {
      throw Error("study: found a URL with # before the host, allowed: %23 in user and password");
    }
    location.url = text.substr(0, hash);
    if (hash != std::string_view::npos) {
      location.name = text.substr(hash + 1);
      if (location.name.empty()) {
        throw Error(fmt::format(
            "study: found \"{}\" without a name behind the #, allowed: with one, or without the #",
            text));
      }
    }
    return location;
  }
  location.file = text;
  std::error_code ignored;
  if (std::filesystem::is_directory(location.file, ignored)) location.file /= kStudyFile;
  return location;
}

Location location_in(const Settings& settings) {
  return {.file = std::filesystem::path(settings.out + settings.suffix) / kStudyFile,
          .url = "",
          .name = Location().name};
}

std::string describe(const Location& location) {
  if (!location.shared()) return location.file.string();
  std::string text = location.url;
  const std::size_t host = text.find('@');
  const std::size_t user = text.find("://") + 3;
  const std::size_t colon = text.find(':', user);
  if (host != std::string::npos && colon < host) text.erase(colon, host - colon);
  hide_passwords(text);
  return fmt::format("{}#{}", text, location.name);
}

}  // namespace inas::study
