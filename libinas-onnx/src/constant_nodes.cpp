#include "constant_nodes.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "attributes.hpp"

namespace inas::onnx {
namespace {

/// Lists of a shape's extents are short; longer ones, which a chain of Concat could make of
/// anything, are not computed.
constexpr std::size_t kMostListed = 1024;

struct Context {
  Lowering& lowering;
  const Node& node;
  std::vector<const Constant*> inputs;  ///< null: left out

  [[nodiscard]] Value refuse(std::string_view what) const {
    lowering.problems.add(node, what);
    return Unknown{};
  }
  [[nodiscard]] const Constant* input(std::size_t index) const {
    return index < inputs.size() ? inputs[index] : nullptr;
  }
  [[nodiscard]] Attributes attributes() const { return {node, lowering.problems}; }
};

Constant integer_list(std::vector<std::int64_t> integers) {
  Constant constant{.is_float = false};
  constant.shape = {std::ssize(integers)};
  constant.integers = std::move(integers);
  return constant;
}

Constant integer(std::int64_t value) {
  return {.shape = {}, .integers = {value}, .is_float = false};
}

Constant numbers(std::vector<std::int64_t> shape, std::vector<float> values) {
  return {.shape = std::move(shape), .floats = std::move(values)};
}

/// A list of whole numbers, short enough; null otherwise.
const Constant* short_list(const Constant* constant) {
  const bool is_list = constant != nullptr && !constant->is_float && constant->shape.size() <= 1 &&
                       constant->size() <= kMostListed;
  return is_list ? constant : nullptr;
}

constexpr const char* kNoList =
    "found constants other than a list of extents, allowed: what computes the shape of a Reshape";

Value constant_node(const Context& context) {
  for (const auto& [name, attribute] : context.node.attributes) {
    switch (attribute.kind) {
      case Attribute::Kind::constant:
        return attribute.constant;
      case Attribute::Kind::integer:
        return integer(attribute.integer);
      case Attribute::Kind::integers:
        return integer_list(attribute.integers);
      case Attribute::Kind::number:
        return numbers({}, {attribute.number});
      case Attribute::Kind::numbers:
        return numbers({std::ssize(attribute.numbers)}, attribute.numbers);
      case Attribute::Kind::text:
      case Attribute::Kind::other:
        break;
    }
  }
  return context.refuse("found no value, allowed: value, value_float(s) or value_int(s)");
}

Value shape_node(const Context& context) {
  const Value& value = context.lowering.input(context.node, 0);
  std::vector<std::int64_t> shape;
  if (const Map* const map = std::get_if<Map>(&value)) {
    if (map->is_padded()) {
      return context.refuse(
          fmt::format("found a map with the zeros of {}, allowed: one without", map->padded_by));
    }
    shape = map->extents;
    shape.insert(shape.begin(), context.lowering.batch);
  } else if (const Constant* const constant = std::get_if<Constant>(&value)) {
    shape = constant->shape;
  } else {
    return Constant{.is_float = false, .is_unknown = true};
  }
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto bound = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? std::max(at, -rank) + rank : at, 0, rank);
  };
  const std::int64_t start = bound(context.attributes().integer("start", 0));
  const std::int64_t end = bound(context.attributes().integer("end", rank));
  if (start >= end) return integer_list({});
  return integer_list({shape.begin() + start, shape.begin() + end});
}

Value gather_node(const Context& context) {
  const Constant* const data = short_list(context.input(0));
  const Constant* const indices = short_list(context.input(1));
  if (data == nullptr || indices == nullptr || data->shape.size() != 1 ||
      context.attributes().integer("axis", 0) != 0) {
    return context.refuse(kNoList);
  }
  std::vector<std::int64_t> gathered;
  const auto size = std::ssize(data->integers);
  for (std::int64_t index : indices->integers) {
    if (index < -size || index >= size) {
      return context.refuse(fmt::format("found the index {}, allowed: 0 to {}", index, size - 1));
    }
    gathered.push_back(data->integers[static_cast<std::size_t>(index < 0 ? index + size : index)]);
  }
  Constant result = integer_list(std::move(gathered));
  result.shape = indices->shape;
  return result;
}

Value concat_node(const Context& context) {
  std::vector<std::int64_t> all;
  for (const Constant* const input : context.inputs) {
    const Constant* const list = short_list(input);
    if (list == nullptr || list->shape.size() != 1) return context.refuse(kNoList);
    all.insert(all.end(), list->integers.begin(), list->integers.end());
    if (all.size() > kMostListed) return context.refuse(kNoList);
  }
  return integer_list(std::move(all));
}

