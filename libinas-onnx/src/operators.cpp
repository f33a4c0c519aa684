#include "operators.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/batch_norm.hpp>
#include <inas/core/error.hpp>

#include "attributes.hpp"
#include "constant_nodes.hpp"

namespace inas::onnx {
namespace {

std::string shape_text(const Lowering& lowering, const Map& map) {
  return fmt::format("[{}, {}]", lowering.batch, fmt::join(map.extents, ", "));
}

bool has_weights(const LoweredLayer& layer) { return weight_count(layer.layer) > 0; }

// ---- activations

/// Makes `activation` that of the layer before the node.
Value activate(Lowering& lowering, const Node& node, Activation activation) {
  const Map* const map = lowering.map_input(node, 0);
  if (map == nullptr) return Unknown{};
  std::string reason;
  LoweredLayer* const layer = lowering.sole_source(*map, node.inputs[0], reason);
  if (layer == nullptr) {
    lowering.problems.add(node, reason);
    return Unknown{};
  }
  if (layer->layer.activation != Activation::relu6) layer->layer.activation = activation;
  layer->is_nonnegative = true;
  lowering.took_in(*layer, node.outputs[0]);
  lowering.note("the activation of the layer before", node);
  return *map;  // zeros around it stay zeros
}

Value lower_relu(Lowering& lowering, const Node& node) {
  return activate(lowering, node, Activation::relu);
}

/// A bound of Clip: an attribute up to opset 10, an input from 11. None if there is a problem.
std::optional<float> bound_of(const Lowering& lowering, const Node& node, const char* attribute,
                              std::size_t input, float otherwise) {
  const float given = Attributes(node, lowering.problems).number(attribute, otherwise);
  if (!Lowering::has_input(node, input)) return given;
  const Constant* const bound = lowering.constant_input(node, input, attribute, true);
  if (bound == nullptr) return std::nullopt;
  if (bound->floats.size() == 1) return bound->floats[0];
  lowering.problems.add(
      node, fmt::format("{}: found {} values, allowed: 1", attribute, bound->floats.size()));
  return std::nullopt;
}

Value lower_clip(Lowering& lowering, const Node& node) {
  constexpr float kNone = std::numeric_limits<float>::max();
  const auto least = bound_of(lowering, node, "min", 1, -kNone);
  const auto most = bound_of(lowering, node, "max", 2, kNone);
  if (!least || !most) return Unknown{};
  if (*least != 0 || (*most != 6 && *most < kNone)) {
    const auto text = [](float bound) {
      return std::abs(bound) >= kNone ? std::string("none") : fmt::format("{}", bound);
    };
    lowering.problems.add(node, fmt::format("found the bounds {} and {}, allowed: 0 and 6, or 0 "
                                            "and none",
                                            text(*least), text(*most)));
    return Unknown{};
  }
  return activate(lowering, node, *most == 6 ? Activation::relu6 : Activation::relu);
}

// ---- what layers with weights take in

std::vector<Tensor> tensors_of(const LoweredLayer& layer) {
  return {{layer.layer.name, {}, layer.weights},
          {bias_name(layer.layer.name),
           {},
           layer.layer.bias
               ? layer.biases
               : std::vector<float>(static_cast<std::size_t>(layer.layer.ofm.channels), 0.0F)}};
}

bool are_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

/// Folds `norm` into the layer. False, with a problem, if weights become no numbers.
bool fold_into(Lowering& lowering, const Node& node, const BatchNorm& norm, LoweredLayer& layer) {
  std::vector<Tensor> tensors = fold(tensors_of(layer), norm);
  if (!are_finite(tensors[0].values) || !are_finite(tensors[1].values)) {
    lowering.problems.add(node,
                          "found weights that are not finite once they are normalised, "
                          "allowed: a variance + epsilon above 0");
    return false;
  }
  layer.layer.bias = true;
  layer.weights = std::move(tensors[0].values);
  layer.biases = std::move(tensors[1].values);
  return true;
}

/// The normalisation of the node; none if there is a problem.
std::optional<BatchNorm> read_batch_norm(Lowering& lowering, const Node& node) {
  const Attributes attributes(node, lowering.problems);
  bool is_sound = true;
  if (attributes.integer("training_mode", 0) != 0) {
    lowering.problems.add(node, "training_mode: found 1, allowed: 0, a model for inference");
    is_sound = false;
  }
  if (attributes.integer("spatial", 1) != 1) {
    lowering.problems.add(node, "spatial: found 0, allowed: 1, statistics of channels");
    is_sound = false;
  }
  BatchNorm norm;
  norm.epsilon = static_cast<double>(attributes.number("epsilon", 1e-5F));
  const std::array<std::pair<const char*, std::vector<float>*>, 4> parts{
      std::pair{"scale", &norm.scale}, std::pair{"shift", &norm.shift},
      std::pair{"mean", &norm.mean}, std::pair{"variance", &norm.variance}};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Constant* const values = lowering.weights_input(node, i + 1, parts[i].first);
    if (values == nullptr) {
      is_sound = false;
    } else {
      *parts[i].second = values->floats;
    }
  }
  return is_sound ? std::optional(std::move(norm)) : std::nullopt;
}

bool require_channels(Lowering& lowering, const Node& node, const BatchNorm& norm, const Map& map) {
  const std::int64_t channels = map.shape.channels;
  if (map.extents[0] != channels) {
    lowering.problems.add(node, fmt::format("found a flattened map of {} channels, allowed: a map "
                                            "that is not flattened, or has one value a channel",
                                            channels));
    return false;
  }
  for (const std::vector<float>* part : {&norm.scale, &norm.shift, &norm.mean, &norm.variance}) {
    if (std::ssize(*part) == channels) continue;
    lowering.problems.add(node,
                          fmt::format("found {} numbers, allowed: {}, one for each channel of "
                                      "its map",
                                      part->size(), channels));
    return false;
  }
  return true;
}

/// A depthwise convolution of 1×1 that passes its input on.
LoweredLayer* add_identity(Lowering& lowering, const Node& node, const Map& map) {
  LoweredLayer* const layer = lowering.add_layer(node, {map.source}, [&](std::string name) {
    return make_depthwise_convolution(std::move(name), map.shape, 1, 1);
  });
  const auto channels = static_cast<std::size_t>(map.shape.channels);
  if (layer == nullptr || !lowering.make_values(node, channels)) return nullptr;
  layer->weights.assign(channels, 1.0F);
  return layer;
}

Value lower_batch_norm(Lowering& lowering, const Node& node) {
  const auto norm = read_batch_norm(lowering, node);
  const Map* const map = lowering.plain_map_input(node, 0);
  if (!norm || map == nullptr || !require_channels(lowering, node, *norm, *map)) return Unknown{};
  std::string reason;
  LoweredLayer* const before = lowering.sole_source(*map, node.inputs[0], reason);
  if (before != nullptr && has_weights(*before) && before->layer.activation == Activation::none) {
    if (!fold_into(lowering, node, *norm, *before)) return Unknown{};
    lowering.took_in(*before, node.outputs[0]);
    lowering.note("folded into the layer before", node);
    return *map;
  }
  LoweredLayer* const own = add_identity(lowering, node, *map);
  if (own == nullptr || !fold_into(lowering, node, *norm, *own)) return Unknown{};
  lowering.note("a depthwise convolution of 1×1, because the layer before cannot take it in", node);
  return lowering.last_map(map->spatial_rank());
}

/// The constant as a number for each channel of the map; none if it is something else.
std::optional<std::vector<float>> per_channel(const Constant& constant, const Map& map) {
  const auto channels = static_cast<std::size_t>(map.shape.channels);
  const std::size_t rank = map.extents.size();
  if (constant.shape.size() > rank + 1) return std::nullopt;
  if (constant.floats.size() == 1) return std::vector<float>(channels, constant.floats[0]);
  if (constant.shape.size() < rank) return std::nullopt;
  const std::size_t axis = constant.shape.size() - rank;
  const bool is_per_channel = constant.floats.size() == channels &&
                              constant.shape[axis] == map.shape.channels &&
                              map.extents[0] == map.shape.channels;
  return is_per_channel ? std::optional(constant.floats) : std::nullopt;
}

// ---- sums

Value add_biases(Lowering& lowering, const Node& node, std::size_t map_index) {
  const std::size_t index = 1 - map_index;
  const Constant* const constant = lowering.weights_input(node, index, "constants");
  const Map* const map = lowering.plain_map_input(node, map_index);
  if (constant == nullptr || map == nullptr) return Unknown{};
  const auto biases = per_channel(*constant, *map);
  if (!biases) {
    lowering.problems.add(
        node,
        fmt::format("constants {}: found the shape [{}] beside a map of {}, allowed: one value "
                    "for each of {} channels, or a map of the same shape",
                    shown_name(node.inputs[index]), fmt::join(constant->shape, ", "),
                    shape_text(lowering, *map), map->shape.channels));
    return Unknown{};
  }
  std::string reason;
  LoweredLayer* const layer = lowering.sole_source(*map, node.inputs[map_index], reason);
  if (layer == nullptr) {
    lowering.problems.add(node, reason);
    return Unknown{};
  }
  if (!has_weights(*layer) || layer->layer.activation != Activation::none) {
    lowering.problems.add(node, fmt::format("found constants behind {}, allowed: behind Conv, Gemm "
                                            "or MatMul without an activation",
                                            layer->label));
    return Unknown{};
  }
  if (!layer->layer.bias) layer->biases.assign(biases->size(), 0.0F);
  layer->layer.bias = true;
  for (std::size_t channel = 0; channel < biases->size(); ++channel) {
    layer->biases[channel] += (*biases)[channel];
  }
  if (!are_finite(layer->biases)) {
    lowering.problems.add(node,
                          "found biases that are not finite once they are added, allowed: "
                          "finite ones");
    return Unknown{};
  }
  lowering.took_in(*layer, node.outputs[0]);
  lowering.note("the biases of the layer before", node);
  return *map;
}

Value lower_add(Lowering& lowering, const Node& node) {
  const bool first_is_constant = std::holds_alternative<Constant>(lowering.input(node, 0));
  const bool second_is_constant = std::holds_alternative<Constant>(lowering.input(node, 1));
  if (first_is_constant && second_is_constant) {
    lowering.problems.add(node, "found two constants, allowed: at least one map");
    return Unknown{};
  }
  if (first_is_constant || second_is_constant) {
    return add_biases(lowering, node, first_is_constant ? 1 : 0);
  }
  const Map* const first = lowering.plain_map_input(node, 0);
  const Map* const second = lowering.plain_map_input(node, 1);
  if (first == nullptr || second == nullptr) return Unknown{};
  if (first->extents != second->extents || first->shape != second->shape) {
    lowering.problems.add(node,
                          fmt::format("found maps of {} and {}, allowed: two of one shape",
                                      shape_text(lowering, *first), shape_text(lowering, *second)));
    return Unknown{};
  }
  const Map map = *first;
  LoweredLayer* const layer =
      lowering.add_layer(node, {first->source, second->source}, [&](std::string name) {
        return make_add(std::move(name), map.shape, "", "");  // named when all layers are there
      });
  if (layer == nullptr) return Unknown{};
  Map sum = map;
  sum.source = std::ssize(lowering.layers) - 1;
  return sum;
}

// ---- fully connected layers

/// The transpose of a matrix of `rows` × `columns`.
std::vector<float> transposed(const std::vector<float>& values, std::int64_t rows,
                              std::int64_t columns) {
  std::vector<float> result;
  result.reserve(values.size());
  for (std::int64_t column = 0; column < columns; ++column) {
    for (std::int64_t row = 0; row < rows; ++row) {
      result.push_back(values[static_cast<std::size_t>(row * columns + column)]);
    }
  }
  return result;
}

/// Weights of a fully connected layer as the model has them: [inputs, outputs], or transposed.
struct Matrix {
  const Constant* constant = nullptr;
  bool is_transposed = false;

