#pragma once

#include <optional>
#include <string>
#include <vector>

namespace inas::apps {

/// One field of a heat map.
struct HeatCell {
  std::optional<double> value;  ///< positive; nothing: drawn grey, without a number
  bool marked = false;          ///< gets a frame
};

/// A table of numbers that is drawn with a colour for each, on a logarithmic scale.
struct HeatMap {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<std::string> columns;
  std::vector<std::string> rows;
  std::vector<HeatCell> cells;  ///< row by row, rows × columns
  std::string mark_meaning;     ///< what a frame says; empty: no frames
};

/// An SVG document of the map, with a colour scale. Throws InvalidArgument unless there is a cell
/// for each row and column, at least one.
[[nodiscard]] std::string svg(const HeatMap& map);

}  // namespace inas::apps
