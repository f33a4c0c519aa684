#include "lowering.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/plain_name.hpp>
#include <inas/core/weights.hpp>

#include "constant_nodes.hpp"
#include "operators.hpp"

namespace inas::onnx {
namespace {

const Value kUnknown = Unknown{};

/// A name of the model as a name of a layer: without the slash that PyTorch begins names with,
/// other signs than those allowed as _.
std::string plain_name_of(const std::string& name) {
  constexpr std::size_t kLongest = 80;  // room for what makes it unique
  std::string plain;
  for (const char sign : name) {
    if (plain.size() == kLongest) break;
    if (plain.empty() && sign == '/') continue;
    plain.push_back(is_plain_name(std::string_view(&sign, 1)) ? sign : '_');
  }
  return plain;
}

/// Says which of the inputs nothing gives.
void require_inputs(const Lowering& lowering, const Node& node) {
  for (const std::string& input : node.inputs) {
    if (input.empty() || lowering.values.contains(input)) continue;
    lowering.problems.add(
        node, fmt::format("found the input {}, which no node, initialiser or input of the model "
                          "gives, allowed: a model with all its weights",
                          shown_name(input)));
  }
}

/// Only the first output is computed.
void require_one_output(const Lowering& lowering, const Node& node) {
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    if (node.outputs[i].empty() || lowering.readers_of(node.outputs[i]) == 0) continue;
    lowering.problems.add(node, fmt::format("found a reader of output {}, {}, allowed: readers of "
                                            "the first output alone",
                                            i + 1, shown_name(node.outputs[i])));
  }
}

Value value_of(Lowering& lowering, const Node& node) {
  if (is_constant_node(lowering, node)) return constant_value(lowering, node);
  return lower_node(lowering, node);
}

void add_inputs(Lowering& lowering) {
  for (const auto& [name, constant] : lowering.graph.constants) lowering.values[name] = constant;
  for (const GraphInput& input : lowering.graph.inputs) {
    Value& value = lowering.values[input.name];
    if (!input.unusable.empty()) {
      lowering.problems.add(fmt::format("input {}: {}", shown_name(input.name), input.unusable));
      continue;
    }
    if (lowering.graph.inputs.size() != 1) continue;  // there is a problem already
    const std::vector<std::int64_t>& extents = input.extents;
    lowering.batch = extents[0] == kSymbolic ? 1 : extents[0];
    if (lowering.batch > 1) {
      lowering.remarks.push_back(fmt::format("the batch of {} samples becomes 1", lowering.batch));
    }
    Map map;
    map.shape = {extents[1], extents.size() > 2 ? extents[2] : 1,
                 extents.size() > 3 ? extents[3] : 1};
    map.extents.assign(extents.begin() + 1, extents.end());
    value = map;
  }
}

void require_output(const Lowering& lowering) {
  if (lowering.graph.outputs.size() != 1) return;
  const std::string& name = lowering.graph.outputs.front();
  const auto output = lowering.values.find(name);
  const auto refuse = [&](std::string_view what) {
    lowering.problems.add(fmt::format("output {}: {}", shown_name(name), what));
  };
  if (output == lowering.values.end()) {
    refuse("found no node that gives it, allowed: one");
  } else if (std::holds_alternative<Constant>(output->second)) {
    refuse("found constants, allowed: what follows from the input");
  } else if (const Map* const map = std::get_if<Map>(&output->second)) {
    if (map->source == kNetworkInput) {
      refuse("found the input, allowed: what layers make of it");
    } else if (map->is_padded()) {
      refuse(fmt::format("found the zeros of {}, allowed: zeros before a convolution or a pooling",
                         map->padded_by));
    }
  }
}

}  // namespace

std::vector<std::int64_t> extents_of(const Shape& shape, std::size_t spatial_rank) {
  if (spatial_rank == 0) return {shape.values()};
  if (spatial_rank == 1) return {shape.channels, shape.height};
  return {shape.channels, shape.height, shape.width};
}

const Value& Lowering::input(const Node& node, std::size_t index) const {
  if (!has_input(node, index)) return kUnknown;
  const auto found = values.find(node.inputs[index]);
  return found == values.end() ? kUnknown : found->second;
}

const Map* Lowering::map_input(const Node& node, std::size_t index) const {
  const Value& value = input(node, index);
  if (std::holds_alternative<Constant>(value)) {
    problems.add(node, fmt::format("found the constant {} as input {}, allowed: a map",
                                   shown_name(node.inputs[index]), index + 1));
  }
  return std::get_if<Map>(&value);
}

const Map* Lowering::plain_map_input(const Node& node, std::size_t index) const {
  const Map* const map = map_input(node, index);
  if (map == nullptr || !map->is_padded()) return map;
  problems.add(node, fmt::format("found a map with the zeros of {}, allowed: zeros before Conv, or "
                                 "before MaxPool behind Relu",
                                 map->padded_by));
  return nullptr;
}

