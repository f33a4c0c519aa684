#pragma once

#include <cstdint>
#include <vector>

#include <inas/core/solution.hpp>

namespace inas::test {

/// A small valid solution: two convolutions, pooling and FC_END on a 1×8×8 input, with made-up
/// costs.
[[nodiscard]] Solution sample_solution();

/// Weights for the layers of `solution`, in (−1, 1), from `seed`.
[[nodiscard]] std::vector<Tensor> sample_weights(const Solution& solution, std::uint64_t seed);

}  // namespace inas::test
