#include "oracle/ledger.hpp"

#include <array>

#include "loop_nest.hpp"

namespace oracle {

std::vector<LedgerCycle> walk_ledger(const std::vector<LedgerLayer>& layers, Int budget) {
  std::vector<LedgerCycle> cycles(1);
  Int left = budget;
  const auto end_cycle = [&] {
    cycles.emplace_back();
    left = budget;
  };
  for (std::size_t index = 0; index < layers.size(); ++index) {
    const LedgerLayer& of = layers[index];
    const std::vector<Step> all = steps(of.layer, of.wide.design);
    const auto batches = static_cast<Int>(all.size()) / of.wide.design.S;
    const auto operand = [&](Int batch) {
      return kept_operand(of.layer, of.wide.design,
                          all[static_cast<std::size_t>(batch * of.wide.design.S)]);
    };
    for (Int batch = 0; batch < batches; ++batch) {
      const auto needs = [&] {
        const auto& parts = cycles.back().parts;
        const bool entered = !parts.empty() && parts.back().layer == index;
        const bool kept =
            entered && keeps_operand(of.layer) && operand(batch) == operand(batch - 1);
        return (entered ? 0 : of.entry) + (kept ? of.kept : of.fetched);
      };
      // The first batch of a cycle runs whatever it needs.
      if (!cycles.back().parts.empty() && needs() > left) end_cycle();
      left -= needs();
      auto& parts = cycles.back().parts;
      if (parts.empty() || parts.back().layer != index) parts.push_back({index, batch, batch});
      parts.back().end = batch + 1;
      if (of.wide.K > 0 && (batch + 1) % of.wide.K == 0) end_cycle();
    }
  }
  if (cycles.back().parts.empty()) cycles.pop_back();
  return cycles;
}

}  // namespace oracle
