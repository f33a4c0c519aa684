#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <inas/core/text.hpp>
#include <inas/report/number_text.hpp>

#include "html.hpp"
#include "sections.hpp"

namespace inas::report {
namespace {

/// A number with what it is, and what else there is to say of it.
std::string card(std::string_view name, std::string_view value, std::string_view more = "") {
  std::string html =
      fmt::format("<div class=\"card\"><dt>{}</dt><dd><b>{}</b>", escaped(name), escaped(value));
  if (!more.empty()) html += fmt::format("<small>{}</small>", escaped(more));
  return html + "</dd></div>\n";
}

const TrialRow* best_of(const StudyPage& page) {
  for (const TrialRow& trial : page.trials) {
    if (trial.is_best) return &trial;
  }
  return nullptr;
}

/// What is known of the winner's accuracies; the validation accuracy of the search if no other.
std::string accuracy_cards(const StudyPage& page) {
  std::string cards;
  const auto add = [&](const char* name, const std::optional<double>& share, const char* more) {
    if (share) cards += card(accuracy_words(page, name), percent_text(*share), more);
  };
  add("test accuracy, deployed", page.accuracy.deployed, "quantised, as on the device");
  add("test accuracy", page.accuracy.test, "in floating point");
  add("validation accuracy", page.accuracy.validation, "of the final weights");
  const TrialRow* best = best_of(page);
  if (cards.empty() && best != nullptr) {
    add("validation accuracy", best->accuracy, "best so far, in the search");
  }
  return cards;
}

std::string latency_card(const StudyPage& page) {
  const std::string requirement =
      page.latency_requirement_s
          ? fmt::format("requirement {}", latency_text(*page.latency_requirement_s))
          : "no requirement";
  if (page.winner) return card("latency", latency_text(page.winner->latency_s), requirement);
  const TrialRow* best = best_of(page);
  if (best != nullptr && best->latency_s) {
    return card("latency", latency_text(*best->latency_s), requirement);
  }
  return page.latency_requirement_s ? card("latency", "–", requirement) : "";
}

std::string energy_card(const StudyPage& page) {
  if (!page.energy_budget_j) return "";
  std::string more = "per power cycle";
  if (page.winner && page.winner->power_cycles > 0) {
    more = fmt::format("per power cycle; {} an inference", page.winner->power_cycles);
  }
  return card("energy budget", energy_text(*page.energy_budget_j), more);
}

/// "180 trained, 12 too slow", in the order in which the outcomes first appear.
std::string outcomes_text(const std::vector<TrialRow>& trials) {
  std::vector<std::pair<std::string_view, std::int64_t>> counts;
  for (const TrialRow& trial : trials) {
    auto at = counts.begin();
    while (at != counts.end() && at->first != trial.outcome) ++at;
    if (at == counts.end()) at = counts.insert(at, {trial.outcome, 0});
    ++at->second;
  }
  std::string text;
  for (const auto& [outcome, count] : counts) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", count, outcome);
  }
  return text;
}

std::string trials_card(const StudyPage& page) {
  if (!has_trials(page)) return "";
  const std::string count = page.planned_trials > 0
                                ? fmt::format("{} of {}", page.trials.size(), page.planned_trials)
                                : fmt::format("{}", page.trials.size());
  return card("trials", count, outcomes_text(page.trials));
}

}  // namespace

bool has_trials(const StudyPage& page) { return page.planned_trials > 0 || !page.trials.empty(); }

std::string accuracy_words(const StudyPage& page, const std::string& words) {
  return page.synthetic_data ? words + " (synthetic data)" : words;
}

std::string summary_html(const StudyPage& page) {
  std::string result = fmt::format(
      "<header>\n<p class=\"kind\">iNAS {}</p>\n<h1>{}</h1>\n<p><span class=\"state\">{}</span>",
      escaped(page.kind), escaped(page.title), escaped(page.state));
  if (!page.data.empty()) result += fmt::format(" <span>data: {}</span>", escaped(page.data));
  result += "</p>\n";
  if (!page.note.empty()) result += fmt::format("<p>{}</p>\n", escaped(page.note));
  if (page.synthetic_data) {
    result +=
        "<p class=\"warning\" role=\"note\"><strong>Synthetic data.</strong> The samples were made "
        "by a program: accuracies say that the tools work, not how good a network is.</p>\n";
  }
  result += "</header>\n";
  std::string cards = accuracy_cards(page) + latency_card(page) + energy_card(page);
  if (page.winner) {
    std::string more = fmt::format("{} MACs", page.winner->macs);
    if (page.winner->nvm_bytes > 0) more += fmt::format(", NVM {} B", page.winner->nvm_bytes);
    cards += card("weights", fmt::format("{} B", page.winner->weight_bytes), more);
  }
  cards += trials_card(page);
  return cards.empty() ? result : result + "<dl class=\"cards\">\n" + cards + "</dl>\n";
}

}  // namespace inas::report
