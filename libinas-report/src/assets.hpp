#pragma once

#include <string_view>

/// The files of src/assets and the charting library as texts; embed.cmake writes their source.
namespace inas::report {

[[nodiscard]] std::string_view chart_licence_txt();
[[nodiscard]] std::string_view page_css();
[[nodiscard]] std::string_view chart_min_js();
[[nodiscard]] std::string_view page_js();
/// What a Content-Security-Policy calls a script that is allowed: "sha256-…".
[[nodiscard]] std::string_view chart_min_js_hash();
[[nodiscard]] std::string_view page_js_hash();

}  // namespace inas::report
