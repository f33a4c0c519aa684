#pragma once

#include <span>
#include <string>

#include <inas/core/network.hpp>
#include <inas/core/settings.hpp>
#include <inas/explorer/explorer.hpp>

namespace inas::apps {

/// A table of the priced layers of `network` for a terminal: design, energy per power cycle and its
/// share of the budget, latency, power cycles, VM bytes; a line of totals; what the network and its
/// supply need once, as the first charge of the capacitor; a sentence if the network is infeasible:
/// `result.why`.
[[nodiscard]] std::string layer_table(const Settings& settings, const Network& network,
                                      const explorer::NetworkResult& result);
/// The same with a sentence for each constraint in `broken`.
[[nodiscard]] std::string layer_table(const Settings& settings, const Network& network,
                                      const explorer::NetworkResult& result,
                                      std::span<const explorer::Infeasibility> broken);

/// The same as JSON text.
[[nodiscard]] std::string layer_json(const Settings& settings, const Architecture& architecture,
                                     const Network& network, const explorer::NetworkResult& result);
[[nodiscard]] std::string layer_json(const Settings& settings, const Architecture& architecture,
                                     const Network& network, const explorer::NetworkResult& result,
                                     std::span<const explorer::Infeasibility> broken);

/// "latency requirement 2 s", or "no latency requirement".
[[nodiscard]] std::string requirement_text(const SearchSettings& search);

}  // namespace inas::apps
