#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace inas {

/// A named tensor of 32-bit floats, row-major.
struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;

  bool operator==(const Tensor&) const = default;
};

/// Reads a safetensors file: an 8-byte little-endian header length, a JSON header, raw data. Every
/// length, offset, shape and type is checked. Throws Error, naming the file and the tensor.
[[nodiscard]] std::vector<Tensor> read_safetensors(const std::filesystem::path& path);

/// Writes `tensors` in order, beside and renamed. Throws InvalidArgument if a name repeats or a
/// shape does not hold the values, and Error if the file cannot be written.
void write_safetensors(const std::filesystem::path& path, const std::vector<Tensor>& tensors);

}  // namespace inas
