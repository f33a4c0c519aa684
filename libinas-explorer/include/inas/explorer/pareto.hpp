#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/core/network.hpp>
#include <inas/core/rounds_done.hpp>
#include <inas/core/settings.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/explorer/infeasibility.hpp>

/// What a designer can trade: the fastest execution of a layer is one of many that nothing beats in
/// every respect. Intermittent power only.
///
/// One thing dominates another if it is nowhere worse and somewhere better; a front is what nothing
/// dominates. Values are compared as doubles, without tolerance. All legal designs are considered:
/// every tile (ragged ones too), loop order, mac, dma and S that the settings offer, and with
/// multiple_batches every legal K, because fewer batches need less energy per power cycle.
namespace inas::explorer {

/// A design and the five values that the front of a layer weighs, all better when less.
struct ParetoDesign {
  Design design;
  double latency_s = 0;              ///< end to end, recharging included
  double energy_per_cycle_j = 0;     ///< of the dearest power cycle
  std::int64_t vm_bytes = 0;         ///< tile buffers
  double nvm_energy_j = 0;           ///< of all NVM traffic of the layer
  double management_overhead = 0.0;  ///< IMO, a share from 0 to 1

  bool operator==(const ParetoDesign&) const = default;
};

/// Prices `design` in the five respects. Shapes as for costmodel::intermittent_cost, which gives
/// CycleCost `first` and `later` and their counts n_f and n_l, with ragged tiles for each of its
/// parts; sums are over all power cycles. With pooling's own input tile
/// (fault 5 concerns queries of the published code and is not applied):
///
///   nvm_energy_j = Σ n·(fetch + index_fetch + backup + index_backup), of energies, over both
///   kinds of power cycle;
///   management_overhead = Σ n·(boot + index_fetch + backup + index_backup) + refetched, of
///   latencies, divided by the time that the device is on, Σ n·total. Recharging belongs to
///   neither, so that the harvester does not change it.
///   refetched = max(0, Σ n·fetch − fetch of the same tiles in the same order under continuous
///   power), what a reboot makes necessary to read again: the reused operand, or the partial sums
///   of reuse_O.
///
/// Backups count in full, final outputs included, because a design does not tell them apart.
/// Sources: cost-model page, sections 3 and 4. latency_s is infinite if a power cycle exceeds the
/// budget. Throws InvalidArgument for a design that check_design refuses, or a continuous supply.
[[nodiscard]] ParetoDesign pareto_values(const costmodel::Device& device, const Layer& layer,
                                         const Design& design);

/// The front of one layer, or why no design is feasible.
struct LayerFront {
  std::vector<ParetoDesign> designs;  ///< ascending latency, then the other values in their order
  std::optional<Infeasibility> why;   ///< set if and only if there is none
};

/// The designs of `layer` that keep C0 and C1 and that no other such design dominates in the five
/// values; of designs with equal values the first in enumeration order. Time grows with the number
/// of designs times the size of the front. Throws InvalidArgument for an invalid layer or device,
/// or a continuous supply.
[[nodiscard]] LayerFront layer_front(const costmodel::Device& device, const Layer& layer,
                                     const ExplorerSettings& settings);

/// A design for every layer of a network, and the three values that the front of a network weighs.
struct ParetoNetwork {
  std::vector<Design> designs;
  double latency_s = 0;           ///< sum over the layers, in layer order from 0
  double energy_per_cycle_j = 0;  ///< of the dearest power cycle of all layers
  std::int64_t vm_bytes = 0;      ///< of the largest tile buffers

  bool operator==(const ParetoNetwork&) const = default;
};

/// The front of a network, or why it is infeasible.
struct NetworkFront {
  std::vector<ParetoNetwork> networks;  ///< ascending latency, then energy, then VM bytes
  /// 0: the front is exact. Otherwise it was thinned: for every network of the exact front a listed
  /// one needs no more energy per power cycle and no more VM, and at most 1 + epsilon times the
  /// latency.
  double epsilon = 0;
  /// Points of the front that are not listed, because their designs need more NVM than there is.
  /// Points that only they dominate are not listed either.
  std::int64_t left_out = 0;
  std::optional<Infeasibility> why;
};

/// The front of `network` in (latency, energy per power cycle, VM bytes) over all combinations of
/// the layers' designs.
///
/// Latencies add up and the other two are maxima, so a front needs no products of fronts: under
/// bounds e of the energy and v of VM the least latency is the sum of each layer's least latency
/// under the same bounds, f(e, v); and only values that occur in a layer need be tried as bounds.
/// f never rises with e or v, so (e, v) is on the front exactly where f is less than at the bounds
/// next below each. Rounding keeps this: a rounded sum never falls when a summand grows.
///
/// If the exact front has more than `most_networks` points, the least epsilon of 1e-4·2^k that
/// thins it to so many is used and reported. The NVM constraint is not part of the bounds: of
/// the points found those are left out, and counted, whose designs need more than there is. `done`
/// is told of the layers, whose fronts take most of the time. Throws
/// InvalidArgument for an invalid network or device, a continuous supply, or if `most_networks` is
/// below 1 or below the number of points that differ in energy and VM where no latency, however
/// coarse, joins them.
[[nodiscard]] NetworkFront network_front(const costmodel::Device& device, const Network& network,
                                         const ExplorerSettings& settings,
                                         std::int64_t most_networks = 10'000,
                                         const RoundsDone& done = {});

}  // namespace inas::explorer
