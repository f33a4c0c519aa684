#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>

/// Where a network's data lie in NVM, and how much of it they need.
///
/// From address 0: progress area, weights, the network's input, the other maps. Every region starts
/// at a multiple of 4, as the vector accelerator's operands must. A map lives from the layer that
/// writes it to the last one that reads it; the network's input lives to the end of the inference,
/// because an inference may be given up in any layer and started again. A layer that writes its
/// outputs more than once has two copies of its output map, which live while it runs. Maps share
/// memory where their lives do not overlap.
///
/// In a chain only neighbours live together, so outputs lie at the two ends of one area in turn,
/// and the area is no larger than the layer that needs most of it:
///
///   need = progress + Σ weights + input + max over the layers of
///          (own input, if not the network's) + output·(copies of it),       each rounded up to 4.
///
/// So it is where adds close over chains, one behind the other: a chain's input, which its add
/// reads as well, waits at its end of the area (`held_maps`); the outputs in between lie beside it
/// and at the other end in turn, so that the add's lies at the other end. What waits counts to what
/// a layer needs, unless it is the network's input.
///
/// In any other graph maps get the lowest place that is free while they live, the largest map first
/// or in the order of the layers, whichever needs less. That may be more than what lives at any one
/// time.
namespace inas::execution {

/// Of the progress area: two records of 8 bytes and what the runtime counts besides.
inline constexpr std::int64_t kProgressBytes = 18;

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
  Region second_input;  ///< 0 bytes unless the layer reads two maps
  Region outputs[2];
  int finished = 0;
  Region weights;  ///< 0 bytes if the layer has none

  [[nodiscard]] const Region& output() const { return outputs[finished]; }
};

/// Where everything lies. The result and the input stay until the next inference is started.
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

/// Lays a network, one layer at least, which is valid, out with values of 16 bits. Takes any tile
/// within its extents and any S that divides its loop, legal or not.
[[nodiscard]] MemoryLayout lay_out(const std::vector<ExecutedLayer>& layers);

/// Of a layer, the layer whose output waits for a later add, or for its own as the second input,
/// while it runs, and is not what it reads first; `kNetworkInput` for the network's input. Nothing:
/// none waits.
using HeldMap = std::optional<std::int64_t>;

/// What waits while each layer runs, given what each reads (`input_indices`). Nothing at all unless
/// each layer reads the one before it, and adds besides, in any order, one before that between
/// which and the add there is no other add.
[[nodiscard]] std::optional<std::vector<HeldMap>> held_maps(
    std::span<const std::vector<std::int64_t>> inputs);

/// What a layer adds to the need of a network that has `held_maps`: weights add up, of what lives
/// in a layer the most counts. `data_bytes` is D, bytes per value.
struct LayerNvm {
  std::int64_t weight_bytes = 0;
  std::int64_t live_bytes = 0;
};

/// How the need adds up along such a network: fixed + Σ weights + most live.
struct NvmSum {
  std::int64_t fixed_and_weights = 0;
  std::int64_t most_live = 0;

  void add(const LayerNvm& layer) {
    fixed_and_weights += layer.weight_bytes;
    most_live = std::max(most_live, layer.live_bytes);
  }
  [[nodiscard]] std::int64_t bytes() const { return fixed_and_weights + most_live; }
};

/// What a map of so many values takes.
[[nodiscard]] std::int64_t map_bytes(std::int64_t values, std::int64_t data_bytes);
/// `is_first`: the layer's input is the network's. `held`: values of the map that waits beside it,
/// 0 for none and for the network's input.
[[nodiscard]] LayerNvm layer_nvm(const Layer& layer, const Design& design, bool is_first,
                                 std::int64_t held, std::int64_t data_bytes);
/// What every network with this input needs: progress area and input map.
[[nodiscard]] std::int64_t fixed_nvm_bytes(const Shape& input, std::int64_t data_bytes);

/// The need of a network; `lay_out(layers).total_bytes` for D = 2.
[[nodiscard]] std::int64_t nvm_need_bytes(const std::vector<ExecutedLayer>& layers,
                                          std::int64_t data_bytes);

/// What the published explorer counts: D·(2·largest feature map + all weights), with nothing fixed.
/// Source: cost-model page, section 3.
[[nodiscard]] LayerNvm published_layer_nvm(const Layer& layer, std::int64_t data_bytes);

}  // namespace inas::execution