  [[nodiscard]] std::int64_t inputs() const { return constant->shape[is_transposed ? 1 : 0]; }
  [[nodiscard]] std::int64_t outputs() const { return constant->shape[is_transposed ? 0 : 1]; }
  [[nodiscard]] std::vector<float> by_output() const {
    return is_transposed ? constant->floats : transposed(constant->floats, inputs(), outputs());
  }
};

std::optional<Matrix> read_matrix(Lowering& lowering, const Node& node, bool is_transposed) {
  const Constant* const constant = lowering.weights_input(node, 1, "weights");
  if (constant == nullptr) return std::nullopt;
  if (constant->shape.size() != 2 || constant->floats.empty()) {
    lowering.problems.add(
        node, fmt::format("weights {}: found the shape [{}], allowed: a matrix",
                          shown_name(node.inputs[1]), fmt::join(constant->shape, ", ")));
    return std::nullopt;
  }
  return Matrix{constant, is_transposed};
}

/// Adds the layer of `matrix` that reads `map`. Null if there is a problem.
LoweredLayer* add_fully_connected(Lowering& lowering, const Node& node, const Map& map,
                                  const Matrix& matrix) {
  if (!map.is_flat() || map.shape.values() != matrix.inputs()) {
    lowering.problems.add(node,
                          fmt::format("found a map of {}, allowed: [{}, {}], as the weights have",
                                      shape_text(lowering, map), lowering.batch, matrix.inputs()));
    return nullptr;
  }
  LoweredLayer* const layer = lowering.add_layer(node, {map.source}, [&](std::string name) {
    return make_fully_connected(std::move(name), map.shape, matrix.outputs());
  });
  if (layer == nullptr || !lowering.make_values(node, matrix.constant->floats.size())) {
    return nullptr;
  }
  layer->weights = matrix.by_output();
  return layer;
}

Value lower_matmul(Lowering& lowering, const Node& node) {
  const auto matrix = read_matrix(lowering, node, false);
  const Map* const map = lowering.plain_map_input(node, 0);
  if (!matrix || map == nullptr) return Unknown{};
  if (add_fully_connected(lowering, node, *map, *matrix) == nullptr) return Unknown{};
  return lowering.last_map(0);
}

/// C of Gemm as a bias for each output; empty if there is none. None if there is a problem.
std::optional<std::vector<float>> read_gemm_biases(Lowering& lowering, const Node& node,
                                                   std::int64_t outputs) {
  if (!Lowering::has_input(node, 2)) return std::vector<float>{};
  const Constant* const constant = lowering.weights_input(node, 2, "biases");
  if (constant == nullptr) return std::nullopt;
  const Map row{.shape = {outputs, 1, 1}, .extents = {outputs}};
  auto biases = per_channel(*constant, row);
  if (!biases) {
    lowering.problems.add(
        node, fmt::format("biases {}: found the shape [{}], allowed: one value for "
                          "each of {} outputs",
                          shown_name(node.inputs[2]), fmt::join(constant->shape, ", "), outputs));
  }
  return biases;
}

Value lower_gemm(Lowering& lowering, const Node& node) {
  const Attributes attributes(node, lowering.problems);
  const float alpha = attributes.number("alpha", 1);
  const float beta = attributes.number("beta", 1);
  bool is_sound = std::isfinite(alpha) && std::isfinite(beta);
  if (!is_sound) {
    lowering.problems.add(
        node, fmt::format("found alpha {} and beta {}, allowed: finite numbers", alpha, beta));
  }
  if (attributes.integer("transA", 0) != 0) {
    lowering.problems.add(node, "transA: found 1, allowed: 0");
    is_sound = false;
  }
  const auto matrix = read_matrix(lowering, node, attributes.integer("transB", 0) != 0);
  const Map* const map = lowering.plain_map_input(node, 0);
  if (!matrix) return Unknown{};
  auto biases = read_gemm_biases(lowering, node, matrix->outputs());
  if (!is_sound || map == nullptr || !biases) return Unknown{};
  LoweredLayer* const layer = add_fully_connected(lowering, node, *map, *matrix);
  if (layer == nullptr) return Unknown{};
  for (float& weight : layer->weights) weight *= alpha;
  for (float& bias : *biases) bias *= beta;
  if (!are_finite(layer->weights) || !are_finite(*biases)) {
    lowering.problems.add(node,
                          "found weights that are not finite once alpha and beta multiply "
                          "them, allowed: finite ones");
    return Unknown{};
  }
  layer->layer.bias = !biases->empty();
  layer->biases = std::move(*biases);
  return lowering.last_map(0);
}

// ---- means of maps

Value average_all(Lowering& lowering, const Node& node, const Map& map, std::size_t spatial_rank) {
  const bool is_nonnegative = map.source != kNetworkInput &&
                              lowering.layers[static_cast<std::size_t>(map.source)].is_nonnegative;
  LoweredLayer* const layer = lowering.add_layer(node, {map.source}, [&](std::string name) {
    return make_global_average_pool(std::move(name), map.shape);
  });
  if (layer == nullptr) return Unknown{};
  layer->is_nonnegative = is_nonnegative;
  return lowering.last_map(spatial_rank);
}

Value lower_global_average_pool(Lowering& lowering, const Node& node) {
  const Map* const map = lowering.plain_map_input(node, 0);
  if (map == nullptr) return Unknown{};
  if (map->is_flat()) {
    lowering.problems.add(node, fmt::format("found a map of {}, allowed: one that is not flattened",
                                            shape_text(lowering, *map)));
    return Unknown{};
  }
  return average_all(lowering, node, *map, map->spatial_rank());
}

/// Are these the axes behind the channels, but for those of extent 1?
bool are_spatial(const std::vector<std::int64_t>& axes, const Map& map) {
  const auto rank = std::ssize(map.extents) + 1;
  std::vector<bool> reduced(static_cast<std::size_t>(rank), false);
  for (const std::int64_t axis : axes) {
    if (axis < -rank || axis >= rank) return false;
    reduced[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)] = true;
  }
  if (reduced[0] || reduced[1]) return false;
  for (std::int64_t axis = 2; axis < rank; ++axis) {
    const auto at = static_cast<std::size_t>(axis);
    if (!reduced[at] && map.extents[at - 1] != 1) return false;
  }
  return true;
}

