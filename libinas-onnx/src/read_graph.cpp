#include "read_graph.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <inas/core/json_reader.hpp>
#include <inas/onnx/import.hpp>

namespace inas::onnx {
namespace {

namespace pb = ::onnx;

static_assert(std::endian::native == std::endian::little, "ONNX stores raw data little-endian");

/// The extents of a map must fit layers, whose extents have 16 bits.
constexpr std::int64_t kMostExtent = 65'535;

struct Signature {
  std::size_t at;
  std::string_view bytes;
  std::string_view what;
};

using namespace std::string_view_literals;

constexpr std::array kSignatures{
    Signature{0, "PK\x03\x04"sv, "a zip archive, which a .pt file of PyTorch is"},
    Signature{0, "\x80\x02"sv, "a Python pickle, which a .pt file of PyTorch is"},
    Signature{0, "\x89HDF"sv, "an HDF5 file, which a .h5 file of Keras is"},
    Signature{4, "TFL3"sv, "a TFLite model"},
    Signature{4, "ORTM"sv, "an ONNX Runtime model"},
    Signature{0, "\x93NUMPY"sv, "a NumPy array"},
    Signature{0, "\x1f\x8b"sv, "a gzip file"},
    Signature{0,
              "\x7f"
              "ELF"sv,
              "a program"}};

bool is_text(std::string_view content) {
  return std::all_of(content.begin(), content.end(), [](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return (byte >= ' ' && byte <= '~') || byte == '\n' || byte == '\r' || byte == '\t';
  });
}

/// What a file that is no model seems to be.
std::string kind_of(std::string_view content) {
  if (content.empty()) return "an empty file";
  for (const Signature& signature : kSignatures) {
    if (content.size() >= signature.at &&
        content.substr(signature.at).starts_with(signature.bytes)) {
      return std::string(signature.what);
    }
  }
  if (is_text(content.substr(0, 4096))) return "a text";
  return "a file of another format, or one that is damaged or cut short";
}

[[noreturn]] void refuse(const std::string& source, const std::string& found) {
  throw ImportError({fmt::format("{}: found {}, allowed: an ONNX model (.onnx)", source, found)});
}

pb::ModelProto parse(std::string_view content, const std::string& source) {
  // What is wrong is said by us, on one line.
  const google::protobuf::LogSilencer silencer;
  pb::ModelProto model;
  if (content.empty() || content.size() > std::numeric_limits<int>::max() ||
      !model.ParseFromArray(content.data(), static_cast<int>(content.size())) ||
      !model.has_graph() || model.opset_import_size() == 0) {
    refuse(source, kind_of(content));
  }
  return model;
}

std::string type_name(int type) {
  const std::string& name = pb::TensorProto_DataType_Name(static_cast<pb::TensorProto_DataType>(
      pb::TensorProto_DataType_IsValid(type) ? type : pb::TensorProto::UNDEFINED));
  return name;
}

/// The number of values of a shape; −1 if there are more than a file can have.
std::int64_t count_of(const std::vector<std::int64_t>& shape) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0 || (extent > 0 && count > kMost / extent)) return -1;
    count *= extent;
  }
  return count;
}

/// The values of a tensor, which stand in `typed` or in the raw data.
template <class Stored, class Values, class Typed>
bool read_values(const pb::TensorProto& tensor, std::int64_t count, const Typed& typed,
                 Values& values) {
  if (tensor.has_raw_data()) {
    const std::string& raw = tensor.raw_data();
    if (raw.size() != static_cast<std::size_t>(count) * sizeof(Stored)) return false;
    std::vector<Stored> stored(static_cast<std::size_t>(count));
    if (!raw.empty()) std::memcpy(stored.data(), raw.data(), raw.size());
    values.assign(stored.begin(), stored.end());
    return true;
  }
  if (typed.size() != count) return false;
  values.assign(typed.begin(), typed.end());
  return true;
}

bool read_values(const pb::TensorProto& tensor, std::int64_t count, Constant& constant) {
  switch (tensor.data_type()) {
    case pb::TensorProto::FLOAT:
      return read_values<float>(tensor, count, tensor.float_data(), constant.floats);
    case pb::TensorProto::INT64:
      return read_values<std::int64_t>(tensor, count, tensor.int64_data(), constant.integers);
    case pb::TensorProto::INT32:
      return read_values<std::int32_t>(tensor, count, tensor.int32_data(), constant.integers);
    default:  // BOOL
      return read_values<std::uint8_t>(tensor, count, tensor.int32_data(), constant.integers);
  }
}

