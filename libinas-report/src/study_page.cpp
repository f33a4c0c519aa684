#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/text.hpp>
#include <inas/report/study_page.hpp>

#include "assets.hpp"
#include "html.hpp"
#include "page_data.hpp"
#include "sections.hpp"

namespace inas::report {
namespace {

/// Nothing is loaded from anywhere, and of scripts only those run whose text has these hashes: what
/// a text of a study holds cannot run even if it were taken for a script.
std::string security_policy() {
  std::string policy = "default-src 'none'; script-src";
  for (const Script& script : scripts()) policy += fmt::format(" '{}'", script.hash);
  return policy + "; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
}

std::string head(const StudyPage& page) {
  return fmt::format(
      "<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<title>{}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n{}</style>\n</head>\n",
      security_policy(), escaped(page.title), page_css());
}

std::string table_html(const PageTable& of) {
  HtmlTable table{.caption = escaped(of.title), .columns = {}, .numbers = {}, .rows = {}};
  for (const std::string& column : of.columns) table.columns.push_back(escaped(column));
  for (const std::vector<std::string>& row : of.rows) {
    if (row.size() != of.columns.size()) {
      throw InvalidArgument(fmt::format("table \"{}\": found a row of {} cells, allowed: {}",
                                        of.title, row.size(), of.columns.size()));
    }
    table.rows.emplace_back();
    for (const std::string& cell : row) table.rows.back().push_back(escaped(cell));
  }
  return (of.text.empty() ? "" : fmt::format("<p>{}</p>\n", escaped(of.text))) + html(table);
}

std::string settings_html(const StudyPage& page) {
  if (page.settings_json.empty()) return "";
  return fmt::format(
      "<p>With these settings and the same version the study can be repeated.</p>\n"
      "<details class=\"print\"><summary>All settings as JSON</summary>\n<pre "
      "tabindex=\"0\">{}</pre></details>\n",
      escaped(page.settings_json));
}

std::string environment_html(const StudyPage& page) {
  if (page.environment.empty()) return "";
  std::string list = "<dl class=\"facts\">\n";
  for (const Fact& fact : page.environment) {
    list += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escaped(fact.name), escaped(fact.value));
  }
  return list + "</dl>\n";
}

std::vector<Section> sections_of(const StudyPage& page) {
  std::vector<Section> sections{
      {"search", "Search", search_html(page)},
      {"network", "The chosen network", winner_html(page)},
      {"costs", "Energy and time", costs_html(page)},
      {"confusion", "Confusion matrix", confusion_html(page)},
      {"trials", "Trials", trials_html(page)},
  };
  for (std::size_t index = 0; index < page.tables.size(); ++index) {
    sections.push_back({fmt::format("table-{}", index + 1), page.tables[index].title,
                        table_html(page.tables[index])});
  }
  sections.push_back({"settings", "Settings", settings_html(page)});
  sections.push_back({"environment", "Environment", environment_html(page)});
  return sections;
}

std::string body(const StudyPage& page) {
  std::string contents;
  std::string text;
  for (const Section& section : sections_of(page)) {
    if (section.content.empty()) continue;
    contents +=
        fmt::format("<li><a href=\"#{}\">{}</a></li>\n", section.id, escaped(section.title));
    text += fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n"
        "<h2 id=\"{0}-title\">{1}</h2>\n{2}</section>\n",
        section.id, escaped(section.title), section.content);
  }
  return fmt::format(
      "<main>\n{}<nav aria-label=\"contents\"><ul>\n{}</ul></nav>\n"
      "<noscript><p class=\"warning\">Figures and the table of trials need scripts; the tables "
      "below the figures do not.</p></noscript>\n{}</main>\n",
      summary_html(page), contents, text);
}

/// The data stand in an element that no browser runs, and the scripts after all that they work on.
std::string script_elements(const StudyPage& page) {
  std::string html =
      fmt::format("<script type=\"application/json\" id=\"study-data\">{}</script>\n<!--\n{}-->\n",
                  inside_script(page_data(page)), chart_licence_txt());
  for (const Script& script : scripts()) html += fmt::format("<script>{}</script>\n", script.text);
  return html;
}

}  // namespace

std::string study_html(const StudyPage& page) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n" + head(page) + "<body>\n" + body(page) +
         script_elements(page) + "</body>\n</html>\n";
}

}  // namespace inas::report
