#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <inas/core/network.hpp>
#include <inas/core/power_supply.hpp>

namespace inas::apps {

/// A network published with TiNAS, as this runtime has it: batch normalisation is folded into the
/// convolution in front of it, which gets a bias, and a ReLU is the activation of the layer in
/// front.
struct TinasNetwork {
  std::string name;     ///< "TiNAS_CIFAR10-LAT-perc25-CCAP0.005"
  std::string dataset;  ///< "CIFAR10" or "HAR"
  PowerSupply supply;
  Network network;         ///< valid
  double published_s = 0;  ///< latency of an inference as published
  /// The part of each layer of `network`, with that of the layers folded into it.
  std::vector<double> layers_published_s;
};

/// Reads `folder`/tinas-networks.jsonl. Throws Error, naming the file, the line and the layer, for
/// what is missing, maps that do not follow from the layers, and layers that cannot be folded.
[[nodiscard]] std::vector<TinasNetwork> read_tinas_networks(const std::filesystem::path& folder);

}  // namespace inas::apps
