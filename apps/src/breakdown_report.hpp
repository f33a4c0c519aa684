#pragma once

#include <optional>
#include <string>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/network.hpp>
#include <inas/core/search_space.hpp>
#include <inas/costmodel/breakdown.hpp>
#include <inas/costmodel/profile.hpp>

namespace inas::apps {

/// Where the time and the energy of a network go.
struct BreakdownReport {
  Architecture architecture;
  Network network;
  std::vector<Design> designs;
  costmodel::Profile profile;
  costmodel::NetworkBreakdown by_layers;
  std::optional<costmodel::NetworkBreakdown> as_scheduled;  ///< nothing: continuous power
};

/// Tables for a terminal: the parts of the time, and of the energy, of each layer and of all.
[[nodiscard]] std::string breakdown_table(const BreakdownReport& report);

/// The same as JSON text (docs/formats.md).
[[nodiscard]] std::string breakdown_json(const BreakdownReport& report);

/// An SVG document with a bar for each layer, as long as its latency, of its parts; by layers and
/// as scheduled, in one scale, which the root's attribute `data-seconds-per-unit` gives.
[[nodiscard]] std::string breakdown_svg(const BreakdownReport& report);

}  // namespace inas::apps
