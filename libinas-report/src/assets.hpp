#pragma once

#include <span>
#include <string_view>

/// The files of src/assets and the charting library as texts; embed.cmake writes their source.
namespace inas::report {

[[nodiscard]] std::string_view chart_licence_txt();
[[nodiscard]] std::string_view page_css();

struct Script {
  std::string_view text;
  std::string_view hash;  ///< what a Content-Security-Policy calls it: "sha256-…"
};
/// In the order in which they run; the first is the charting library.
[[nodiscard]] std::span<const Script> scripts();

}  // namespace inas::report
