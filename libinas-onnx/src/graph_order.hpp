#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "graph.hpp"
#include "problems.hpp"

namespace inas::onnx {

/// The nodes that lead to the model's output, and who reads what.
struct GraphOrder {
  /// Indices of nodes, each behind those that it reads; otherwise as in the file.
  std::vector<std::size_t> nodes;
  /// Nodes that do not lead to the output, as in the file.
  std::vector<std::size_t> unread;
  /// How many nodes that compute read a value, or a view of it that only flattens it or does
  /// nothing to it. The model's output counts as one.
  std::map<std::string, std::int64_t> readers;
  /// The model's output and the values that are it but for its shape.
  std::set<std::string> final_values;
};

/// Does the operator pass its first input on, at most in another shape?
[[nodiscard]] bool passes_on(const Node& node);

/// Throws ImportError if nodes form a cycle or two give one value, as there is no order then; the
/// problems so far included.
[[nodiscard]] GraphOrder order_graph(const Graph& graph, Problems& problems);

}  // namespace inas::onnx
