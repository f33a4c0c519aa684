#pragma once

#include <optional>

#include <inas/costmodel/schedule.hpp>
#include <inas/explorer/layer_search.hpp>

namespace inas::explorer {

/// The design of a layer that adds least to a schedule, exactly: least `fluid_s`, then least VM
/// bytes, then first in enumeration order. Nothing if the ledger holds no batch of any that fits
/// VM. The layer is valid, `settings` name their units. `known` is a legal design to begin with:
/// the better it is, the less is looked at.
[[nodiscard]] std::optional<FluidDesign> best_fluid_design(const costmodel::Device& device,
                                                           const Layer& layer,
                                                           const ExplorerSettings& settings,
                                                           const Design& known);

/// The same by pricing every legal design: its oracle.
[[nodiscard]] std::optional<FluidDesign> best_fluid_design_by_sweep(
    const costmodel::Device& device, const Layer& layer, const ExplorerSettings& settings);

}  // namespace inas::explorer
