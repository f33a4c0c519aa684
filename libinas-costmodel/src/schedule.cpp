#include <algorithm>
#include <cmath>
#include <limits>

#include <inas/costmodel/schedule.hpp>
#include <inas/execution/design_check.hpp>

namespace inas::costmodel {
namespace {

/// Sums of energies are off by some parts in 2⁵³: what is rounded up, or bounded, is safe with
/// this.
constexpr double kSafety = 1e-12;

/// The layers of a network, and the ledger that their designs ask for.
struct Plan {
  SchedulePrices prices;
  std::vector<ScheduledLayer> layers;
  Ledger ledger;
};

Plan plan_of(const Device& device, std::span<const Layer> layers, std::span<const Design> designs) {
  Plan plan{.prices = SchedulePrices(device), .layers = {}, .ledger = {}};
  for (std::size_t index = 0; index < layers.size(); ++index) {
    plan.layers.push_back(scheduled_layer(device, plan.prices, layers[index], designs[index]));
    if (designs[index].batches_per_cycle == 0) plan.ledger = plan.prices.ledger();
  }
  return plan;
}

}  // namespace

bool runs_on_ledger(const PowerSupply& supply, std::span<const Design> designs) {
  return supply.kind == PowerKind::intermittent &&
         std::any_of(designs.begin(), designs.end(),
                     [](const Design& design) { return design.batches_per_cycle == 0; });
}

SchedulePrices::SchedulePrices(const Device& device)
    : overheads_(cycle_overheads(device.profile)),
      recharge_(device.profile.faults, device.supply),
      budget_j_(energy_budget_j(device.supply)) {
  const Cost overhead = overheads_.of_cycle();
  const double room_j = budget_j_ - overhead.energy_j;
  if (room_j > 0) ledger_ = {kMostLedgerUnits, room_j / static_cast<double>(kMostLedgerUnits)};
  fluid_s_per_j_ =
      room_j > 0
          ? (1 - kSafety) * (overhead.latency_s + recharge_.least_s_per_j() * budget_j_) / room_j
          : std::numeric_limits<double>::infinity();
}

LedgerUnits SchedulePrices::units_of(const BatchEnergies& energies) const {
  const auto units = [&](double energy_j) {
    // Far above what fits is as good as any number above it.
    const double exact = std::min((1 + kSafety) * energy_j / ledger_.unit_j, 1e9);
    return static_cast<std::int64_t>(std::ceil(exact));
  };
  if (!ledger_.kept()) return {};
  return {units(energies.entry_j), units(energies.fetched_j), units(energies.kept_j)};
}

ScheduledLayer scheduled_layer(const Device& device, const SchedulePrices& prices,
                               const Layer& layer, const Design& design) {
  execution::check_design(layer, design);
  BatchSums sums(device.profile, layer, design);
  const LedgerUnits units = prices.units_of(sums.dearest());
  return {execution::walked_layer(layer, design, units), std::move(sums)};
}

void Schedule::run(const ScheduledLayer& layer) {
  execution::run_layer(
      ledger_, cycle_, layer.walked,
      [&](std::int64_t begin, std::int64_t end) { work_ = work_ + layer.sums.of(begin, end); },
      [&] { end_cycle(); });
}

void Schedule::finish() {
  if (cycle_.started()) end_cycle();
}

void Schedule::end_cycle() {
  const Cost cycle = prices_->overheads().of_cycle() + work_;
  totals_.latency_s += cycle.latency_s + prices_->recharge_s(cycle.energy_j);
  totals_.energy_max_j = std::max(totals_.energy_max_j, cycle.energy_j);
  totals_.energy_min_j =
      totals_.power_cycles == 0 ? cycle.energy_j : std::min(totals_.energy_min_j, cycle.energy_j);
  ++totals_.power_cycles;
  work_ = {};
}

ScheduleTotals schedule(const Device& device, std::span<const Layer> layers,
                        std::span<const Design> designs) {
  const Plan plan = plan_of(device, layers, designs);
  Schedule schedule(plan.prices, plan.ledger);
  for (const ScheduledLayer& layer : plan.layers) schedule.run(layer);
  schedule.finish();
  return schedule.totals();
}

std::vector<ScheduledCycle> scheduled_cycles(const Device& device, std::span<const Layer> layers,
                                             std::span<const Design> designs) {
  const Plan plan = plan_of(device, layers, designs);
  std::vector<execution::WalkedLayer> walked;
  for (const ScheduledLayer& layer : plan.layers) walked.push_back(layer.walked);
  const CycleOverheads& overheads = plan.prices.overheads();
  std::vector<ScheduledCycle> cycles;
  ScheduledCycle now;
  execution::for_each_power_cycle(
      plan.ledger, walked,
      [&](const execution::CycleSegment& segment) {
        now.segments.push_back(segment);
        now.cost = now.cost + plan.layers[segment.layer].sums.parts_of(segment.begin, segment.end);
      },
      [&] {
        now.cost.boot = overheads.boot;
        now.cost.index_fetch = overheads.index_fetch;
        now.cost.count = overheads.count;
        now.recharge_s = plan.prices.recharge_s(now.cost.total().energy_j);
        cycles.push_back(std::exchange(now, {}));
      });
  return cycles;
}

}  // namespace inas::costmodel
