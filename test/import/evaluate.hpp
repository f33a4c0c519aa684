#pragma once

#include <span>
#include <vector>

#include <inas/onnx/import.hpp>

namespace inas::test {

/// What an imported network computes of one sample, both [channel][row][column]: written once more,
/// from what layer.hpp says of each type, in doubles.
[[nodiscard]] std::vector<float> evaluate(const onnx::ImportedNetwork& imported,
                                          std::span<const float> sample);

/// The softmax of a model's outputs.
[[nodiscard]] std::vector<float> softmax(const std::vector<float>& values);

}  // namespace inas::test