Value lower_reduce_mean(Lowering& lowering, const Node& node) {
  const Attributes attributes(node, lowering.problems);
  const auto axes = attributes.integers("axes");
  const bool keeps = attributes.integer("keepdims", 1) != 0;
  const Map* const map = lowering.plain_map_input(node, 0);
  if (map == nullptr) return Unknown{};
  if (!axes || map->is_flat() || !are_spatial(*axes, *map)) {
    lowering.problems.add(
        node, fmt::format(
                  "axes: found {} of {}, allowed: those behind the channels, of a map that is not "
                  "flattened",
                  axes ? fmt::format("[{}]", fmt::join(axes->begin(),
                                                       axes->begin() + static_cast<std::ptrdiff_t>(
                                                                           std::min<std::size_t>(
                                                                               axes->size(), 8)),
                                                       ", "))
                       : "all",
                  shape_text(lowering, *map)));
    return Unknown{};
  }
  if (keeps) return average_all(lowering, node, *map, map->spatial_rank());
  // Without the axes that were reduced.
  const std::size_t left = map->spatial_rank() - std::min(axes->size(), map->spatial_rank());
  return average_all(lowering, node, *map, left);
}

// ---- what is dropped

Value lower_passing(Lowering& lowering, const Node& node) {
  if (node.op == "Dropout" && Lowering::has_input(node, 2)) {
    const Constant* const mode = lowering.constant_input(node, 2, "training_mode", false);
    if (mode != nullptr && !mode->integers.empty() && mode->integers[0] != 0) {
      lowering.problems.add(node,
                            "training_mode: found true, allowed: false, a model for inference");
      return Unknown{};
    }
  }
  const Map* const map = lowering.map_input(node, 0);
  if (map == nullptr) return Unknown{};
  lowering.note("dropped, because they do nothing", node);
  return *map;
}

