#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <inas/core/layer.hpp>

namespace inas {

/// A named tensor of 32-bit floats, row-major.
struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;

  bool operator==(const Tensor&) const = default;
};

/// The name of the tensor of biases of the layer named `layer`.
[[nodiscard]] std::string bias_name(std::string_view layer);

/// The tensors of a layer in their order, without values: its weights [out, in, kh, kw], of a
/// depthwise convolution [out, 1, kh, kw], named as the layer, and behind them its biases [out],
/// where it has some. Pooling and add have none.
[[nodiscard]] std::vector<Tensor> tensors_of(const Layer& layer);

/// Reads a safetensors file: an 8-byte little-endian header length, a JSON header, raw data. Every
/// length, offset, shape and type is checked. Throws Error, naming the file and the tensor.
[[nodiscard]] std::vector<Tensor> read_safetensors(const std::filesystem::path& path);
/// The same of a file's content; `source` stands for the path in messages.
[[nodiscard]] std::vector<Tensor> parse_safetensors(std::string_view content,
                                                    const std::string& source);

/// The bytes of a safetensors file of `tensors`, in order: the same tensors give the same bytes.
/// Throws InvalidArgument, naming `source`, if a name repeats or a shape does not hold the values.
[[nodiscard]] std::string to_safetensors(const std::vector<Tensor>& tensors,
                                         const std::string& source);

/// Writes them with write_file. Throws Error if the file cannot be written.
void write_safetensors(const std::filesystem::path& path, const std::vector<Tensor>& tensors);

}  // namespace inas
