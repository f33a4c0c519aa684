#pragma once

#include <vector>

#include <inas/study/records.hpp>

namespace inas::study {

/// What the numbers of a training depend on beside settings and data, as the facts of a study have
/// it of its latest run.
[[nodiscard]] std::vector<Fact> software_facts();

/// Throws Error, with both versions, where `facts` are of other software than this program.
void check_software(const StudyFacts& facts);

}  // namespace inas::study
