#pragma once

#include <vector>

#include <inas/core/network.hpp>
#include <inas/core/settings.hpp>
#include <inas/core/solution.hpp>
#include <inas/explorer/explorer.hpp>

namespace inas::explorer {

/// The solution record of an explored network that has a design for every layer. Accuracies and the
/// trial's number are left for the caller. Throws InvalidArgument if `result` lacks a layer's
/// design or `execution::check_design` refuses one.
[[nodiscard]] Solution make_solution(const Settings& settings, const Architecture& architecture,
                                     const Network& network, const NetworkResult& result);

/// Prices the designs that `solution` already has again, on the device of its settings; whether
/// they are the best ones plays no role. Under continuous power, which preserves nothing, S and K
/// are 1 whatever the designs say. All layers are priced in any case; `why` is the first of
/// `broken_constraints`.
[[nodiscard]] NetworkResult price_solution(const Solution& solution);

/// Every constraint that the designs of `solution` break where `price_solution` priced them: C0 and
/// C1 of each layer in layer order, then NVM capacity, then the latency requirement. A network
/// that never finishes is not besides called too slow.
[[nodiscard]] std::vector<Infeasibility> broken_constraints(const Solution& solution,
                                                            const NetworkResult& priced);

}  // namespace inas::explorer
