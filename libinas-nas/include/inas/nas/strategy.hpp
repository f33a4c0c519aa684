#pragma once

#include <cstdint>
#include <memory>

#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>
#include <inas/explorer/explorer.hpp>

namespace inas::nas {

/// Proposes architectures and learns from their rewards. Same settings, same seed and the same
/// order of calls give the same proposals.
class Strategy {
 public:
  virtual ~Strategy() = default;

  /// The next architecture to try; every value is one that the space offers.
  [[nodiscard]] virtual Architecture propose() = 0;
  /// What became of a proposal. Called once per proposal, in the order of the proposals.
  virtual void learn(const Architecture& proposal, double reward) = 0;
};

/// The strategy that `settings.search.strategy` names. `explorer` serves random_feasible, which
/// draws uniformly among all architectures and keeps the first that satisfies every constraint; it
/// throws Error if 1,000,000 draws find none. `explorer` must outlive the strategy.
[[nodiscard]] std::unique_ptr<Strategy> make_strategy(const Settings& settings,
                                                      explorer::Explorer& explorer);

}  // namespace inas::nas
