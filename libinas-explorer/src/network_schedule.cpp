#include "network_schedule.hpp"

namespace inas::explorer {

LayerSchedules layer_schedules(const costmodel::Device& device,
                               const costmodel::SchedulePrices& prices, const Layer& layer,
                               const LayerResult& result) {
  LayerSchedules schedules{.by_layers_s = result.best->latency_s, .carried = {}, .fluid = {}};
  const auto scheduled = [&](Design design) -> std::optional<costmodel::ScheduledLayer> {
    design.batches_per_cycle = 0;
    costmodel::ScheduledLayer of = costmodel::scheduled_layer(device, prices, layer, design);
    if (!costmodel::fits(prices.ledger(), of.walked)) return std::nullopt;
    return of;
  };
  schedules.carried = scheduled(result.best->design);
  if (result.fluid) {
    schedules.fluid = scheduled(result.fluid->design);
    Design design = result.best->design;
    design.batches_per_cycle = 0;
    schedules.alike = schedules.carried && design == result.fluid->design;
  }
  return schedules;
}

void set_schedule(const costmodel::SchedulePrices& prices,
                  std::span<const costmodel::ScheduledLayer> layers, NetworkResult& result) {
  costmodel::Schedule schedule(prices);
  for (const costmodel::ScheduledLayer& layer : layers) {
    schedule.run(layer);
    result.units.push_back(layer.walked.units);
  }
  schedule.finish();
  result.ledger = prices.ledger();
  result.latency_s = schedule.totals().latency_s;
  result.power_cycles = schedule.totals().power_cycles;
  result.energy_max_j = schedule.totals().energy_max_j;
}

}  // namespace inas::explorer
