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
  double energy_min_j = 0;  ///< of a power cycle at the first input-channel step
  double latency_s = 0;     ///< end to end; infinite if a power cycle exceeds the budget
  execution::PowerCycles cycles;
  bool spatial = false;    ///< C0 holds
  bool atomicity = false;  ///< C1 holds; always true under continuous power

  [[nodiscard]] bool feasible() const { return spatial && atomicity; }
  bool operator==(const DesignEvaluation&) const = default;
};

/// Prices one design of one layer on a device, whatever its supply.
[[nodiscard]] DesignEvaluation evaluate(const costmodel::Device& device, const Layer& layer,
                                        const Design& design);

/// The best design of a layer, or why there is none.
struct LayerResult {
  std::optional<DesignEvaluation> best;
  std::optional<Infeasibility> why;  ///< set if and only if `best` is not

  bool operator==(const LayerResult&) const = default;
};

/// The exact best legal design of `layer`: least end-to-end latency, then least VM bytes, then
/// first in enumeration order; latencies are compared as doubles, without tolerance. If none is
/// feasible: the constraint is atomicity if any design fits VM, else spatial, and the nearest
/// design is the one with the least energy per power cycle (or the least VM bytes), the first of
/// equals. Throws InvalidArgument for an invalid layer. Source: cost-model page, section 5.
[[nodiscard]] LayerResult best_design(const costmodel::Device& device, const Layer& layer,
                                      const ExplorerSettings& settings);

/// The same by pricing every legal design: the oracle of `best_design`.
[[nodiscard]] LayerResult best_design_by_sweep(const costmodel::Device& device, const Layer& layer,
                                               const ExplorerSettings& settings);

}  // namespace inas::explorer
