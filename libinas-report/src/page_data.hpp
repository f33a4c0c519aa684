#pragma once

#include <string>

#include <inas/report/study_page.hpp>

namespace inas::report {

/// So many bars of power cycles are drawn at most.
inline constexpr int kCycleBars = 240;

/// What the page's script draws, as JSON text in ASCII. Trials are columns, so that thousands of
/// them stay small; numbers have 7 digits, more than any figure or table shows.
[[nodiscard]] std::string page_data(const StudyPage& page);

/// "C1-atomicity in CONV_3: 1.8300 mJ needed, 1.5126 mJ allowed".
[[nodiscard]] std::string refusal_text(const Refusal& refusal);

}  // namespace inas::report
