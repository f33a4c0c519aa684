#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <inas/core/layer.hpp>
#include <inas/core/settings.hpp>

namespace inas::data {

/// The windows of one table.
struct WindowTable {
  Shape shape;                        ///< of a window
  std::vector<std::string> channels;  ///< names of the columns that the values are from
  std::vector<float> values;          ///< window after window, channel after channel
  std::vector<std::string> labels;    ///< as they stand in the table
  std::vector<std::string> groups;    ///< likewise; empty: no column of groups
};

/// Reads a table with a line of names first. With data.window_column each line is a time step, the
/// lines of a window follow each other, and a window is channels × steps × 1; else each line is a
/// window: of `input`, channel after channel, if it has as many values, or 1 × values × 1. Columns
/// that are neither the label nor the group nor the window are channels, or those of
/// data.channel_columns, in their order.
///
/// All windows must have as many steps as the first, or as `input` if that is given and of a
/// signal. Throws Error, naming `source`, the line or window, what was found and what is allowed.
[[nodiscard]] WindowTable parse_window_table(std::string_view text, const std::string& source,
                                             const DataSettings& data,
                                             const std::optional<Shape>& input);

}  // namespace inas::data
