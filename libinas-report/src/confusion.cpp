#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/text.hpp>
#include <inas/report/number_text.hpp>

#include "html.hpp"
#include "sections.hpp"

namespace inas::report {
namespace {

/// More classes than this make a list of what is confused, not a matrix.
constexpr std::size_t kMatrixClasses = 40;
constexpr std::size_t kListed = 40;

void check(const ConfusionMatrix& matrix) {
  const std::size_t classes = matrix.classes.size();
  if (classes == 0 || matrix.counts.size() / classes != classes ||
      matrix.counts.size() % classes != 0) {
    throw InvalidArgument(
        fmt::format("confusion matrix of {} classes: found {} counts, allowed: one for each pair "
                    "of classes, and at least one class",
                    classes, matrix.counts.size()));
  }
  for (const std::int64_t count : matrix.counts) {
    if (count < 0) {
      throw InvalidArgument(
          fmt::format("confusion matrix: found the count {}, allowed: 0 and more", count));
    }
  }
}

double share_of(std::int64_t count, double all) {
  return all > 0 ? static_cast<double>(count) / all : 0;
}

/// Of each class how many samples it has. Sums are of doubles, which do not overflow.
std::vector<double> row_sums(const ConfusionMatrix& matrix) {
  std::vector<double> sums(matrix.classes.size());
  for (std::size_t index = 0; index < matrix.counts.size(); ++index) {
    sums[index / matrix.classes.size()] += static_cast<double>(matrix.counts[index]);
  }
  return sums;
}

/// The largest share of a class that is taken for another; a tenth if none is that large, so that
/// few errors do not look like many.
double largest_miss(const ConfusionMatrix& matrix, const std::vector<double>& sums) {
  const std::size_t classes = matrix.classes.size();
  double largest = 0.1;
  for (std::size_t index = 0; index < matrix.counts.size(); ++index) {
    if (index / classes == index % classes) continue;
    largest = std::max(largest, share_of(matrix.counts[index], sums[index / classes]));
  }
  return largest;
}

/// Shaded are right answers by their share of the class, wrong ones by that share over the largest.
std::string matrix_html(const ConfusionMatrix& matrix) {
  const std::size_t classes = matrix.classes.size();
  const std::vector<double> sums = row_sums(matrix);
  const double worst = largest_miss(matrix, sums);
  std::string html =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"confusion matrix\">"
      "<table class=\"confusion\"><caption class=\"unseen\">confusion matrix: rows are the classes "
      "of samples, columns the answers</caption>\n<thead><tr><th scope=\"col\">is \\ taken "
      "for</th>";
  for (const std::string& name : matrix.classes) {
    html += fmt::format("<th scope=\"col\"><span>{}</span></th>", escaped(name));
  }
  html += "<th scope=\"col\"><span>right</span></th></tr></thead>\n<tbody>\n";
  for (std::size_t row = 0; row < classes; ++row) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>", escaped(matrix.classes[row]));
    for (std::size_t column = 0; column < classes; ++column) {
      const std::int64_t count = matrix.counts[row * classes + column];
      const double share = share_of(count, sums[row]);
      const bool hit = row == column;
      html += fmt::format("<td class=\"{}{}\" style=\"--s:{:.3f}\">{}</td>", hit ? "hit" : "miss",
                          hit && share > 0.7 ? " deep" : "", hit ? share : share / worst, count);
    }
    html += fmt::format("<td class=\"recall\">{}</td></tr>\n",
                        percent_text(share_of(matrix.counts[row * classes + row], sums[row])));
  }
  return html + "</tbody></table></div>\n";
}

std::string list_html(const ConfusionMatrix& matrix) {
  const std::size_t classes = matrix.classes.size();
  const std::vector<double> sums = row_sums(matrix);
  std::vector<std::size_t> errors;
  for (std::size_t index = 0; index < matrix.counts.size(); ++index) {
    if (index / classes != index % classes && matrix.counts[index] > 0) errors.push_back(index);
  }
  std::stable_sort(errors.begin(), errors.end(), [&](std::size_t a, std::size_t b) {
    return matrix.counts[a] > matrix.counts[b];
  });
  HtmlTable table{.caption = "most frequent confusions",
                  .columns = {"samples of", "taken for", "times", "of the class"},
                  .numbers = {false, false, true, true},
                  .rows = {}};
  for (std::size_t index = 0; index < std::min(errors.size(), kListed); ++index) {
    const std::size_t at = errors[index];
    table.rows.push_back({escaped(matrix.classes[at / classes]),
                          escaped(matrix.classes[at % classes]),
                          fmt::format("{}", matrix.counts[at]),
                          percent_text(share_of(matrix.counts[at], sums[at / classes]))});
  }
  return fmt::format("<p>Of {} classes, too many for a matrix, what is confused most.</p>\n",
                     classes) +
         html(table);
}

}  // namespace

std::string confusion_html(const StudyPage& page) {
  if (!page.confusion) return "";
  const ConfusionMatrix& matrix = *page.confusion;
  check(matrix);
  double all = 0;
  double right = 0;
  const std::size_t classes = matrix.classes.size();
  for (std::size_t index = 0; index < matrix.counts.size(); ++index) {
    all += static_cast<double>(matrix.counts[index]);
    if (index / classes == index % classes) right += static_cast<double>(matrix.counts[index]);
  }
  std::string text = matrix.of.empty() ? "" : escaped(matrix.of) + ". ";
  text += fmt::format("{:.0f} of {:.0f} samples are right", right, all);
  if (all > 0) text += fmt::format(": {}", percent_text(right / all));
  if (page.synthetic_data) text += " (synthetic data)";
  text += ". Rows are what samples are, columns what they are taken for";
  return fmt::format("<p>{}.</p>\n", text) +
         (classes <= kMatrixClasses ? matrix_html(matrix) : list_html(matrix));
}

}  // namespace inas::report
