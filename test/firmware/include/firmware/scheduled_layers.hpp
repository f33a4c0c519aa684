#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <inas/costmodel/schedule.hpp>

#include "firmware/test_model.hpp"

namespace inas::firmware {

/// A network with the ledger that the cost model gives it on a device; budget 0 where no K is 0.
struct ScheduledLayers {
  std::vector<TestLayer> layers;
  std::int64_t ledger_budget = 0;
  bool every_batch_fits = true;  ///< the budget

  [[nodiscard]] std::vector<Layer> plain() const {
    std::vector<Layer> all;
    for (const TestLayer& of : layers) all.push_back(of.layer);
    return all;
  }
  [[nodiscard]] std::vector<Design> designs() const {
    std::vector<Design> all;
    for (const TestLayer& of : layers) all.push_back(of.design);
    return all;
  }
};

inline ScheduledLayers with_ledger(const costmodel::Device& device, std::vector<TestLayer> layers) {
  const auto unbounded = [](const TestLayer& of) { return of.design.batches_per_cycle == 0; };
  if (std::none_of(layers.begin(), layers.end(), unbounded)) return {std::move(layers)};
  const costmodel::SchedulePrices prices(device);
  ScheduledLayers scheduled{std::move(layers), prices.ledger().budget};
  for (TestLayer& of : scheduled.layers) {
    const execution::WalkedLayer walked =
        costmodel::scheduled_layer(device, prices, of.layer, of.design).walked;
    scheduled.every_batch_fits =
        scheduled.every_batch_fits && costmodel::fits(prices.ledger(), walked);
    of.units = walked.units;
  }
  return scheduled;
}

/// The same where some K are 0, on a device that carries every batch, and as few besides as
/// `generator` likes: its capacitance is set to that.
inline ScheduledLayers with_tight_ledger(costmodel::Device& device,
                                         const std::vector<TestLayer>& layers,
                                         Generator& generator) {
  for (device.supply.capacitance_f = 2e-4;; device.supply.capacitance_f *= 1.05) {
    const ScheduledLayers scheduled = with_ledger(device, layers);
    if (scheduled.every_batch_fits && generator() % 4 == 0) return scheduled;
  }
}

}  // namespace inas::firmware
