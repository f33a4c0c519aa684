#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <inas/core/layer.hpp>

namespace inas {

/// Layers in the order in which they run, which is part of the network. Each reads the outputs of
/// the layer before it, or of those that it names (`Layer::inputs`): a graph.
struct Network {
  std::vector<Layer> layers;

  bool operator==(const Network&) const = default;
};

/// What `Layer::inputs` calls the network's input.
inline constexpr std::string_view kNetworkInputName = "INPUT";
/// The index that stands for it.
inline constexpr std::int64_t kNetworkInput = -1;

/// Of each layer the indices of those whose outputs it reads, in the order of its inputs. Throws
/// InvalidArgument, naming the layer, if an input is not one that stands before it, or its name
/// stands for two, or an add has not two inputs and any other layer not one.
[[nodiscard]] std::vector<std::vector<std::int64_t>> input_indices(std::span<const Layer> layers);

/// For each layer the index of the last one that reads its outputs; its own index if none does.
[[nodiscard]] std::vector<std::int64_t> last_readers(
    std::span<const std::vector<std::int64_t>> inputs);

/// Gives every layer but the last the activation relu.
void activate_hidden_layers(std::span<Layer> layers);

/// Throws InvalidArgument if there are not 1 to 255 layers, one is invalid, `input_indices` throws,
/// a layer and one that it reads do not fit, the network's input has two shapes or no reader, or
/// nobody reads a layer's outputs but the last one's.
void validate(const Network& network);

[[nodiscard]] std::int64_t weight_count(const Network& network);
[[nodiscard]] std::int64_t mac_count(const Network& network);

}  // namespace inas