Value slice_node(const Context& context) {
  const Constant* const data = short_list(context.input(0));
  if (data == nullptr || data->shape.size() != 1) return context.refuse(kNoList);
  const auto single = [&](std::size_t input, const char* attribute,
                          std::int64_t otherwise) -> std::optional<std::int64_t> {
    bool failed = false;
    const auto list = list_of(context.lowering, context.node, attribute, input, failed);
    if (failed || (list && list->size() != 1)) return std::nullopt;
    return list ? list->front() : otherwise;
  };
  const auto size = std::ssize(data->integers);
  const auto start = single(1, "starts", 0);
  const auto end = single(2, "ends", size);
  const auto axis = single(3, "axes", 0);
  const auto step = single(4, "steps", 1);
  if (!start || !end || axis != 0 || step != 1) return context.refuse(kNoList);
  const auto bound = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? std::max(at, -size) + size : at, 0, size);
  };
  const std::int64_t first = bound(*start);
  const std::int64_t last = std::max(first, bound(*end));
  return integer_list({data->integers.begin() + first, data->integers.begin() + last});
}

Value cast_node(const Context& context) {
  const Constant* const data = context.input(0);
  constexpr std::int64_t kFloat = 1;  // of TensorProto.DataType
  constexpr std::int64_t kInt32 = 6;
  constexpr std::int64_t kInt64 = 7;
  const std::int64_t to = context.attributes().integer("to", 0);
  const bool same =
      data != nullptr && (data->is_float ? to == kFloat : to == kInt32 || to == kInt64);
  if (same) return *data;
  return context.refuse(
      "found a change of type, allowed: from FLOAT to FLOAT, or of whole numbers");
}

/// The constant with its axes in the order of `perm`.
Constant transposed(const Constant& from, const std::vector<std::int64_t>& perm) {
  const std::size_t rank = perm.size();
  std::vector<std::size_t> strides(rank, 1);  // of `from`
  for (std::size_t axis = rank; axis-- > 1;) {
    strides[axis - 1] = strides[axis] * static_cast<std::size_t>(from.shape[axis]);
  }
  Constant to{.is_float = true};
  for (const std::int64_t axis : perm) {
    to.shape.push_back(from.shape[static_cast<std::size_t>(axis)]);
  }
  to.floats.reserve(from.floats.size());
  std::vector<std::int64_t> index(rank, 0);
  for (std::size_t count = 0; count < from.floats.size(); ++count) {
    std::size_t at = 0;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      at += static_cast<std::size_t>(index[axis]) * strides[static_cast<std::size_t>(perm[axis])];
    }
    to.floats.push_back(from.floats[at]);
    for (std::size_t axis = rank; axis-- > 0;) {
      if (++index[axis] < to.shape[axis]) break;
      index[axis] = 0;
    }
  }
  return to;
}

Value transpose_node(const Context& context) {
  const Constant* const data = context.input(0);
  constexpr std::size_t kMostRank = 8;
  if (data == nullptr || !data->is_float || data->shape.size() > kMostRank) {
    return context.refuse("found constants of another kind, allowed: weights");
  }
  std::vector<std::int64_t> reversed(data->shape.size());
  std::iota(reversed.rbegin(), reversed.rend(), std::int64_t{0});
  const std::vector<std::int64_t> perm = context.attributes().integers("perm").value_or(reversed);
  if (!std::is_permutation(perm.begin(), perm.end(), reversed.begin(), reversed.end())) {
    return context.refuse(fmt::format("perm: found [{}], allowed: each of the {} axes once",
                                      fmt::join(perm, ", "), reversed.size()));
  }
  return transposed(*data, perm);
}

/// Squeeze, Unsqueeze and Reshape of constants: the values stay.
Value with_shape(const Constant& data, std::vector<std::int64_t> shape) {
  Constant constant = data;
  constant.shape = std::move(shape);
  return constant;
}

Value reshape_node(const Context& context) {
  const Constant* const data = context.input(0);
  const Constant* const wanted = short_list(context.input(1));
  if (data == nullptr || wanted == nullptr) return context.refuse(kNoList);
  std::vector<std::int64_t> shape = wanted->integers;
  const auto size = static_cast<std::int64_t>(data->size());
  std::int64_t known = 1;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == 0 && axis < data->shape.size()) shape[axis] = data->shape[axis];
    if (shape[axis] == -1) continue;
    if (shape[axis] < 1 || shape[axis] > size / known) return context.refuse(kNoList);
    known *= shape[axis];
  }
  const auto open = std::count(shape.begin(), shape.end(), -1);
  if (open == 1 && size % known == 0) {
    *std::find(shape.begin(), shape.end(), -1) = size / known;
  } else if (open != 0 || known != size) {
    return context.refuse(
        fmt::format("found the shape [{}] for {} values, allowed: one for as many",
                    fmt::join(wanted->integers, ", "), size));
  }
  return with_shape(*data, std::move(shape));
}

