#pragma once

#include <string>

#include <inas/report/study_page.hpp>

namespace inas::report {

/// So many bars of power cycles are drawn at most.
inline constexpr int kCycleBars = 240;

/// What the page's script draws, as JSON text in ASCII. Trials are columns, so that thousands of
/// them stay small; numbers have 7 digits, more than any figure or table shows.
[[nodiscard]] std::string page_data(const StudyPage& page);

}  // namespace inas::report
