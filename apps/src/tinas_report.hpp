#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <inas/core/platform.hpp>
#include <inas/explorer/explorer.hpp>

#include "tinas_networks.hpp"

namespace inas::apps {

/// A network published with TiNAS, explored anew on a platform.
struct TinasPrice {
  TinasNetwork of;
  /// The constraint that it breaks on the platform that was asked for.
  std::optional<explorer::Infeasibility> broken;
  /// The one that it is priced on: the same, with more NVM if that was the constraint.
  Platform platform;
  /// With `why` it has no price.
  explorer::NetworkResult result;
};

/// The best designs of the full space at the network's supply. Its voltages are not compared with
/// the platform's: those published are above what the part works at, as if behind a regulator
/// without losses. Throws InvalidArgument for an invalid platform.
[[nodiscard]] TinasPrice tinas_price(const TinasNetwork& network, const Platform& platform);

/// Each network beside what was published, what each breaks, and the geometric mean of how many
/// times less their latencies are.
[[nodiscard]] std::string tinas_table(std::span<const TinasPrice> prices);
[[nodiscard]] std::string tinas_json(std::span<const TinasPrice> prices);
[[nodiscard]] std::string tinas_csv(std::span<const TinasPrice> prices);

/// A network that has a price layer by layer, as scheduled; what was published of layers that are
/// folded into another one belongs to that.
[[nodiscard]] std::string tinas_layer_table(const TinasPrice& price);
[[nodiscard]] std::string tinas_layer_json(const TinasPrice& price);
[[nodiscard]] std::string tinas_layer_csv(const TinasPrice& price);

}  // namespace inas::apps
