#pragma once

#include <string>

#include <inas/report/study_page.hpp>

/// The parts of a page, each as HTML; empty if the page has nothing of it.
namespace inas::report {

/// Title, state, and the figures of the whole study.
[[nodiscard]] std::string summary_html(const StudyPage& page);
/// What the search found, how it went on, and why proposals were refused.
[[nodiscard]] std::string search_html(const StudyPage& page);
/// The chosen network, layer by layer, with its designs.
[[nodiscard]] std::string winner_html(const StudyPage& page);
/// Its energy per power cycle, and where time and energy go.
[[nodiscard]] std::string costs_html(const StudyPage& page);
[[nodiscard]] std::string confusion_html(const StudyPage& page);
/// Every trial; the page's script fills the table.
[[nodiscard]] std::string trials_html(const StudyPage& page);

[[nodiscard]] bool has_trials(const StudyPage& page);

/// "validation accuracy", and whether it is of synthetic data.
[[nodiscard]] std::string accuracy_words(const StudyPage& page, const std::string& words);

}  // namespace inas::report
