// Tables of windows of arbitrary text, with both forms: either inas::Error, or windows that hold
// their values.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <inas/core/error.hpp>

#include "require.hpp"
#include "window_table.hpp"

namespace {

void parse(std::string_view text, const inas::DataSettings& data) {
  try {
    const inas::data::WindowTable table =
        inas::data::parse_window_table(text, "a.csv", data, std::nullopt);
    const std::size_t windows = table.labels.size();
    require(windows > 0, "a table has a window");
    require(table.values.size() == windows * static_cast<std::size_t>(table.shape.values()),
            "each window has its values");
    require(table.groups.size() == (data.group_column.empty() ? 0 : windows),
            "each window has its group");
    for (const float value : table.values) require(std::isfinite(value), "values are finite");
  } catch (const inas::Error&) {
    // one sentence to the user
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  inas::DataSettings settings;
  settings.label_column = "l";
  parse(text, settings);
  settings.group_column = "g";
  settings.window_column = "w";
  parse(text, settings);
  return 0;
}
