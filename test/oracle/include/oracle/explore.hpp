#pragma once

#include <optional>
#include <vector>

#include <oracle/cost_model.hpp>

/// The published explorer written a second time, from section 5 of the cost-model page: list all
/// designs, price all, sort, take the first.
namespace oracle {

enum class Lists { published, all };

/// The divisors of n, ascending; published: 1 and the even ones.
std::vector<Int> divisors(Int n, Lists lists);

/// Every legal design in visiting order: Tr, Tc, Tm, Tn, order, S, the last fastest. CONT: S = 1.
std::vector<Design> designs(const Layer& layer, bool continuous, Lists lists);

/// A priced design. Under CONT both energies are the whole layer's, and the cycles count tiles.
struct Candidate {
  Design design;
  Int vm = 0;
  double E_max = 0, E_min = 0;
  double L = 0;  ///< end to end; of no meaning unless c1
  Int npc = 0, n0 = 0, later = 0;
  bool c0 = false, c1 = false;
};
Candidate price(const Layer& layer, const Design& design, const Supply& supply, const Rules& rules);

/// Why no design is feasible: C1 if any design fits VM, else C0; and the first of the designs that
/// come nearest.
struct Shortfall {
  bool spatial = false;
  Design nearest;
  double needed = 0, available = 0;
};

/// All that a sweep tells.
struct Exploration {
  Int visited = 0, fail_c0 = 0, fail_c1 = 0, pass = 0;
  Int min_vm = 0;
  std::optional<double> min_E_max_of_c0;
  std::optional<Candidate> best;
  std::optional<Shortfall> why;
  Int ties = 0;             ///< designs with exactly the least latency
  std::vector<Design> tie;  ///< the first six of them: least VM, then first visited
  std::optional<double> runner_up, sum, max;
};

/// What the priced designs of one layer, in visiting order, amount to.
Exploration choose(const std::vector<Candidate>& candidates, const Supply& supply);

Exploration explore(const Layer& layer, const Supply& supply, const Rules& rules, Lists lists);

/// The layers in order up to the first infeasible one.
struct NetworkExploration {
  std::vector<Exploration> layers;
  double latency = 0;  ///< sum over the feasible layers, from 0, in layer order

  bool feasible() const { return !layers.empty() && layers.back().best.has_value(); }
};
NetworkExploration explore_network(const std::vector<Layer>& layers, const Supply& supply,
                                   const Rules& rules, Lists lists);

/// The exactly rounded sum of doubles (Shewchuk's partials, as Python's math.fsum).
double exact_sum(const std::vector<double>& values);

}  // namespace oracle
