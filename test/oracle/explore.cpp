#include "oracle/explore.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace oracle {

std::vector<Int> divisors(Int n, Lists lists) {
  std::vector<Int> list;
  for (Int d = 1; d <= n; ++d) {
    if (n % d == 0 && (lists == Lists::all || d == 1 || d % 2 == 0)) list.push_back(d);
  }
  return list;
}

std::vector<Design> designs(const Layer& l, bool continuous, Lists lists) {
  const bool average = l.kind == Kind::pool;
  const bool pool = average || l.kind == Kind::max;
  const Int height = average ? l.H : l.R;
  const Int width = average ? l.W : l.C;
  const Lists of_outputs = pool ? lists : Lists::all;
  const std::vector<Int> rows = divisors(height, of_outputs);
  const std::vector<Int> columns = divisors(width, of_outputs);
  const std::vector<Int> outputs = divisors(l.M, of_outputs);
  const std::vector<Int> inputs = pool ? std::vector<Int>{1} : divisors(l.N, lists);
  const std::string_view orders = average ? "O" : pool ? "W" : "IWO";

  std::vector<Design> all;
  for (const Int Tr : rows) {
    for (const Int Tc : columns) {
      for (const Int Tm : outputs) {
        for (const Int Tn : inputs) {
          for (const char order : orders) {
            const Int pixels = (height / Tr) * (width / Tc);
            const Int loop = pool || order == 'W' ? pixels : order == 'I' ? l.M / Tm : l.N / Tn;
            const std::vector<Int> batches =
                continuous ? std::vector<Int>{1} : divisors(loop, lists);
            for (const Int S : batches) all.push_back({Tr, Tc, Tm, Tn, order, S});
          }
        }
      }
    }
  }
  return all;
}

Candidate price(const Layer& layer, const Design& design, const Supply& supply,
                const Rules& rules) {
  Candidate c;
  c.design = design;
  if (supply.continuous) {
    const Continuous r = continuous(layer, design, supply, rules);
    c.vm = r.vm;
    c.E_max = c.E_min = r.E;
    c.L = r.L;
    c.npc = r.tiles;
    c.n0 = r.n0;
    c.later = r.later;
    c.c0 = r.c0;
    c.c1 = true;
  } else {
    const Intermittent r = intermittent(layer, design, supply, rules);
    c.vm = r.vm;
    c.E_max = r.E_max;
    c.E_min = r.E_min;
    c.L = r.L_e2e.value_or(HUGE_VAL);
    c.npc = r.npc;
    c.n0 = r.n0;
    c.later = r.later;
    c.c0 = r.c0;
    c.c1 = r.c1;
  }
  return c;
}

Exploration choose(const std::vector<Candidate>& candidates, const Supply& supply) {
  const auto by_vm = [](const Candidate& a, const Candidate& b) { return a.vm < b.vm; };
  const auto by_energy = [](const Candidate& a, const Candidate& b) { return a.E_max < b.E_max; };

  Exploration result;
  std::vector<Candidate> fitting;
  std::vector<Candidate> passing;
  for (const Candidate& c : candidates) {
    if (c.c0) fitting.push_back(c);
    if (c.c0 && c.c1) passing.push_back(c);
  }
  result.visited = static_cast<Int>(candidates.size());
  result.pass = static_cast<Int>(passing.size());
  result.fail_c1 = static_cast<Int>(fitting.size()) - result.pass;
  result.fail_c0 = result.visited - static_cast<Int>(fitting.size());

  // min_element returns the first of equals.
  const Candidate smallest = *std::min_element(candidates.begin(), candidates.end(), by_vm);
  result.min_vm = smallest.vm;
  if (!fitting.empty() && !supply.continuous) {
    result.min_E_max_of_c0 = std::min_element(fitting.begin(), fitting.end(), by_energy)->E_max;
  }
  if (passing.empty()) {
    if (fitting.empty()) {
      result.why = Shortfall{true, smallest.design, static_cast<double>(smallest.vm),
                             static_cast<double>(supply.vm_capacity)};
    } else {
      const Candidate cheapest = *std::min_element(fitting.begin(), fitting.end(), by_energy);
      result.why = Shortfall{false, cheapest.design, cheapest.E_max, budget(supply)};
    }
    return result;
  }

  std::stable_sort(passing.begin(), passing.end(), [](const Candidate& a, const Candidate& b) {
    return a.L < b.L || (a.L == b.L && a.vm < b.vm);
  });
  result.best = passing.front();
  std::vector<double> latencies;
  for (const Candidate& c : passing) {
    latencies.push_back(c.L);
    if (c.L == passing.front().L) {
      ++result.ties;
      if (result.tie.size() < 6) result.tie.push_back(c.design);
    } else if (!result.runner_up) {
      result.runner_up = c.L;
    }
  }
  result.sum = exact_sum(latencies);
  result.max = latencies.back();
  return result;
}

Exploration explore(const Layer& layer, const Supply& supply, const Rules& rules, Lists lists) {
  std::vector<Candidate> candidates;
  for (const Design& design : designs(layer, supply.continuous, lists)) {
    candidates.push_back(price(layer, design, supply, rules));
  }
  return choose(candidates, supply);
}

NetworkExploration explore_network(const std::vector<Layer>& layers, const Supply& supply,
                                   const Rules& rules, Lists lists) {
  NetworkExploration result;
  for (const Layer& layer : layers) {
    result.layers.push_back(explore(layer, supply, rules, lists));
    if (!result.layers.back().best) break;
    result.latency += result.layers.back().best->L;
  }
  return result;
}

double exact_sum(const std::vector<double>& values) {
  // The partials are non-overlapping and ascending, and their exact sum is that of the values.
  std::vector<double> partials;
  for (double x : values) {
    std::vector<double> kept;
    for (double y : partials) {
      if (std::fabs(x) < std::fabs(y)) std::swap(x, y);
      const double high = x + y;
      const double low = y - (high - x);
      if (low != 0) kept.push_back(low);
      x = high;
    }
    kept.push_back(x);
    partials = kept;
  }
  double sum = 0;
  while (!partials.empty()) {
    const double x = sum;
    const double y = partials.back();
    partials.pop_back();
    sum = x + y;
    const double low = y - (sum - x);
    if (low == 0) continue;
    // Half-way case: the partials below decide the direction of rounding.
    if (!partials.empty() && (low < 0) == (partials.back() < 0)) {
      const double twice = 2 * low;
      const double rounded = sum + twice;
      if (rounded - sum == twice) sum = rounded;
    }
    break;
  }
  return sum;
}

}  // namespace oracle
