#pragma once

#include <algorithm>
#include <cstdint>

#include <inas/costmodel/device.hpp>
#include <inas/execution/nvm_layout.hpp>

namespace inas::explorer {

/// How the NVM need of a network adds up on a device: what the input needs, which counts to the
/// first layer, the weights of all layers, and of what lives in a layer the most. That is the
/// layout's need, with the designs that were chosen. A profile with the published constraint has
/// the same form with other summands, which know no designs, so that it is checked before there are
/// any.
class NvmRule {
 public:
  explicit NvmRule(const costmodel::Device& device)
      : data_bytes_(device.platform.data_bytes),
        published_(device.profile.faults.nvm_holds_two_largest_maps) {}

  [[nodiscard]] bool needs_designs() const { return !published_; }

  /// Without what waits beside it. `is_first`: the layer's input is the network's.
  [[nodiscard]] execution::LayerNvm of_layer(const Layer& layer, const Design& design,
                                             bool is_first) const {
    if (published_) return execution::published_layer_nvm(layer, data_bytes_);
    execution::LayerNvm nvm = execution::layer_nvm(layer, design, is_first, 0, data_bytes_);
    if (is_first) nvm.weight_bytes += execution::fixed_nvm_bytes(layer.ifm, data_bytes_);
    return nvm;
  }
  /// What waits beside a layer, of so many values: see `execution::held_maps`.
  [[nodiscard]] std::int64_t of_held(std::int64_t values) const {
    return published_ ? 0 : execution::map_bytes(values, data_bytes_);
  }

 private:
  std::int64_t data_bytes_;
  bool published_;
};

}  // namespace inas::explorer
