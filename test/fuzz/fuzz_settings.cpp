// Settings from arbitrary text: either inas::Error, or valid settings that survive their own JSON
// form.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <inas/core/error.hpp>
#include <inas/core/settings.hpp>

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  inas::Settings settings;
  try {
    settings = inas::parse_settings(text, "fuzz");
  } catch (const inas::Error&) {
    return 0;
  }
  inas::validate(settings);
  require(inas::parse_settings(inas::to_json(settings), "again") == settings,
          "parse_settings(to_json(s)) == s");
  return 0;
}
