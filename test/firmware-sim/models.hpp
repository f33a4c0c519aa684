#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "firmware/test_model.hpp"

namespace inas::firmware {

/// A model that is run on the simulator, and the name of its folder.
struct SimulatedModel {
  std::string name;
  std::unique_ptr<TestModel> model;
};

/// Every layer type, loop order and flag, windows beyond maps, strides, activations, tiles that
/// divide the map and tiles that do not, S and K of 1 and more, and one with a ledger; small enough
/// for some hundred runs.
std::vector<SimulatedModel> simulated_models();

/// As the 16-bit device has them in memory.
std::vector<std::uint8_t> bytes_of(const std::vector<std::int16_t>& values);

/// Three batches, one with partial sums, and a ledger, by which a power cycle ends at the end of
/// the first layer, and runs on over it after a power failure: small enough for a run for each
/// instruction of it.
std::unique_ptr<TestModel> tiny_model();

/// Designs for the LEA: vectors that it takes, of odd lengths, at odd starts, and split ones; and a
/// layer for the multiplier between them.
std::unique_ptr<TestModel> lea_model();

/// With more weights than the FR5994 has FRAM above 64 KB.
std::unique_ptr<TestModel> large_model();

}  // namespace inas::firmware
