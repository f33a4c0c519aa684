#pragma once

#include <string>
#include <vector>

#include <inas/core/settings.hpp>
#include <inas/explorer/space_map.hpp>

namespace inas::apps {

/// What inas-eval space reports of a map.
struct SpaceReport {
  const Settings& settings;
  const explorer::SpaceMap& map;
  std::vector<explorer::LatencyBin> histogram;
  /// SpaceMap::sample_scheduled_s; empty if the map's latencies are as scheduled anyway.
  std::vector<double> scheduled_s;
  std::vector<explorer::SizeClass> fastest;  ///< empty if not asked for, or not found
  std::string why_no_fastest;                ///< if they were not found
  explorer::SizeMeasure measure = explorer::SizeMeasure::weights;
};

/// For a terminal: the counts, the percentiles, a histogram, the fastest networks.
[[nodiscard]] std::string space_text(const SpaceReport& report);
/// The same as JSON text. Counts are texts, because they may exceed what JSON numbers hold.
[[nodiscard]] std::string space_json(const SpaceReport& report);
/// The histogram as CSV: from_s,to_s,networks,share_up_to.
[[nodiscard]] std::string space_csv(const SpaceReport& report);
/// The histogram as SVG, with the requirement and the quartiles.
[[nodiscard]] std::string space_svg(const SpaceReport& report);

}  // namespace inas::apps