/// Is the Softmax one over all values of a sample?
bool is_over_all(const Lowering& lowering, const Node& node, const Map& map) {
  constexpr std::int64_t kOpsetOfOneAxis = 13;  // before: all axes from this one on
  const bool one_axis = lowering.graph.opset >= kOpsetOfOneAxis;
  const auto rank = std::ssize(map.extents) + 1;
  std::int64_t axis = Attributes(node, lowering.problems).integer("axis", one_axis ? -1 : 1);
  if (axis < 0) axis += rank;
  if (axis < 1 || axis >= rank) return false;
  const auto first = map.extents.begin() + (axis - 1);
  const auto last = one_axis ? first + 1 : map.extents.end();
  std::int64_t count = 1;
  for (auto extent = first; extent != last; ++extent) count *= *extent;
  return count == map.shape.values();
}

Value lower_softmax(Lowering& lowering, const Node& node) {
  if (!lowering.order.final_values.contains(node.outputs[0])) {
    lowering.problems.add(node,
                          "found it inside the model, allowed: at its end, where it is left "
                          "out");
    return Unknown{};
  }
  const Map* const map = lowering.plain_map_input(node, 0);
  if (map == nullptr) return Unknown{};
  if (!is_over_all(lowering, node, *map)) {
    lowering.problems.add(node, fmt::format("found an axis that has not all values of {}, allowed: "
                                            "the axis of all classes",
                                            shape_text(lowering, *map)));
    return Unknown{};
  }
  lowering.has_softmax = true;
  lowering.note("left out; the largest output is the same without", node);
  return *map;
}