std::string reason_of(const pb::TensorProto& tensor, std::int64_t count) {
  if (tensor.data_location() == pb::TensorProto::EXTERNAL || tensor.external_data_size() > 0) {
    std::string location;
    for (const auto& entry : tensor.external_data()) {
      if (entry.key() == "location") location = entry.value();
    }
    return fmt::format("found values in another file{}{}, allowed: a model with all its weights",
                       location.empty() ? "" : ", ", location.empty() ? "" : shown_name(location));
  }
  if (tensor.has_segment()) return "found a part of a tensor, allowed: a whole one";
  const int type = tensor.data_type();
  if (type != pb::TensorProto::FLOAT && type != pb::TensorProto::INT64 &&
      type != pb::TensorProto::INT32 && type != pb::TensorProto::BOOL) {
    return fmt::format("found values of type {}, allowed: FLOAT", type_name(type));
  }
  if (count < 0) {
    return fmt::format("found the shape [{}], allowed: extents from 0, in all at most {} values",
                       fmt::join(tensor.dims(), ", "), std::numeric_limits<std::int32_t>::max());
  }
  return {};
}

Constant read_constant(const pb::TensorProto& tensor) {
  Constant constant;
  constant.shape.assign(tensor.dims().begin(), tensor.dims().end());
  constant.is_float = tensor.data_type() == pb::TensorProto::FLOAT;
  const std::int64_t count = count_of(constant.shape);
  constant.unusable = reason_of(tensor, count);
  if (!constant.unusable.empty()) return constant;
  if (!read_values(tensor, count, constant)) {
    constant.unusable = fmt::format("found not as many values as the shape [{}] has, allowed: {}",
                                    fmt::join(constant.shape, ", "), count);
  } else if (!std::all_of(constant.floats.begin(), constant.floats.end(),
                          [](float value) { return !std::isnan(value); })) {
    constant.unusable = "found a value that is not a number, allowed: numbers";
  }
  return constant;
}

Attribute read_attribute(const pb::AttributeProto& from) {
  using Kind = Attribute::Kind;
  Attribute attribute;
  if (from.has_t()) {
    attribute.kind = Kind::constant;
    attribute.constant = read_constant(from.t());
  } else if (from.ints_size() > 0 || from.type() == pb::AttributeProto::INTS) {
    attribute.kind = Kind::integers;
    attribute.integers.assign(from.ints().begin(), from.ints().end());
  } else if (from.floats_size() > 0 || from.type() == pb::AttributeProto::FLOATS) {
    attribute.kind = Kind::numbers;
    attribute.numbers.assign(from.floats().begin(), from.floats().end());
  } else if (from.has_i() || from.type() == pb::AttributeProto::INT) {
    attribute.kind = Kind::integer;
    attribute.integer = from.i();
  } else if (from.has_f() || from.type() == pb::AttributeProto::FLOAT) {
    attribute.kind = Kind::number;
    attribute.number = from.f();
  } else if (from.has_s() || from.type() == pb::AttributeProto::STRING) {
    attribute.kind = Kind::text;
    attribute.text = from.s();
  }
  return attribute;
}

Node read_node(const pb::NodeProto& from) {
  Node node{.name = from.name(),
            .op = from.op_type(),
            .domain = from.domain(),
            .inputs = {from.input().begin(), from.input().end()},
            .outputs = {from.output().begin(), from.output().end()},
            .attributes = {}};
  for (const pb::AttributeProto& attribute : from.attribute()) {
    node.attributes.emplace(attribute.name(), read_attribute(attribute));
  }
  return node;
}

/// "[1, 2, height, 6]", to be shown.
std::string shape_text(const pb::TensorShapeProto& shape) {
  std::vector<std::string> extents;
  for (const auto& extent : shape.dim()) {
    extents.push_back(extent.has_dim_value()       ? fmt::format("{}", extent.dim_value())
                      : extent.dim_param().empty() ? "?"
                                                   : shown_name(extent.dim_param()));
    if (extents.size() == 8 && shape.dim_size() > 8) {
      extents.emplace_back("…");
      break;
    }
  }
  return fmt::format("[{}]", fmt::join(extents, ", "));
}

