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

template <class T>
const T& any_of(Generator& generator, const std::vector<T>& values) {
  return values[generator() % values.size()];
}

/// A design of any tile, loop order, S, K, mac and dma that a solution may have.
Design random_design(Generator& generator, const Layer& layer);

/// These layers in random designs, with a VM and NVM large enough for any.
Solution solution_of(Generator& generator, const std::vector<Layer>& layers);

/// A graph of layers of all types, of any stride, padding and activation, 2-D or 1-D.
Solution random_solution(Generator& generator);

/// Weights with which maps keep their size along the network, or nearly so.
std::vector<Tensor> random_weights(Generator& generator, const Solution& solution);

/// An energy ledger with random units that fit it. Some or all layers get K = 0.
void add_ledger(Generator& generator, Solution& solution);

/// `count` samples of the solution's input in (−2, 2).
std::vector<float> random_samples(Generator& generator, const Solution& solution,
                                  std::int64_t count);

}  // namespace inas::dump
