#pragma once

#include <string>

#include <inas/report/study_page.hpp>

/// The parts of a page, each as HTML; empty if the page has nothing of it.
namespace inas::report {

/// Title, state, and the figures of the whole study.
[[nodiscard]] std::string summary_html(const StudyPage& page);

/// "validation accuracy", and whether it is of synthetic data.
[[nodiscard]] std::string accuracy_words(const StudyPage& page, const std::string& words);

}  // namespace inas::report
