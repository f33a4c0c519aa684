#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inas::report {

/// JSON text as the content of a script element: what could end the element is written as \u….
[[nodiscard]] std::string inside_script(std::string_view json);

/// A table that scrolls by itself if the page is narrower. Cells are HTML; `numbers` says of each
/// column whether it holds numbers, set to the right. The caption, HTML as well, is for those who
/// do not see what stands around it.
struct HtmlTable {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<bool> numbers;
  std::vector<std::vector<std::string>> rows;
};
[[nodiscard]] std::string html(const HtmlTable& table);

/// A figure that the page's script draws into the canvas `id`. `title` and `description`, plain
/// texts, are seen; `label`, plain, says to those who do not see it what it shows; `data`, HTML,
/// is unfolded below it.
struct Figure {
  std::string id;
  std::string title;
  std::string description;
  std::string label;
  std::string data;
  bool low = false;  ///< needs less height than others
};
[[nodiscard]] std::string html(const Figure& figure);

/// A section with a heading, to which the page's list of contents leads by `id`.
struct Section {
  std::string id;
  std::string title;
  std::string content;  ///< HTML; empty: there is no such section
};

}  // namespace inas::report
