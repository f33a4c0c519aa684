#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include <inas/core/solution.hpp>

/// Random networks with random designs, weights and samples.
namespace inas::dump {

using Generator = std::mt19937_64;

/// From low to high, both included.
std::int64_t random_from(Generator& generator, std::int64_t low, std::int64_t high);

/// A design of any tile, loop order, S, K, mac and dma that a solution may have.
Design random_design(Generator& generator, const Layer& layer);

/// One to eight layers, 2-D or 1-D, with a VM and NVM large enough for any design.
Solution random_solution(Generator& generator);

/// An energy ledger with random units that fit it. Some or all layers get K = 0.
void add_ledger(Generator& generator, Solution& solution);

/// `count` samples of the solution's input in (−2, 2).
std::vector<float> random_samples(Generator& generator, const Solution& solution,
                                  std::int64_t count);

}  // namespace inas::dump
