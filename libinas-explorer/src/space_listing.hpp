#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "priced_graph.hpp"

namespace inas::explorer {

/// Every network of a space, in lexicographic order of the choices' indices.
struct SpaceListing {
  std::vector<double> latency_s;  ///< infinite if not executable
  std::vector<double> sorted_s;   ///< the finite ones, ascending
  FailureCounts failures;
  NetworkCount beyond_nvm;
};

/// Lists the space. `nvm_bytes` are those that a network may need; nothing: NVM plays no role.
/// `done` is told of the first choices, unless NVM plays one.
[[nodiscard]] SpaceListing list_space(const PricedGraph& priced,
                                      std::optional<std::int64_t> nvm_bytes, std::int64_t threads,
                                      const RoundsDone& done);

/// Networks below a node of each level, whether their kernels fit or not; 1 behind the last level.
/// For spaces that can be listed.
[[nodiscard]] std::vector<std::size_t> networks_below(const PricedGraph& priced);

}  // namespace inas::explorer
