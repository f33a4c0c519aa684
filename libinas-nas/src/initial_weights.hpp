#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include <inas/core/network.hpp>
#include <inas/core/settings.hpp>
#include <inas/core/weights.hpp>

namespace inas::nas {

/// What a training's random numbers are for. One generator per purpose, so that all networks
/// trained with one seed see the same batches.
enum class Stream : std::uint32_t { weights, batches };

[[nodiscard]] std::mt19937_64 make_generator(std::uint64_t seed, Stream stream);

/// The tensors of all layers in their order, biases 0, weights uniform in ± a bound: of Glorot,
/// √(6/(fan in + fan out)), for the plain recipe, else of He, √(6/fan in), a variance of 2/fan in.
/// A filter of a depthwise convolution has its own kernel's values as fan in and as fan out.
/// LibTorch's own generators differ between its versions.
[[nodiscard]] std::vector<Tensor> initial_weights(const Network& network, TrainingRecipe recipe,
                                                  std::uint64_t seed);

}  // namespace inas::nas
