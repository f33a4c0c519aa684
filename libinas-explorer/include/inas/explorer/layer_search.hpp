#pragma once

#include <cstdint>
#include <optional>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/core/settings.hpp>
#include <inas/costmodel/device.hpp>
#include <inas/execution/batches.hpp>
#include <inas/explorer/infeasibility.hpp>

namespace inas::explorer {

/// A design of a layer and what it costs. Under continuous power both energies are the whole
/// layer's and there are no power cycles.
struct DesignEvaluation {
  Design design;
  std::int64_t vm_bytes = 0;
  double energy_max_j = 0;  ///< of the dearest power cycle
  double energy_min_j = 0;  ///< of a power cycle at the first input-channel step; K = 0: the least
  /// End to end, beginning and ending with a power cycle; infinite if one exceeds the budget.
  double latency_s = 0;
  execution::PowerCycles cycles;  ///< with K = 0, where cycles are not alike: all are `first`
  bool spatial = false;           ///< C0 holds
  bool atomicity = false;         ///< C1 holds; always true under continuous power

  [[nodiscard]] bool feasible() const { return spatial && atomicity; }
  bool operator==(const DesignEvaluation&) const = default;
};

/// Prices one design of one layer on a device, whatever its supply.
[[nodiscard]] DesignEvaluation evaluate(const costmodel::Device& device, const Layer& layer,
                                        const Design& design);

/// The design of a layer that adds least to a schedule by the energy ledger; its K is 0.
struct FluidDesign {
  Design design;
  std::int64_t vm_bytes = 0;
  /// `SchedulePrices::fluid_s` of the layer's work without a cut: no schedule of the layer with any
  /// design adds less.
  double fluid_s = 0;

  bool operator==(const FluidDesign&) const = default;
};

/// The best designs of a layer, or why there is none.
struct LayerResult {
  std::optional<DesignEvaluation> best;  ///< of a layer that begins and ends with a power cycle
  std::optional<Infeasibility> why;      ///< set if and only if `best` is not
  /// Nothing without a ledger, or if none of its batches would fit it.
  std::optional<FluidDesign> fluid = {};

  bool operator==(const LayerResult&) const = default;
};

/// The exact best legal designs of `layer`. `best`: least end-to-end latency, then least VM bytes,
/// then first in enumeration order; latencies are compared as doubles, without tolerance. If none
/// is feasible: the constraint is atomicity if any design fits VM, else spatial, and the nearest
/// design is the one with the least energy per power cycle (or the least VM bytes), the first of
/// equals. Throws InvalidArgument for an invalid layer. Source: cost-model page, section 5.
[[nodiscard]] LayerResult best_design(const costmodel::Device& device, const Layer& layer,
                                      const ExplorerSettings& settings);

/// The same by pricing every legal design: the oracle of `best_design`.
[[nodiscard]] LayerResult best_design_by_sweep(const costmodel::Device& device, const Layer& layer,
                                               const ExplorerSettings& settings);

}  // namespace inas::explorer
