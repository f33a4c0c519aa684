#pragma once

#include "lowering.hpp"

namespace inas::onnx {

/// Does the node compute constants from constants, or from the shape of a map? Exporters compute
/// shapes of a Reshape and transpose weights so.
[[nodiscard]] bool is_constant_node(const Lowering& lowering, const Node& node);

/// What it computes; unknown if there is a problem.
[[nodiscard]] Value constant_value(Lowering& lowering, const Node& node);

/// The whole numbers of a list that is an attribute in older opsets and an input in newer ones.
/// None if it is absent or there is a problem, which `failed` then says.
[[nodiscard]] std::optional<std::vector<std::int64_t>> list_of(Lowering& lowering, const Node& node,
                                                               const char* attribute,
                                                               std::size_t input, bool& failed);

}  // namespace inas::onnx
