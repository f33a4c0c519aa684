#pragma once

#include <inas/core/network.hpp>
#include <inas/core/settings.hpp>
#include <inas/core/solution.hpp>
#include <inas/explorer/explorer.hpp>

namespace inas::explorer {

/// The solution record of an explored network that has a design for every layer. Accuracies and the
/// trial's number are left for the caller. Throws InvalidArgument if `result` lacks a layer's
/// design.
[[nodiscard]] Solution make_solution(const Settings& settings, const Architecture& architecture,
                                     const Network& network, const NetworkResult& result);

/// Prices the designs that `solution` already has again, on the device of its settings; whether
/// they are the best ones plays no role. `why` is set by the first layer that breaks C0 or C1, else
/// by NVM capacity or the latency requirement; all layers are priced in any case.
[[nodiscard]] NetworkResult price_solution(const Solution& solution);

}  // namespace inas::explorer
