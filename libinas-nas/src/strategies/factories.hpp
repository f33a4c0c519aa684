#pragma once

#include <memory>

#include <inas/core/settings.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/nas/strategy.hpp>

/// How each strategy of core/strategies.hpp is made; strategy.cpp has the list. All but reinforce
/// need no LibTorch. `explorer` must outlive the strategy.
namespace inas::nas {

[[nodiscard]] std::unique_ptr<Strategy> make_screen(const Settings& settings,
                                                    explorer::Explorer& explorer);
[[nodiscard]] std::unique_ptr<Strategy> make_evolution(const Settings& settings,
                                                       explorer::Explorer& explorer);
/// `proposer` proposes what is trained on the lowest rung.
[[nodiscard]] std::unique_ptr<Strategy> make_halving(const Settings& settings,
                                                     std::unique_ptr<Strategy> proposer);
[[nodiscard]] std::unique_ptr<Strategy> make_pareto(const Settings& settings,
                                                    explorer::Explorer& explorer);
[[nodiscard]] std::unique_ptr<Strategy> make_random(const Settings& settings,
                                                    explorer::Explorer& explorer);
[[nodiscard]] std::unique_ptr<Strategy> make_reinforce(const Settings& settings,
                                                       explorer::Explorer& explorer);

}  // namespace inas::nas
