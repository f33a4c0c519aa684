#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/core/ledger.hpp>
#include <inas/costmodel/batch_sums.hpp>
#include <inas/costmodel/cost.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/costmodel/intermittent.hpp>
#include <inas/costmodel/recharge.hpp>
#include <inas/execution/power_cycle_walk.hpp>

/// A network as scheduled: power cycles run on over the ends of groups and layers, as far as the
/// runtime's energy ledger lets them. Intermittent power only. Source: cost-model page, section 10.
namespace inas::costmodel {

/// What scheduling needs to know of a device.
class SchedulePrices {
 public:
  explicit SchedulePrices(const Device& device);

  /// Its budget is as many units as the runtime counts, if the energy budget is more than what a
  /// power cycle costs before its first batch; otherwise there is none.
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] const CycleOverheads& overheads() const { return overheads_; }
  [[nodiscard]] double recharge_s(double energy_j) const { return recharge_(energy_j); }
  [[nodiscard]] double budget_j() const { return budget_j_; }

  /// Units of a layer's batches: rounded up, so that the ledger never says less than is spent. They
  /// may exceed the ledger's budget.
  [[nodiscard]] LedgerUnits units_of(const BatchEnergies& energies) const;

  /// A lower bound of what `work` adds to any schedule of any network: its time, and its energy at
  /// the least that a joule costs, (boot + recharge)/(budget − boot energy) of a cycle that uses
  /// its budget up. Infinite if the budget does not carry a boot.
  [[nodiscard]] double fluid_s(const Cost& work) const {
    return work.latency_s + fluid_s_per_j_ * work.energy_j;
  }

 private:
  CycleOverheads overheads_;
  Recharge recharge_;
  double budget_j_;
  Ledger ledger_;
  double fluid_s_per_j_;
};

/// A layer with a design, ready to be scheduled.
struct ScheduledLayer {
  execution::WalkedLayer walked;
  BatchSums sums;
};

/// Checks the design.
[[nodiscard]] ScheduledLayer scheduled_layer(const Device& device, const SchedulePrices& prices,
                                             const Layer& layer, const Design& design);

/// Is there a ledger whose budget holds every batch of the layer?
[[nodiscard]] inline bool fits(const Ledger& ledger, const execution::WalkedLayer& layer) {
  return ledger.kept() && layer.units.entry + layer.units.fetched <= ledger.budget;
}

/// Do power cycles run on over the ends of layers? Under intermittent power, with a design of K =
/// 0.
[[nodiscard]] bool runs_on_ledger(const PowerSupply& supply, std::span<const Design> designs);

/// What a schedule takes, recharging behind its last cycle included.
struct ScheduleTotals {
  double latency_s = 0;
  std::int64_t power_cycles = 0;
  double energy_max_j = 0;  ///< of the dearest power cycle
  double energy_min_j = 0;  ///< of the cheapest one
};

/// A schedule in the making: where it stands behind a network's first layers. Copies go on
/// independently.
class Schedule {
 public:
  explicit Schedule(const SchedulePrices& prices) : Schedule(prices, prices.ledger()) {}
  /// With another ledger, or none.
  Schedule(const SchedulePrices& prices, const Ledger& ledger)
      : prices_(&prices), ledger_(ledger), cycle_(ledger) {}

  void run(const ScheduledLayer& layer);
  /// Ends the cycle that is running.
  void finish();
  /// Behind `finish`.
  [[nodiscard]] const ScheduleTotals& totals() const { return totals_; }

 private:
  void end_cycle();

  const SchedulePrices* prices_;
  Ledger ledger_;
  execution::PowerCycle cycle_;
  Cost work_;  ///< of the cycle that is running
  ScheduleTotals totals_;
};

/// The schedule of a network with a design each, at least one of them with K = 0. The ledger's
/// budget must hold every batch. Checks the designs.
[[nodiscard]] ScheduleTotals schedule(const Device& device, std::span<const Layer> layers,
                                      std::span<const Design> designs);

/// A power cycle as scheduled.
struct ScheduledCycle {
  std::vector<execution::CycleSegment> segments;
  CycleCost cost;
  double recharge_s = 0;
};

/// The same, cycle by cycle. Without a ledger (no design with K = 0) cycles end by K alone.
[[nodiscard]] std::vector<ScheduledCycle> scheduled_cycles(const Device& device,
                                                           std::span<const Layer> layers,
                                                           std::span<const Design> designs);

}  // namespace inas::costmodel
