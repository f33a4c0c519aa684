#pragma once

#include <cstdint>
#include <vector>

#include <inas/costmodel/schedule.hpp>

#include "firmware/test_model.hpp"

namespace inas::firmware {

/// A network with the ledger that the cost model gives it on `device`.
struct ScheduledLayers {
  std::vector<TestLayer> layers;
  std::int64_t ledger_budget = 0;

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

/// `layers`, some with K = 0, on a device that carries every batch of theirs, and as few besides as
/// `generator` likes: its capacitance is set to that.
inline ScheduledLayers scheduled_layers(costmodel::Device& device, std::vector<TestLayer> layers,
                                        Generator& generator) {
  for (device.supply.capacitance_f = 2e-4;; device.supply.capacitance_f *= 1.05) {
    const costmodel::SchedulePrices prices(device);
    bool all_fit = true;
    for (TestLayer& of : layers) {
      const auto layer = costmodel::scheduled_layer(device, prices, of.layer, of.design);
      all_fit = all_fit && costmodel::fits(prices.ledger(), layer.walked);
      of.units = layer.walked.units;
    }
    if (all_fit && generator() % 4 == 0) return {layers, prices.ledger().budget};
  }
}

}  // namespace inas::firmware
