#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <inas/nas/search.hpp>

namespace inas::nas {

/// A picture of a search as SVG text: each network that was trained most by its end-to-end latency
/// and its validation accuracy (those of shorter trainings do not compare), older trials paler, the
/// networks that were too slow as marks on the latency axis, the requirement as a line, and trial
/// number `best` (0: none) ringed and labelled.
[[nodiscard]] std::string trial_plot_svg(const std::vector<Trial>& trials,
                                         double latency_requirement_s, std::int64_t best);

}  // namespace inas::nas
