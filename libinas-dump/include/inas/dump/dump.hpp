#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <inas/core/solution.hpp>
#include <inas/dump/layout.hpp>
#include <inas/dump/quantize.hpp>

/// Turns a solution into tables for the device: quantised weights, NVM addresses, and the execution
/// and preservation parameters of every layer, as a C header and as an image of the weights.
namespace inas::dump {

/// A solution made ready for writing.
struct Model {
  Solution solution;
  MemoryLayout layout;
  std::vector<QuantizedWeights> weights;  ///< one per layer; empty for pooling
};

/// Quantises and lays out. Throws InvalidArgument, naming the layer and the numbers, if the weights
/// are not those of the network, something does not fit NVM, a tile does not fit VM, or data_bytes
/// is not 2.
[[nodiscard]] Model make_model(const Solution& solution, const std::vector<Tensor>& weights);

/// The C99 header: macros with the sizes, a table of layers, the weights as an array. It needs
/// nothing but <stdint.h> and compiles without warnings, alone or included.
[[nodiscard]] std::string c_header(const Model& model);

/// The bytes of NVM from layout.weights_begin to layout.total_bytes, little-endian.
[[nodiscard]] std::string weights_image(const Model& model);

/// Writes `model.h` and `weights.bin` into `folder`, which is created if needed; beside and
/// renamed.
void write_model(const std::filesystem::path& folder, const Model& model);

}  // namespace inas::dump
