#include <fmt/format.h>

#include <inas/report/study_page.hpp>

#include "assets.hpp"
#include "html.hpp"
#include "sections.hpp"

namespace inas::report {
namespace {

/// Nothing is loaded from anywhere, and of scripts only those run whose text has these hashes: what
/// a text of a study holds cannot run even if it were taken for a script.
std::string security_policy() {
  return fmt::format(
      "default-src 'none'; script-src '{}' '{}'; style-src 'unsafe-inline'; img-src data:; "
      "base-uri 'none'; form-action 'none'",
      chart_min_js_hash(), page_js_hash());
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

std::string scripts() {
  return fmt::format("<!--\n{}-->\n<script>{}</script>\n<script>{}</script>\n", chart_licence_txt(),
                     chart_min_js(), page_js());
}

}  // namespace

std::string study_html(const StudyPage& page) {
  std::string result = "<!DOCTYPE html>\n<html lang=\"en\">\n";
  result += head(page);
  result += "<body>\n<main>\n";
  result += summary_html(page);
  result += "</main>\n";
  result += scripts();
  return result + "</body>\n</html>\n";
}

}  // namespace inas::report
