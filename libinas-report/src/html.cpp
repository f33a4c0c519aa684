#include "html.hpp"

#include <cstddef>
#include <iterator>

#include <fmt/format.h>

#include <inas/core/text.hpp>

namespace inas::report {

std::string inside_script(std::string_view json) {
  std::string result;
  result.reserve(json.size());
  for (const char c : json) {
    if (c == '<' || c == '>' || c == '&') {
      fmt::format_to(std::back_inserter(result), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      result += c;
    }
  }
  return result;
}

std::string html(const HtmlTable& table) {
  std::string result;
  auto out = std::back_inserter(result);
  const auto cell_class = [&](std::size_t column) {
    return column < table.numbers.size() && table.numbers[column] ? " class=\"n\"" : "";
  };
  fmt::format_to(out,
                 "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\">"
                 "<table><caption class=\"unseen\">{0}</caption>\n<thead><tr>",
                 table.caption);
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    fmt::format_to(out, "<th scope=\"col\"{}>{}</th>", cell_class(column), table.columns[column]);
  }
  result += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    result += "<tr>";
    for (std::size_t column = 0; column < row.size(); ++column) {
      fmt::format_to(out, "<td{}>{}</td>", cell_class(column), row[column]);
    }
    result += "</tr>\n";
  }
  result += "</tbody></table></div>\n";
  return result;
}

std::string html(const Figure& figure) {
  std::string result;
  auto out = std::back_inserter(result);
  fmt::format_to(
      out,
      "<figure id=\"figure-{0}\"><figcaption><h3>{1}</h3><p>{2}</p></figcaption>\n"
      "<div class=\"plot{4}\"><canvas id=\"{0}\" role=\"img\" aria-label=\"{3}\"></canvas>"
      "</div>\n",
      figure.id, escaped(figure.title), escaped(figure.description), escaped(figure.label),
      figure.low ? " low" : "");
  if (!figure.data.empty()) {
    fmt::format_to(out, "<details><summary>The same as a table</summary>\n{}</details>\n",
                   figure.data);
  }
  result += "</figure>\n";
  return result;
}

}  // namespace inas::report
