#pragma once

#include <inas/explorer/layer_search.hpp>

namespace inas::explorer {

/// `best_design` under continuous power.
[[nodiscard]] LayerResult best_continuous_design(const costmodel::Device& device,
                                                 const Layer& layer,
                                                 const ExplorerSettings& settings);

}  // namespace inas::explorer
