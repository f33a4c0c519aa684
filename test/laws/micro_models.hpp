#pragma once

#include <cstdint>
#include <vector>

#include "firmware/test_model.hpp"

/// Random models that the cost model prices and the FR5994 runs with its data on chip.
namespace inas::laws {

/// Models whose inference takes at most about so many products or pooled values.
inline constexpr std::int64_t kMostOperations = 60'000;

/// A layer of any type with a design, and VM for it.
std::vector<firmware::TestLayer> random_layer_model(firmware::Generator& generator);

/// Two to five layers, each reading the one before it.
std::vector<firmware::TestLayer> random_network_model(firmware::Generator& generator);

}  // namespace inas::laws
