#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include <inas/core/text.hpp>
#include <inas/report/number_text.hpp>

#include "findings.hpp"
#include "html.hpp"
#include "sections.hpp"

namespace inas::report {
namespace {

/// So many rows a table behind a figure has at most; the table of trials has all.
constexpr std::size_t kRows = 200;

/// "61.20 % to 91.70 %", or the one there is.
template <class Value>
std::string range_text(const std::vector<const TrialRow*>& trials, Value value_of,
                       std::string (*text_of)(double)) {
  const auto [low, high] = std::minmax_element(
      trials.begin(), trials.end(),
      [&](const TrialRow* a, const TrialRow* b) { return value_of(a) < value_of(b); });
  const std::string from = text_of(value_of(*low));
  const std::string to = text_of(value_of(*high));
  return from == to ? from : from + " to " + to;
}

HtmlTable trial_table(const StudyPage& page, std::string caption,
                      const std::vector<const TrialRow*>& trials) {
  HtmlTable table{
      .caption = std::move(caption),
      .columns = {"trial", "architecture", "latency", accuracy_words(page, "validation accuracy")},
      .numbers = {true, false, true, true},
      .rows = {}};
  for (std::size_t index = 0; index < std::min(trials.size(), kRows); ++index) {
    const TrialRow& trial = *trials[index];
    table.rows.push_back({fmt::format("{}", trial.number), escaped(trial.architecture),
                          latency_text(*trial.latency_s), percent_text(*trial.accuracy)});
  }
  return table;
}

bool any_too_slow(const StudyPage& page) {
  return std::any_of(page.trials.begin(), page.trials.end(),
                     [](const TrialRow& trial) { return trial.latency_s && !trial.accuracy; });
}

/// What the pale points are, if there are any.
std::string short_text(const StudyPage& page) {
  if (short_trials(page.trials).empty()) return "";
  return " Pale ones were trained shortly: their accuracies choose what is trained in full, and do "
         "not compare with the others.";
}

std::string front_figure(const StudyPage& page, const std::vector<const TrialRow*>& drawn) {
  const std::vector<const TrialRow*> front = pareto_front(page.trials);
  std::string label = fmt::format(
      "{} networks, latency {}, accuracy {}; {} of them are on the Pareto front.", drawn.size(),
      range_text(
          drawn, [](const TrialRow* of) { return *of->latency_s; }, latency_text),
      range_text(
          drawn, [](const TrialRow* of) { return *of->accuracy; }, percent_text),
      front.size());
  if (page.latency_requirement_s) {
    label += fmt::format(" The requirement is {}.", latency_text(*page.latency_requirement_s));
  }
  std::string description =
      "Each point is a network that was trained. No other is faster and as accurate as those on "
      "the front." +
      short_text(page);
  if (any_too_slow(page)) {
    description += " Ticks at the foot: too slow to be trained, as far as the figure reaches.";
  }
  return html(
      Figure{.id = "front",
             .title = accuracy_words(page, "Accuracy and latency"),
             .description = std::move(description),
             .label = std::move(label),
             .data = html(trial_table(page, "networks on the Pareto front, by latency", front))});
}

std::string progress_figure(const StudyPage& page, const std::vector<const TrialRow*>& drawn) {
  const std::vector<const TrialRow*> better = improvements(page.trials, page.latency_requirement_s);
  std::string label = fmt::format("Accuracies of {} networks over the trials.", drawn.size());
  if (!better.empty()) {
    label += fmt::format(" The best rose from {} in trial {} to {} in trial {}.",
                         percent_text(*better.front()->accuracy), better.front()->number,
                         percent_text(*better.back()->accuracy), better.back()->number);
  }
  return html(Figure{
      .id = "progress",
      .title = accuracy_words(page, "Progress"),
      .description =
          (page.latency_requirement_s ? "The accuracy of each trial, and the best so far of those "
                                        "that meet the requirement."
                                      : "The accuracy of each trial, and the best so far.") +
          short_text(page),
      .label = std::move(label),
      .data = html(trial_table(page, "trials that were the best so far", better))});
}

std::string refusal_figure(const StudyPage& page) {
  const std::vector<RefusalCount> counts = refusal_counts(page.trials);
  if (counts.empty()) return "";
  HtmlTable table{.caption = "refused proposals by constraint",
                  .columns = {"constraint", "proposals", "share of all trials", "most often in"},
                  .numbers = {false, true, true, false},
                  .rows = {}};
  std::string label = "Refused proposals:";
  for (const RefusalCount& count : counts) {
    const double share = static_cast<double>(count.count) / static_cast<double>(page.trials.size());
    table.rows.push_back(
        {escaped(count.constraint), fmt::format("{}", count.count), percent_text(share),
         count.layer.empty() ? "the whole network"
                             : fmt::format("{} ({})", escaped(count.layer), count.of_layer)});
    label += fmt::format(" {} by {};", count.count, count.constraint);
  }
  label.back() = '.';
  return html(Figure{.id = "refusals",
                     .title = "Why proposals were refused",
                     .description = "By the first constraint that they do not meet. A refusal is "
                                    "exact and takes no training.",
                     .label = std::move(label),
                     .data = html(table),
                     .low = true});
}

}  // namespace

std::string search_html(const StudyPage& page) {
  if (!has_trials(page)) return "";
  if (page.trials.empty()) return "<p>No trial has ended yet.</p>\n";
  const std::vector<const TrialRow*> drawn = drawn_trials(page.trials);
  const std::string refusals = refusal_figure(page);
  std::string text;
  std::string figures;
  if (drawn.empty()) {
    text = refusals.empty()
               ? "<p>No network has an accuracy yet.</p>\n"
               : "<p class=\"warning\" role=\"note\">No network has an accuracy: see why proposals "
                 "were refused.</p>\n";
  } else {
    figures = front_figure(page, drawn) + progress_figure(page, drawn);
  }
  return text + "<div class=\"figures\">\n" + figures + refusals + "</div>\n";
}

std::string trials_html(const StudyPage& page) {
  if (page.trials.empty()) return "";
  return "<noscript><p>The table of trials needs scripts.</p></noscript>\n"
         "<div id=\"trial-table\"></div>\n";
}

}  // namespace inas::report
