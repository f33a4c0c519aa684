#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <inas/core/settings.hpp>

#include "firmware/test_model.hpp"

/// Random models that the cost model prices and the FR5994 runs with its data on chip.
namespace inas::laws {

/// Of the generators of the models that the shipped laws are fitted to, and of those that check
/// them.
inline constexpr std::uint64_t kFittedSeed = 1, kOtherSeed = 1000;

/// What multiplies the vectors of random models: the CPU, or of three designs two name the LEA, VM
/// then being that of its firmware.
inline constexpr Units kCpuOnly{.cpu = true}, kLeaToo{.lea = true, .cpu = true};

/// Models whose inference takes at most about so many products or pooled values.
inline constexpr std::int64_t kMostOperations = 60'000;

/// A layer of any type with a design, and VM for it.
std::vector<firmware::TestLayer> random_layer_model(firmware::Generator& generator, Units units);

/// Two to five layers, each reading the one before it. Of two models one ends no power cycle.
std::vector<firmware::TestLayer> random_network_model(firmware::Generator& generator, Units units);

/// Layers and designs in words.
std::string text_of(const std::vector<firmware::TestLayer>& layers);

}  // namespace inas::laws
