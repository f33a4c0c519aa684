#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/network.hpp>
#include <inas/core/shape_text.hpp>

#include "network_limits.hpp"

namespace inas {

namespace {

void require_fit(const Layer& layer, const Shape& found, std::string_view of) {
  if (found == layer.ifm) return;
  throw InvalidArgument(fmt::format("{}: the input is {}, allowed: {}, the output of {}",
                                    layer.name, shape_text(layer.ifm, "×"), shape_text(found, "×"),
                                    of));
}

std::int64_t input_count(const Layer& layer) { return layer.type == LayerType::add ? 2 : 1; }

void require_inputs(const Layer& layer) {
  const std::int64_t needed = input_count(layer);
  const bool is_default = layer.inputs.empty() && needed == 1;
  if (is_default || std::ssize(layer.inputs) == needed) return;
  throw InvalidArgument(fmt::format("{}: found {} inputs, allowed for a layer of type {}: {}",
                                    layer.name, layer.inputs.size(), to_string(layer.type),
                                    needed));
}

}  // namespace

std::vector<std::vector<std::int64_t>> input_indices(std::span<const Layer> layers) {
  std::unordered_map<std::string_view, std::int64_t> known{{kNetworkInputName, kNetworkInput}};
  std::unordered_set<std::string_view> ambiguous;
  std::vector<std::vector<std::int64_t>> all;
  for (const Layer& layer : layers) {
    require_inputs(layer);
    const std::int64_t index = std::ssize(all);
    std::vector<std::int64_t>& inputs = all.emplace_back();
    if (layer.inputs.empty()) inputs.push_back(index == 0 ? kNetworkInput : index - 1);
    for (const std::string& name : layer.inputs) {
      const auto found = known.find(name);
      if (found == known.end()) {
        throw InvalidArgument(
            fmt::format("{}: found the input {}, allowed: {} or a layer that stands before it",
                        layer.name, name, kNetworkInputName));
      }
      if (ambiguous.contains(name)) {
        throw InvalidArgument(
            fmt::format("{}: found the input {}, which stands for two, allowed: a name of one",
                        layer.name, name));
      }
      inputs.push_back(found->second);
    }
    if (!known.emplace(layer.name, index).second) ambiguous.insert(layer.name);
  }
  return all;
}

std::vector<std::int64_t> last_readers(std::span<const std::vector<std::int64_t>> inputs) {
  std::vector<std::int64_t> last(inputs.size());
  std::iota(last.begin(), last.end(), std::int64_t{0});
  for (std::size_t reader = 0; reader < inputs.size(); ++reader) {
    for (const std::int64_t input : inputs[reader]) {
      if (input == kNetworkInput) continue;
      last[static_cast<std::size_t>(input)] = static_cast<std::int64_t>(reader);
    }
  }
  return last;
}

void activate_hidden_layers(std::span<Layer> layers) {
  if (layers.empty()) return;
  for (Layer& layer : layers.first(layers.size() - 1)) layer.activation = Activation::relu;
}

void validate(const Network& network) {
  const std::vector<Layer>& layers = network.layers;
  if (layers.empty()) throw InvalidArgument("layers: found none, allowed: at least 1");
  if (std::ssize(layers) > kMostNetworkLayers) {
    throw InvalidArgument(
        fmt::format("layers: found {}, allowed: at most {}, because the runtime's record of "
                    "progress has 8 bits for them",
                    layers.size(), kMostNetworkLayers));
  }
  const auto inputs = input_indices(layers);
  const Layer* first_reader = nullptr;  // of the network's input
  for (std::size_t l = 0; l < layers.size(); ++l) {
    validate(layers[l]);
    for (const std::int64_t input : inputs[l]) {
      if (input != kNetworkInput) {
        const Layer& read = layers[static_cast<std::size_t>(input)];
        require_fit(layers[l], read.ofm, read.name);
      } else if (first_reader == nullptr) {
        first_reader = &layers[l];
      } else {
        require_fit(layers[l], first_reader->ifm, kNetworkInputName);
      }
    }
  }
  const std::vector<std::int64_t> last = last_readers(inputs);
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
    if (last[l] != static_cast<std::int64_t>(l)) continue;
    throw InvalidArgument(fmt::format(
        "{}: no layer reads its output, allowed: each is read but that of the last layer, {}",
        layers[l].name, layers.back().name));
  }
}

std::int64_t weight_count(const Network& network) {
  std::int64_t count = 0;
  for (const Layer& layer : network.layers) count += weight_count(layer);
  return count;
}

std::int64_t mac_count(const Network& network) {
  std::int64_t count = 0;
  for (const Layer& layer : network.layers) count += mac_count(layer);
  return count;
}

}  // namespace inas
