#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/core/ledger.hpp>

/// Which batches each power cycle runs if none fails: what the runtime's loop decides, from the
/// numbers of its tables alone. Without a loop over batches, because those of a group are alike.
/// Source: cost-model page, section 10.
namespace inas::execution {

/// What ends power cycles in a layer.
struct WalkedLayer {
  LedgerUnits units = {};
  std::int64_t batches = 0;
  std::int64_t group = 1;  ///< batches, one after the other, that share the kept operand: G
  std::int64_t batches_per_cycle = 0;  ///< K
};

/// Where nothing is kept (max pooling), a group is one batch.
[[nodiscard]] WalkedLayer walked_layer(const Layer& layer, const Design& design,
                                       const LedgerUnits& units);

/// A power cycle as the runtime's ledger sees it.
class PowerCycle {
 public:
  explicit PowerCycle(const Ledger& ledger) : has_ledger_(ledger.kept()), left_(ledger.budget) {}

  /// Enters the layer at batch `begin` and runs as many as the cycle takes. Returns the first batch
  /// that is left to later cycles; `begin` if none runs. A cycle's first batch runs in any case.
  std::int64_t run(const WalkedLayer& layer, std::int64_t begin) {
    if (!has_started_ || fits(layer.units.entry + layer.units.fetched)) {
      take(std::min(layer.units.entry + layer.units.fetched, left_));
      has_started_ = true;
      const std::int64_t K = layer.batches_per_cycle;
      const std::int64_t end =
          K == 0 ? layer.batches : std::min(layer.batches, (begin / K + 1) * K);
      const std::int64_t stop = begin + 1 + run_on(layer, begin, end - begin - 1);
      ended_ = stop < layer.batches || K != 0;
      return stop;
    }
    ended_ = true;
    return begin;
  }

  /// Has it run a batch?
  [[nodiscard]] bool started() const { return has_started_; }
  /// Is the next batch one of another cycle?
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  [[nodiscard]] bool fits(std::int64_t units) const { return !has_ledger_ || units <= left_; }
  void take(std::int64_t units) { left_ -= units; }

  /// How many of `most` more batches of units that are alike fit. They are taken.
  std::int64_t take_alike(std::int64_t units, std::int64_t most) {
    const std::int64_t count = !has_ledger_ || units == 0 ? most : std::min(most, left_ / units);
    if (has_ledger_) take(count * units);
    return count;
  }

  /// Of `most` batches behind batch `begin`, which has run, those that fit besides.
  std::int64_t run_on(const WalkedLayer& layer, std::int64_t begin, std::int64_t most) {
    const LedgerUnits& units = layer.units;
    const std::int64_t in_group =
        std::min(most, layer.group == 1 ? 0 : layer.group - begin % layer.group - 1);
    std::int64_t count = take_alike(units.kept, in_group);
    if (count < in_group || count == most) return count;
    const std::int64_t others = layer.group - 1;
    const std::int64_t wanted = (most - count) / layer.group;
    const std::int64_t groups = take_alike(units.fetched + others * units.kept, wanted);
    count += groups * layer.group;
    if (count == most || !fits(units.fetched)) return count;
    if (has_ledger_) take(units.fetched);
    ++count;
    return count + take_alike(units.kept, std::min(most - count, others));
  }

  bool has_ledger_;
  bool has_started_ = false;
  bool ended_ = false;
  std::int64_t left_;
};

/// Runs all batches of a layer that the power cycle `cycle` begins or goes on with: calls
/// `run(begin, end)` for the batches of each cycle and `end()` where one ends, behind which `cycle`
/// is the next one.
template <class Run, class End>
void run_layer(const Ledger& ledger, PowerCycle& cycle, const WalkedLayer& layer, Run&& run,
               End&& end) {
  std::int64_t batch = 0;
  while (batch < layer.batches) {
    const std::int64_t stop = cycle.run(layer, batch);
    if (stop > batch) run(batch, stop);
    batch = stop;
    if (!cycle.ended()) continue;
    end();
    cycle = PowerCycle(ledger);
  }
}

/// Batches [begin, end) of a layer, in one power cycle.
struct CycleSegment {
  std::size_t layer = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;

  bool operator==(const CycleSegment&) const = default;
};

/// Calls `run(CycleSegment)` for what each power cycle of a network runs of each layer, in
/// sequence, and `end()` behind each cycle.
template <class Run, class End>
void for_each_power_cycle(const Ledger& ledger, std::span<const WalkedLayer> layers, Run&& run,
                          End&& end) {
  PowerCycle cycle(ledger);
  for (std::size_t index = 0; index < layers.size(); ++index) {
    run_layer(
        ledger, cycle, layers[index],
        [&](std::int64_t begin, std::int64_t stop) {
          run(CycleSegment{index, begin, stop});
        },
        end);
  }
  if (cycle.started()) end();
}

}  // namespace inas::execution
