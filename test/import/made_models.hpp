#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <onnx/onnx_pb.h>

namespace inas::test {

using AttributeValue = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>;
using AttributeValues = std::map<std::string, AttributeValue>;
using Extents = std::vector<std::int64_t>;

/// Makes an ONNX model node by node. Without more: opset 13, the output "y".
class ModelMaker {
 public:
  explicit ModelMaker(const Extents& input_shape, std::int64_t opset = 13);

  ModelMaker& input(const std::string& name, const Extents& shape);
  ModelMaker& output(const std::string& name);
  /// Weights in (−1, 1) that depend on the name.
  ModelMaker& weights(const std::string& name, const Extents& shape);
  ModelMaker& floats(const std::string& name, const Extents& shape,
                     const std::vector<float>& values);
  ModelMaker& integers(const std::string& name, const Extents& values);
  /// A node that is named as its first output.
  ModelMaker& node(const std::string& op, const std::vector<std::string>& inputs,
                   const std::vector<std::string>& outputs, const AttributeValues& attributes = {});

  [[nodiscard]] std::string bytes() const { return model.SerializeAsString(); }

  ::onnx::ModelProto model;
};

}  // namespace inas::test