constexpr const char* kAllowedShapes =
    "[batch, channels, height, width], [batch, channels, length] or [batch, values] of numbers but "
    "for the batch";

GraphInput read_input(const pb::ValueInfoProto& from) {
  GraphInput input{.name = from.name(), .unusable = {}, .extents = {}};
  if (!from.type().has_tensor_type()) {
    input.unusable = "found no tensor, allowed: a tensor of type FLOAT";
    return input;
  }
  const auto& type = from.type().tensor_type();
  if (type.elem_type() != pb::TensorProto::FLOAT) {
    input.unusable =
        fmt::format("found values of type {}, allowed: FLOAT", type_name(type.elem_type()));
    return input;
  }
  const pb::TensorShapeProto& shape = type.shape();
  if (!type.has_shape() || shape.dim_size() < 2 || shape.dim_size() > 4) {
    input.unusable = fmt::format("found {}, allowed: {}",
                                 type.has_shape() ? "the shape " + shape_text(shape) : "no shape",
                                 kAllowedShapes);
    return input;
  }
  for (const auto& extent : shape.dim()) {
    // Some exporters write 0 or −1 for an extent that is not known.
    const bool is_known = extent.has_dim_value() && extent.dim_value() >= 1;
    input.extents.push_back(is_known ? extent.dim_value() : kSymbolic);
  }
  if (std::count(input.extents.begin() + 1, input.extents.end(), kSymbolic) > 0) {
    input.unusable =
        fmt::format("found the dynamic shape {}, allowed: {}", shape_text(shape), kAllowedShapes);
  } else if (*std::max_element(input.extents.begin(), input.extents.end()) > kMostExtent) {
    input.unusable = fmt::format("found the shape {}, allowed: extents from 1 to {}",
                                 shape_text(shape), kMostExtent);
  } else if (const std::int64_t values = count_of({input.extents.begin() + 1, input.extents.end()});
             values < 0) {
    input.unusable = fmt::format("found the shape {}, allowed: at most {} values a sample",
                                 shape_text(shape), std::numeric_limits<std::int32_t>::max());
  }
  return input;
}

std::int64_t opset_of(const pb::ModelProto& model) {
  for (const auto& opset : model.opset_import()) {
    if (is_standard_domain(opset.domain())) return opset.version();
  }
  return 0;
}

std::string names_text(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 8;
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    if (shown.size() == kShown) {
      shown.emplace_back("…");
      break;
    }
    shown.push_back(shown_name(name));
  }
  return fmt::format("{}", fmt::join(shown, ", "));
}

void require_one(const char* what, const std::vector<std::string>& names, Problems& problems) {
  if (names.size() == 1) return;
  problems.add(names.empty() ? fmt::format("found no {}, allowed: 1", what)
                             : fmt::format("found {} {}s ({}), allowed: 1", names.size(), what,
                                           names_text(names)));
}

}  // namespace

Graph read_graph(std::string_view content, const std::string& source, Problems& problems) {
  const pb::ModelProto model = parse(content, source);
  const pb::GraphProto& from = model.graph();
  Graph graph;
  graph.opset = opset_of(model);
  if (graph.opset < kLeastOpset || graph.opset > kMostOpset) {
    problems.add(fmt::format("opset: found {}, allowed: {} to {}",
                             graph.opset == 0 ? "none" : fmt::format("{}", graph.opset),
                             kLeastOpset, kMostOpset));
  }
  for (const pb::TensorProto& tensor : from.initializer()) {
    graph.constants.emplace(tensor.name(), read_constant(tensor));
  }
  for (const pb::SparseTensorProto& tensor : from.sparse_initializer()) {
    Constant constant;
    constant.unusable = "found sparse values, allowed: dense ones";
    graph.constants.emplace(tensor.values().name(), std::move(constant));
  }
  std::vector<std::string> names;
  for (const pb::ValueInfoProto& input : from.input()) {
    if (graph.constants.contains(input.name())) continue;
    graph.inputs.push_back(read_input(input));
    names.push_back(input.name());
  }
  require_one("input", names, problems);
  for (const pb::ValueInfoProto& output : from.output()) graph.outputs.push_back(output.name());
  require_one("output", graph.outputs, problems);
  for (const pb::NodeProto& node : from.node()) graph.nodes.push_back(read_node(node));
  return graph;
}

}  // namespace inas::onnx
