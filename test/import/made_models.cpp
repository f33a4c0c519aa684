#include "made_models.hpp"

#include <functional>
#include <random>
#include <type_traits>

namespace inas::test {
namespace {

namespace pb = ::onnx;

void describe(pb::ValueInfoProto& value, const std::string& name, const Extents& shape) {
  value.set_name(name);
  auto* const type = value.mutable_type()->mutable_tensor_type();
  type->set_elem_type(pb::TensorProto::FLOAT);
  for (const std::int64_t extent : shape) {
    auto* const dimension = type->mutable_shape()->add_dim();
    if (extent < 0) {
      dimension->set_dim_param("N");
    } else {
      dimension->set_dim_value(extent);
    }
  }
}

}  // namespace

ModelMaker::ModelMaker(const Extents& input_shape, std::int64_t opset) {
  model.set_ir_version(7);
  model.add_opset_import()->set_version(opset);
  input("x", input_shape);
}

ModelMaker& ModelMaker::input(const std::string& name, const Extents& shape) {
  describe(*model.mutable_graph()->add_input(), name, shape);
  return *this;
}

ModelMaker& ModelMaker::output(const std::string& name) {
  model.mutable_graph()->add_output()->set_name(name);
  return *this;
}

ModelMaker& ModelMaker::weights(const std::string& name, const Extents& shape) {
  std::mt19937 generator(
      static_cast<std::uint32_t>(name.size() * 7919U + static_cast<unsigned char>(name.back())));
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>(generator() % 2000U) / 1000.0F - 1.0F);
  }
  return floats(name, shape, values);
}

ModelMaker& ModelMaker::floats(const std::string& name, const Extents& shape,
                               const std::vector<float>& values) {
  auto* const tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(pb::TensorProto::FLOAT);
  for (const std::int64_t extent : shape) tensor->add_dims(extent);
  for (const float value : values) tensor->add_float_data(value);
  return *this;
}

ModelMaker& ModelMaker::integers(const std::string& name, const Extents& values) {
  auto* const tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(pb::TensorProto::INT64);
  tensor->add_dims(std::ssize(values));
  for (const std::int64_t value : values) tensor->add_int64_data(value);
  return *this;
}

ModelMaker& ModelMaker::node(const std::string& op, const std::vector<std::string>& inputs,
                             const std::vector<std::string>& outputs,
                             const AttributeValues& attributes) {
  auto* const node = model.mutable_graph()->add_node();
  node->set_op_type(op);
  node->set_name(outputs.front());
  for (const std::string& input : inputs) node->add_input(input);
  for (const std::string& output : outputs) node->add_output(output);
  for (const auto& [name, value] : attributes) {
    auto* const attribute = node->add_attribute();
    attribute->set_name(name);
    std::visit(
        [&](const auto& of) {
          using T = std::decay_t<decltype(of)>;
          if constexpr (std::is_same_v<T, std::int64_t>) {
            attribute->set_type(pb::AttributeProto::INT);
            attribute->set_i(of);
          } else if constexpr (std::is_same_v<T, float>) {
            attribute->set_type(pb::AttributeProto::FLOAT);
            attribute->set_f(of);
          } else if constexpr (std::is_same_v<T, std::string>) {
            attribute->set_type(pb::AttributeProto::STRING);
            attribute->set_s(of);
          } else {
            attribute->set_type(pb::AttributeProto::INTS);
            for (const std::int64_t number : of) attribute->add_ints(number);
          }
        },
        value);
  }
  return *this;
}

}  // namespace inas::test