Value squeeze_node(const Context& context) {
  const Constant* const data = context.input(0);
  bool failed = false;
  const auto axes = list_of(context.lowering, context.node, "axes", 1, failed);
  if (data == nullptr || failed) return Unknown{};
  const auto rank = std::ssize(data->shape);
  std::vector<std::int64_t> shape;
  for (std::int64_t axis = 0; axis < rank; ++axis) {
    const std::int64_t extent = data->shape[static_cast<std::size_t>(axis)];
    const bool is_named = axes && (std::count(axes->begin(), axes->end(), axis) > 0 ||
                                   std::count(axes->begin(), axes->end(), axis - rank) > 0);
    if (is_named && extent != 1) {
      return context.refuse(
          fmt::format("axes: found {}, of extent {}, allowed: axes of extent 1", axis, extent));
    }
    if (!is_named && (axes || extent != 1)) shape.push_back(extent);
  }
  return with_shape(*data, std::move(shape));
}

Value unsqueeze_node(const Context& context) {
  const Constant* const data = context.input(0);
  bool failed = false;
  const auto axes = list_of(context.lowering, context.node, "axes", 1, failed);
  if (data == nullptr || failed) return Unknown{};
  if (!axes || axes->size() > 8) return context.refuse("found no axes, allowed: 1 to 8");
  const std::int64_t rank = std::ssize(data->shape) + std::ssize(*axes);
  std::vector<std::int64_t> shape;
  auto kept = data->shape.begin();
  for (std::int64_t axis = 0; axis < rank; ++axis) {
    const bool is_new = std::count(axes->begin(), axes->end(), axis) > 0 ||
                        std::count(axes->begin(), axes->end(), axis - rank) > 0;
    if (!is_new && kept == data->shape.end()) {
      return context.refuse(fmt::format("axes: found [{}], allowed: {} axes below {}",
                                        fmt::join(*axes, ", "), axes->size(), rank));
    }
    shape.push_back(is_new ? 1 : *kept++);
  }
  return with_shape(*data, std::move(shape));
}

Value identity_node(const Context& context) {
  const Constant* const data = context.input(0);
  return data == nullptr ? Value(Unknown{}) : Value(*data);
}

struct ConstantOperator {
  std::string_view name;
  Value (*evaluate)(const Context& context);
};

constexpr std::array kOperators{
    ConstantOperator{"Cast", cast_node},          ConstantOperator{"Concat", concat_node},
    ConstantOperator{"Constant", constant_node},  ConstantOperator{"Gather", gather_node},
    ConstantOperator{"Identity", identity_node},  ConstantOperator{"Reshape", reshape_node},
    ConstantOperator{"Shape", shape_node},        ConstantOperator{"Slice", slice_node},
    ConstantOperator{"Squeeze", squeeze_node},    ConstantOperator{"Transpose", transpose_node},
    ConstantOperator{"Unsqueeze", unsqueeze_node}};

const ConstantOperator* find_operator(const Node& node) {
  if (!is_standard_domain(node.domain)) return nullptr;
  const auto* const found =
      std::find_if(kOperators.begin(), kOperators.end(),
                   [&](const ConstantOperator& entry) { return entry.name == node.op; });
  return found == kOperators.end() ? nullptr : found;
}

}  // namespace

bool is_constant_node(const Lowering& lowering, const Node& node) {
  if (find_operator(node) == nullptr) return false;
  if (node.op == "Constant" || node.op == "Shape") return true;
  bool any = false;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (!Lowering::has_input(node, i)) continue;
    if (!std::holds_alternative<Constant>(lowering.input(node, i))) return false;
    any = true;
  }
  return any;
}

Value constant_value(Lowering& lowering, const Node& node) {
  Context context{lowering, node, {}};
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Constant* const constant = std::get_if<Constant>(&lowering.input(node, i));
    if (constant != nullptr && (constant->is_unknown || !constant->unusable.empty()) &&
        node.op != "Shape") {
      return *constant;  // whoever uses it says why it is of no use
    }
    context.inputs.push_back(constant);
  }
  Value value = find_operator(node)->evaluate(context);
  const Constant* const made = std::get_if<Constant>(&value);
  if (made != nullptr && !lowering.make_values(node, made->size())) return Unknown{};
  return value;
}

std::optional<std::vector<std::int64_t>> list_of(Lowering& lowering, const Node& node,
                                                 const char* attribute, std::size_t input,
                                                 bool& failed) {
  if (Lowering::has_input(node, input)) {
    const Constant* const constant = lowering.constant_input(node, input, attribute, false);
    failed = constant == nullptr;
    return failed ? std::nullopt : std::optional(constant->integers);
  }
  const Attributes attributes(node, lowering.problems);
  auto list = attributes.integers(attribute);
  failed = attributes.has(attribute) && !list;
  return list;
}

}  // namespace inas::onnx
