#pragma once

#include <cstdint>
#include <memory>

#include <inas/core/error.hpp>
#include <inas/core/search_space.hpp>
#include <inas/core/settings.hpp>
#include <inas/explorer/explorer.hpp>
#include <inas/nas/trial.hpp>

namespace inas::nas {

/// No network of the space satisfies every constraint.
class NoFeasibleNetwork : public Error {
 public:
  using Error::Error;
};

/// A network to try, and how much to train it.
struct Proposal {
  Architecture architecture;  ///< every value is one that the space offers
  Effort effort;              ///< at most full_effort

  bool operator==(const Proposal&) const = default;
};

/// Proposes networks and learns from what became of them. Same settings, same seed and the
/// same order of calls give the same proposals: a search is resumed by telling it again.
class Strategy {
 public:
  virtual ~Strategy() = default;

  [[nodiscard]] virtual Proposal propose() = 0;
  /// What became of a proposal, all of it but the lesson, which this gives. Called once per
  /// proposal, in the order of the proposals; a strategy that does not learn ignores it.
  virtual Lesson learn(const Trial& /*trial*/) { return {}; }
};

/// The strategy that `settings.search.strategy` names, for networks on `explorer`'s device, which
/// must outlive it. core/strategies.hpp lists them with their options, docs/search.md tells what
/// they do.
///
/// The whole space is mapped first (explorer/space_map.hpp) and every proposal is feasible, but
/// for reinforce and random without settings.search.feasible_only. Reinforce gets a filter that
/// refuses choices no feasible network continues, random draws uniformly among the feasible
/// networks, and the others start from such draws. The map is exact about all constraints, with one
/// exception:
/// in a space too large to list, NVM capacity is checked of whole proposals only, so that reinforce
/// may have to draw a proposal more than once. `propose` throws NoFeasibleNetwork if there is no
/// feasible network.
///
/// Throws Error if the space is too large to be mapped.
[[nodiscard]] std::unique_ptr<Strategy> make_strategy(const Settings& settings,
                                                      explorer::Explorer& explorer);

}  // namespace inas::nas
