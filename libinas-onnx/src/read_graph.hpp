#pragma once

#include <string>
#include <string_view>

#include "graph.hpp"
#include "problems.hpp"

namespace inas::onnx {

/// The graph in the bytes of an ONNX file. Throws ImportError if they are none; what concerns the
/// model as a whole (its opset, its inputs and outputs) is added to `problems`.
[[nodiscard]] Graph read_graph(std::string_view content, const std::string& source,
                               Problems& problems);

}  // namespace inas::onnx
