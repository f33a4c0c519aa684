#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/network.hpp>

namespace inas {

void validate(const Network& network) {
  if (network.layers.empty())
    throw InvalidArgument("the network has no layers, allowed: at least 1");
  const Layer* previous = nullptr;
  for (const Layer& layer : network.layers) {
    validate(layer);
    if (previous != nullptr && previous->ofm != layer.ifm) {
      throw InvalidArgument(
          fmt::format("{}: the input is {}×{}×{}, allowed: {}×{}×{}, the output of {}", layer.name,
                      layer.ifm.channels, layer.ifm.height, layer.ifm.width, previous->ofm.channels,
                      previous->ofm.height, previous->ofm.width, previous->name));
    }
    previous = &layer;
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
