#pragma once

#include <cstdint>
#include <vector>

#include <inas/core/layer.hpp>

namespace inas {

/// A chain of layers: the OFM of each is the IFM of the next.
struct Network {
  std::vector<Layer> layers;

  bool operator==(const Network&) const = default;
};

/// Throws InvalidArgument if there is no layer, a layer is invalid, or two neighbours do not fit.
void validate(const Network& network);

[[nodiscard]] std::int64_t weight_count(const Network& network);
[[nodiscard]] std::int64_t mac_count(const Network& network);

}  // namespace inas
