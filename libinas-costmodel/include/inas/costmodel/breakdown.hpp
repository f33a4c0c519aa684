#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/costmodel/cost.hpp>
#include <inas/costmodel/device.hpp>

/// Where the time and the energy of an inference go, layer by layer.
///
/// The parts are those of a power cycle (`CycleCost`). What a cycle has once, its boot, its
/// progress area and its recharging, belongs to the layers that it runs, to each by the energy of
/// its work: the parts of all layers add up to the latency and the energy of the network.
namespace inas::costmodel {

/// The parts of a layer or of a network.
struct Breakdown {
  Cost boot = {};         ///< boots, and what the CPU does at the start of a cycle
  Cost fetch = {};        ///< inputs, weights and partial sums, NVM → VM
  Cost compute = {};      ///< products, pooled values, output values
  Cost bookkeeping = {};  ///< entry, batches, tiles; the progress area: reading, count and records
  Cost backup = {};       ///< outputs, VM → NVM
  double recharge_s = 0;

  /// The part of the time in which the device is on, and all energy.
  [[nodiscard]] Cost active() const { return boot + fetch + compute + bookkeeping + backup; }
  [[nodiscard]] double latency_s() const { return active().latency_s + recharge_s; }
};

[[nodiscard]] inline Breakdown operator+(const Breakdown& a, const Breakdown& b) {
  return {a.boot + b.boot,       a.fetch + b.fetch,
          a.compute + b.compute, a.bookkeeping + b.bookkeeping,
          a.backup + b.backup,   a.recharge_s + b.recharge_s};
}

struct LayerBreakdown {
  Breakdown parts;
  /// The law with the largest share of the layer's energy, to which the recharging belongs as well:
  /// its key in the profile's JSON form, and that share.
  std::string law;
  double law_share = 0;
};

struct NetworkBreakdown {
  std::vector<LayerBreakdown> layers;
  std::int64_t power_cycles = 0;  ///< 0 under continuous power

  [[nodiscard]] Breakdown total() const {
    Breakdown sum;
    for (const LayerBreakdown& layer : layers) sum = sum + layer.parts;
    return sum;
  }
};

/// By layers: each begins and ends with a power cycle. Under continuous power there are none.
/// Designs with K = 0 must fit the ledger. Checks the designs.
[[nodiscard]] NetworkBreakdown breakdown_by_layers(const Device& device,
                                                   std::span<const Layer> layers,
                                                   std::span<const Design> designs);

/// As scheduled: power cycles run on over the ends of layers. Intermittent power only.
[[nodiscard]] NetworkBreakdown breakdown_as_scheduled(const Device& device,
                                                      std::span<const Layer> layers,
                                                      std::span<const Design> designs);

/// As the runtime executes it: as scheduled if it runs on the ledger, by layers otherwise.
[[nodiscard]] NetworkBreakdown breakdown(const Device& device, std::span<const Layer> layers,
                                         std::span<const Design> designs);

}  // namespace inas::costmodel
