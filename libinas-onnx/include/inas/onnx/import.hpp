#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <inas/core/error.hpp>
#include <inas/core/network.hpp>
#include <inas/core/weights.hpp>

/// Trained networks of others: reads an ONNX model of opset 7 to 17 and gives the network of
/// layers that computes the same.
///
///   Conv                     convolution or, with a group per channel, depthwise convolution
///   Gemm, MatMul             fully connected; Add of constants behind it or a convolution: biases
///   MaxPool, AveragePool     pooling
///   GlobalAveragePool, ReduceMean over the map   global average pooling
///   Add of two maps          add
///   BatchNormalization       folded into the layer before it; where that cannot be, a depthwise
///                            convolution of 1×1
///   Relu, Clip(0, 6)         the activation of the layer before it
///   Pad with zeros           padding of the convolution or max pooling behind it
///   Flatten, Reshape, Squeeze, Unsqueeze that only flatten, Identity, Dropout, a last Softmax:
///                            dropped
///
/// Nodes that compute the shape of such a Reshape (Shape, Gather, Concat, …) are evaluated. One-
/// dimensional maps [batch, channels, length] become maps of width 1. A batch, symbolic or fixed,
/// becomes 1. Everything else is refused.
namespace inas::onnx {

/// Opset versions that are read.
inline constexpr int kLeastOpset = 7;
inline constexpr int kMostOpset = 17;

/// A model as a network that computes the same.
struct ImportedNetwork {
  Network network;
  std::vector<Tensor> tensors;  ///< those of `tensors_of` each layer, in layer order
  /// What was folded, dropped or is worth knowing, a sentence each.
  std::vector<std::string> notes;
  /// The model ends with a Softmax, which the network leaves out: its outputs are what that reads.
  bool has_softmax = false;

  bool operator==(const ImportedNetwork&) const = default;
};

/// A file that is no such model, or a model that cannot be a network. `what()` has
/// all its problems on one line.
class ImportError : public Error {
 public:
  explicit ImportError(std::vector<std::string> problems);

  /// From 1, each a sentence that names the file: by node name and operator what was found and what
  /// is allowed.
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

 private:
  std::vector<std::string> problems_;
};

/// A thousand times what the devices hold.
inline constexpr std::size_t kMostModelBytes = std::size_t{256} << 20;

/// Reads the model in the file `path`. Throws ImportError with all its problems at once; Error if
/// the file cannot be read, or has more than `kMostModelBytes`.
[[nodiscard]] ImportedNetwork import_model(const std::filesystem::path& path);

/// The same of a file's content; `source` stands for the path in messages.
[[nodiscard]] ImportedNetwork parse_model(std::string_view content, const std::string& source);

}  // namespace inas::onnx
