#pragma once

#include "lowering.hpp"

namespace inas::onnx {

/// The value of a node's first output, computed by layers; unknown if there is a problem.
[[nodiscard]] Value lower_node(Lowering& lowering, const Node& node);

/// How Conv, the pools, Pad and the nodes that flatten are lowered (windows.cpp, map_view.cpp).
[[nodiscard]] Value lower_convolution(Lowering& lowering, const Node& node);
[[nodiscard]] Value lower_max_pool(Lowering& lowering, const Node& node);
[[nodiscard]] Value lower_average_pool(Lowering& lowering, const Node& node);
[[nodiscard]] Value lower_pad(Lowering& lowering, const Node& node);
[[nodiscard]] Value lower_flatten(Lowering& lowering, const Node& node);
[[nodiscard]] Value lower_reshape(Lowering& lowering, const Node& node);
[[nodiscard]] Value lower_squeeze(Lowering& lowering, const Node& node);
[[nodiscard]] Value lower_unsqueeze(Lowering& lowering, const Node& node);

}  // namespace inas::onnx