// ---- the table

struct Operator {
  std::string_view name;
  Value (*lower)(Lowering& lowering, const Node& node);
  std::size_t least_inputs;
  std::size_t most_inputs;
  std::vector<std::string_view> attributes;
};

const std::vector<Operator>& operators() {
  static const std::vector<Operator> table{
      {"Add", lower_add, 2, 2, {}},
      {"AveragePool",
       lower_average_pool,
       1,
       1,
       {"auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides"}},
      {"BatchNormalization",
       lower_batch_norm,
       5,
       5,
       {"epsilon", "momentum", "spatial", "training_mode"}},
      {"Clip", lower_clip, 1, 3, {"max", "min"}},
      {"Conv",
       lower_convolution,
       2,
       3,
       {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"}},
      {"Dropout", lower_passing, 1, 3, {"ratio", "seed"}},
      {"Flatten", lower_flatten, 1, 1, {"axis"}},
      {"Gemm", lower_gemm, 2, 3, {"alpha", "beta", "transA", "transB"}},
      {"GlobalAveragePool", lower_global_average_pool, 1, 1, {}},
      {"Identity", lower_passing, 1, 1, {}},
      {"MatMul", lower_matmul, 2, 2, {}},
      {"MaxPool",
       lower_max_pool,
       1,
       1,
       {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"}},
      {"Pad", lower_pad, 1, 3, {"mode", "pads", "value"}},
      {"ReduceMean", lower_reduce_mean, 1, 1, {"axes", "keepdims"}},
      {"Relu", lower_relu, 1, 1, {}},
      {"Reshape", lower_reshape, 2, 2, {"allowzero"}},
      {"Softmax", lower_softmax, 1, 1, {"axis"}},
      {"Squeeze", lower_squeeze, 1, 2, {"axes"}},
      {"Unsqueeze", lower_unsqueeze, 1, 2, {"axes"}},
  };
  return table;
}

/// What could stand for operators that are not read.
struct Alternative {
  std::vector<std::string_view> operators;
  std::string_view allowed;
  bool keeps_shape = false;  ///< what follows can be checked nevertheless
};

const std::vector<Alternative>& alternatives() {
  static const std::vector<Alternative> table{
      {{"Sigmoid", "Tanh", "LeakyRelu", "Elu", "Selu", "PRelu", "HardSigmoid", "HardSwish",
        "Softplus", "Softsign", "ThresholdedRelu", "Celu", "Erf", "Exp", "Log", "Sqrt", "Abs",
        "Neg"},
       "Relu or Clip(0, 6)",
       true},
      {{"InstanceNormalization", "LayerNormalization", "LRN", "LpNormalization",
        "MeanVarianceNormalization"},
       "BatchNormalization",
       true},
      {{"Mul", "Sub", "Div", "Pow", "Sum", "Mean", "Max", "Min"}, "Add"},
      {{"Concat"}, "Add of maps of one shape"},
      {{"LSTM", "GRU", "RNN", "Loop", "Scan", "If"}, "a feed-forward network"},
      {{"ConvTranspose", "Upsample", "Resize", "DepthToSpace", "MaxUnpool"},
       "layers that keep a map's extents or make them smaller"},
      {{"QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger", "QuantizeLinear",
        "DequantizeLinear", "DynamicQuantizeLinear"},
       "a model of floats, which is quantised when it is deployed"},
      {{"LogSoftmax", "Hardmax"}, "a last Softmax, which is left out", true},
      {{"Transpose"}, "maps of [batch, channels, height, width] throughout"},
      {{"GlobalMaxPool", "LpPool", "GlobalLpPool", "MaxRoiPool"},
       "MaxPool, AveragePool, GlobalAveragePool"},
      {{"ReduceMax", "ReduceSum", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2"}, "ReduceMean"},
  };
  return table;
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Says that the operator is not read. What follows can be checked if it keeps a map's shape.
Value refuse_operator(const Lowering& lowering, const Node& node) {
  if (!is_standard_domain(node.domain)) {
    lowering.problems.add(node,
                          fmt::format("found an operator of {}, allowed: those of ONNX itself",
                                      shown_name(node.domain)));
    return Unknown{};
  }
  for (const Alternative& alternative : alternatives()) {
    if (!contains(alternative.operators, node.op)) continue;
    lowering.problems.add(node, fmt::format("found an operator that is not supported, allowed: {}",
                                            alternative.allowed));
    return alternative.keeps_shape ? lowering.input(node, 0) : Value(Unknown{});
  }
  std::vector<std::string_view> names;
  for (const Operator& entry : operators()) names.push_back(entry.name);
  lowering.problems.add(node, fmt::format("found an operator that is not supported, allowed: {}",
                                          fmt::join(names, ", ")));
  return Unknown{};
}

bool require_attributes(const Lowering& lowering, const Node& node, const Operator& known) {
  bool is_sound = true;
  for (const auto& [name, attribute] : node.attributes) {
    if (contains(known.attributes, name)) continue;
    lowering.problems.add(node,
                          fmt::format("found the attribute {}, allowed: {}", shown_name(name),
                                      known.attributes.empty()
                                          ? std::string("none")
                                          : fmt::format("{}", fmt::join(known.attributes, ", "))));
    is_sound = false;
  }
  return is_sound;
}

}  // namespace

Value lower_node(Lowering& lowering, const Node& node) {
  const auto known = std::find_if(operators().begin(), operators().end(),
                                  [&](const Operator& entry) { return entry.name == node.op; });
  if (known == operators().end() || !is_standard_domain(node.domain)) {
    return refuse_operator(lowering, node);
  }
  if (node.inputs.size() < known->least_inputs || node.inputs.size() > known->most_inputs ||
      node.outputs.empty()) {
    lowering.problems.add(node, fmt::format("found {} inputs and {} outputs, allowed: {} to {} "
                                            "inputs and an output",
                                            node.inputs.size(), node.outputs.size(),
                                            known->least_inputs, known->most_inputs));
    return Unknown{};
  }
  if (!require_attributes(lowering, node, *known)) return Unknown{};
  for (std::size_t i = 0; i < known->least_inputs; ++i) {
    if (Lowering::has_input(node, i)) continue;
    lowering.problems.add(
        node, fmt::format("found no input {}, allowed: {} inputs", i + 1, known->least_inputs));
    return Unknown{};
  }
  return known->lower(lowering, node);
}

}  // namespace inas::onnx
