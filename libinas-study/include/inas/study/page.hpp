#pragma once

#include <inas/report/study_page.hpp>
#include <inas/study/store.hpp>

namespace inas::study {

/// Name of the report inside a study's results folder.
inline constexpr const char* kReportFile = "report.html";

/// All that the page of a study shows, of what the store has at this moment; the best network is
/// explored again for what its designs cost, on the device of the study's settings. Throws Error if
/// that device is not there any more, as a profile's file may be.
[[nodiscard]] report::StudyPage page_of(Store& store);

}  // namespace inas::study
