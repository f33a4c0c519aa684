#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/network.hpp>
#include <inas/core/power_supply.hpp>

namespace inas::apps {

/// A network published with the paper: its supply and the design of every layer.
struct PublishedSolution {
  std::string name;     ///< "cifar 5 mF TS1"
  std::string dataset;  ///< "cifar", "har" or "kws"
  PowerSupply supply;
  Network network;
  std::vector<Design> designs;
};

/// Reads `folder`/published-solutions.jsonl. Throws Error, naming the file and the line.
[[nodiscard]] std::vector<PublishedSolution> read_published_solutions(
    const std::filesystem::path& folder);

}  // namespace inas::apps