const Constant* Lowering::constant_input(const Node& node, std::size_t index, const char* what,
                                         bool floats) const {
  const Value& value = input(node, index);
  const auto refuse = [&](std::string_view why) {
    problems.add(node, fmt::format("{} {}: {}", what, shown_name(node.inputs[index]), why));
    return nullptr;
  };
  if (std::holds_alternative<Map>(value)) {
    return refuse("found values that the model computes, allowed: constants");
  }
  const Constant* const constant = std::get_if<Constant>(&value);
  if (constant == nullptr || constant->is_unknown) return nullptr;
  if (!constant->unusable.empty()) return refuse(constant->unusable);
  if (constant->is_float != floats) {
    return refuse(floats ? "found whole numbers, allowed: values of type FLOAT"
                         : "found values of type FLOAT, allowed: whole numbers");
  }
  return constant;
}

const Constant* Lowering::weights_input(const Node& node, std::size_t index,
                                        const char* what) const {
  const Constant* const weights = constant_input(node, index, what, true);
  if (weights == nullptr) return nullptr;
  const auto found = std::find_if(weights->floats.begin(), weights->floats.end(),
                                  [](float value) { return !std::isfinite(value); });
  if (found == weights->floats.end()) return weights;
  problems.add(node, fmt::format("{} {}: found {}, allowed: finite numbers", what,
                                 shown_name(node.inputs[index]), *found));
  return nullptr;
}

std::int64_t Lowering::readers_of(const std::string& value) const {
  const auto found = order.readers.find(value);
  return found == order.readers.end() ? 0 : found->second;
}

void Lowering::note(const std::string& what, const Node& node) {
  const auto known = std::find_if(done.begin(), done.end(),
                                  [&](const auto& entry) { return entry.first == what; });
  auto& nodes = known == done.end() ? done.emplace_back(what, std::vector<std::string>{}) : *known;
  nodes.second.push_back(label_of(node));
}

bool Lowering::make_values(const Node& node, std::size_t count) {
  constexpr std::size_t kMost = std::size_t{1} << 27U;
  const bool was_within = made_values <= kMost;
  made_values += count;
  if (made_values <= kMost) return true;
  if (was_within) {
    problems.add(node, fmt::format("found more weights than {}, its own included, allowed: at most "
                                   "so many",
                                   kMost));
  }
  return false;
}

std::string Lowering::unique_name(const Node& node) {
  std::string base = plain_name_of(node.name);
  if (base.empty()) base = plain_name_of(node.op);
  const auto is_free = [&](const std::string& name) {
    return name != kNetworkInputName && !names.contains(name) && !names.contains(bias_name(name));
  };
  std::int64_t& number = numbers.try_emplace(base, 1).first->second;
  std::string name = base;
  while (!is_free(name)) name = fmt::format("{}_{}", base, ++number);
  return name;
}

LoweredLayer* Lowering::add_layer(const Node& node, std::vector<std::int64_t> reads,
                                  const std::function<Layer(std::string)>& make) {
  const std::string name = unique_name(node);
  LoweredLayer lowered{.layer = {}, .reads = std::move(reads)};
  try {
    lowered.layer = make(name);
  } catch (const InvalidArgument& error) {
    std::string_view what = error.what();
    if (const std::string start = name + ": "; what.starts_with(start)) {
      what.remove_prefix(start.size());
    }
    problems.add(node, what);
    return nullptr;
  }
  names.insert(name);
  names.insert(bias_name(name));
  lowered.label = label_of(node);
  lowered.readers = node.outputs.empty() ? 0 : readers_of(node.outputs[0]);
  layers.push_back(std::move(lowered));
  return &layers.back();
}

Map Lowering::last_map(std::size_t spatial_rank) const {
  Map map;
  map.source = std::ssize(layers) - 1;
  map.shape = layers.back().layer.ofm;
  map.extents = extents_of(map.shape, spatial_rank);
  return map;
}

LoweredLayer* Lowering::sole_source(const Map& map, const std::string& value, std::string& reason) {
  if (map.source == kNetworkInput) {
    reason = "found the model's input, allowed: the output of a layer";
    return nullptr;
  }
  LoweredLayer& layer = layers[static_cast<std::size_t>(map.source)];
  if (layer.readers == 1 && readers_of(value) == 1) return &layer;
  reason = fmt::format("found other readers of what it reads, the output of {}, allowed: it alone",
                       layer.label);
  return nullptr;
}

void Lowering::took_in(LoweredLayer& layer, const std::string& output) const {
  layer.readers = readers_of(output);
}

void lower(Lowering& lowering) {
  add_inputs(lowering);
  for (const std::size_t n : lowering.order.nodes) {
    const Node& node = lowering.graph.nodes[n];
    require_inputs(lowering, node);
    require_one_output(lowering, node);
    Value value = value_of(lowering, node);
    for (const std::string& output : node.outputs) {
      if (!output.empty()) lowering.values[output] = Unknown{};
    }
    if (!node.outputs.empty()) lowering.values[node.outputs[0]] = std::move(value);
  }
  for (const std::size_t n : lowering.order.unread) {
    lowering.note("left out, because the model's output does not depend on them",
                  lowering.graph.nodes[n]);
  }
  require_output(lowering);
}

}  // namespace inas::onnx
