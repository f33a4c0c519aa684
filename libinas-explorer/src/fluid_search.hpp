#pragma once

#include <optional>

#include <inas/costmodel/schedule.hpp>
#include <inas/explorer/design_space.hpp>
#include <inas/explorer/layer_search.hpp>

namespace inas::explorer {

/// The design of `space`, a layer's, that adds least to a schedule, exactly: least `fluid_s`, then
/// least VM bytes, then first in enumeration order. Nothing if the ledger holds no batch of any
/// that fits VM, or none is kept.
[[nodiscard]] std::optional<FluidDesign> best_fluid_design(const costmodel::Device& device,
                                                           const Layer& layer,
                                                           const DesignSpace& space);

/// The same by pricing every legal design: its oracle.
[[nodiscard]] std::optional<FluidDesign> best_fluid_design_by_sweep(
    const costmodel::Device& device, const Layer& layer, const ExplorerSettings& settings);

}  // namespace inas::explorer
