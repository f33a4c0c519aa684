// An ONNX model of arbitrary bytes: either inas::Error with its problems, or a network whose
// weights are those of its layers.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <inas/onnx/import.hpp>

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    const inas::onnx::ImportedNetwork imported = inas::onnx::parse_model(content, "model.onnx");
    validate(imported.network);
    std::vector<inas::Tensor> expected;
    for (const inas::Layer& layer : imported.network.layers) {
      for (inas::Tensor& tensor : tensors_of(layer)) expected.push_back(tensor);
    }
    require(expected.size() == imported.tensors.size(), "there are the tensors of the layers");
    for (std::size_t t = 0; t < expected.size(); ++t) {
      std::uint64_t count = 1;
      for (const std::int64_t extent : expected[t].shape) {
        count *= static_cast<std::uint64_t>(extent);
      }
      require(expected[t].name == imported.tensors[t].name, "tensors stand in layer order");
      require(expected[t].shape == imported.tensors[t].shape, "tensors have their layers' shapes");
      require(imported.tensors[t].values.size() == count, "a tensor's shape holds its values");
    }
  } catch (const inas::onnx::ImportError& error) {
    require(!error.problems().empty(), "a refused model has a problem");
    for (const std::string& problem : error.problems()) {
      require(problem.find('\n') == std::string::npos, "a problem is one line");
    }
  }
  return 0;
}
