#pragma once

#include <memory>

#include <inas/core/settings.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/explorer/space_map.hpp>
#include <inas/nas/strategy.hpp>

/// The strategies that need no LibTorch, as make_strategy makes them.
namespace inas::nas {

/// The map of the settings' space on the explorer's device, with the settings' latency requirement.
/// Throws Error, naming the strategies that do without, if the space is too large.
[[nodiscard]] std::shared_ptr<const explorer::SpaceMap> map_space(
    const Settings& settings, const explorer::Explorer& explorer);

/// StrategyKind::random; with search.feasible_only the same as make_random_feasible.
[[nodiscard]] std::unique_ptr<Strategy> make_random(const Settings& settings,
                                                    const explorer::Explorer& explorer);

/// StrategyKind::random_feasible.
[[nodiscard]] std::unique_ptr<Strategy> make_random_feasible(const Settings& settings,
                                                             const explorer::Explorer& explorer);

}  // namespace inas::nas
