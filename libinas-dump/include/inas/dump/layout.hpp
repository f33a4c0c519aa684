#pragma once

#include <cstdint>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>

namespace inas::dump {

/// A range of NVM.
struct Region {
  std::int64_t address = 0;
  std::int64_t bytes = 0;

  [[nodiscard]] std::int64_t end() const { return address + bytes; }
  bool operator==(const Region&) const = default;
};

/// Where a layer's data lie. `outputs` are the two copies of the output map that its steps write in
/// turn; equal if every output is written once. `finished` says which of them holds the result.
struct LayerRegions {
  Region input;
  Region outputs[2];
  int finished = 0;
  Region weights;  ///< pooling: 0 bytes

  [[nodiscard]] const Region& output() const { return outputs[finished]; }
};

/// Where everything lies in NVM: the progress area, the weights layer by layer, then feature maps,
/// which share memory where their lives do not overlap. Every region starts at a multiple of 4, as
/// the vector accelerator's operands must. The network's input lives to the end of the inference,
/// because one that is given up in any layer may be started again, and the result lies apart from
/// it.
struct MemoryLayout {
  Region progress;
  std::vector<LayerRegions> layers;
  std::int64_t image_bytes = 0;  ///< progress area and weights: what is written once
  std::int64_t total_bytes = 0;

  [[nodiscard]] const Region& input() const { return layers.front().input; }
  [[nodiscard]] const Region& output() const { return layers.back().output(); }
};

/// One layer and how it is executed.
struct ExecutedLayer {
  Layer layer;
  Design design;
};

/// Lays a network out. Throws InvalidArgument, naming the layer, if a design cannot be executed.
[[nodiscard]] MemoryLayout lay_out(const std::vector<ExecutedLayer>& layers);

}  // namespace inas::dump
