#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/files.hpp>
#include <inas/core/json_reader.hpp>
#include <inas/core/plain_name.hpp>
#include <inas/onnx/import.hpp>

#include "graph_order.hpp"
#include "lowering.hpp"
#include "problems.hpp"
#include "read_graph.hpp"

namespace inas::onnx {
namespace {

/// The names of what each layer reads; none for a chain.
void name_inputs(std::vector<LoweredLayer>& layers) {
  for (std::size_t l = 0; l < layers.size(); ++l) {
    Layer& layer = layers[l].layer;
    layer.inputs.clear();
    const std::int64_t before = static_cast<std::int64_t>(l) - 1;
    if (layers[l].reads == std::vector{before}) continue;
    for (const std::int64_t read : layers[l].reads) {
      layer.inputs.push_back(read == kNetworkInput
                                 ? std::string(kNetworkInputName)
                                 : layers[static_cast<std::size_t>(read)].layer.name);
    }
  }
}

std::vector<Tensor> tensors_with_values(LoweredLayer& lowered) {
  std::vector<Tensor> tensors = tensors_of(lowered.layer);
  if (!tensors.empty()) tensors[0].values = std::move(lowered.weights);
  if (tensors.size() > 1) tensors[1].values = std::move(lowered.biases);
  return tensors;
}

std::vector<std::string> notes_of(const Lowering& lowering) {
  constexpr std::size_t kShown = 100;
  std::vector<std::string> notes = lowering.remarks;
  for (const auto& [what, nodes] : lowering.done) {
    const std::size_t shown = std::min(nodes.size(), kShown);
    notes.push_back(fmt::format(
        "{}: {}{}", what,
        fmt::join(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
        shown < nodes.size() ? fmt::format(" and {} more", nodes.size() - shown) : ""));
  }
  return notes;
}

/// What core says of the network as a whole, which no node alone is to blame for.
void check(const Network& network, Problems& problems) {
  try {
    validate(network);
  } catch (const InvalidArgument& error) {
    problems.add(error.what());
  }
  problems.throw_any();
}

}  // namespace

std::string shown_name(const std::string& name) {
  return is_plain_name(name) ? name : json::shown(name);
}

std::string label_of(const Node& node) {
  const std::string op = shown_name(node.op);
  if (!node.name.empty()) return fmt::format("{} ({})", shown_name(node.name), op);
  for (const std::string& output : node.outputs) {
    if (!output.empty()) return fmt::format("the node of {} ({})", shown_name(output), op);
  }
  return fmt::format("a node without a name ({})", op);
}

void Problems::add(std::string_view what) {
  // A damaged model can have as many problems as bytes.
  constexpr std::size_t kMost = 100;
  if (sentences_.size() == kMost) {
    ++left_out_;
  } else {
    sentences_.push_back(fmt::format("{}: {}", source_, what));
  }
}

void Problems::add(const Node& node, std::string_view what) {
  add(fmt::format("{}: {}", label_of(node), what));
}

void Problems::throw_any() const {
  if (sentences_.empty()) return;
  std::vector<std::string> sentences = sentences_;
  if (left_out_ > 0) {
    sentences.push_back(fmt::format("{}: found {} more problems", source_, left_out_));
  }
  throw ImportError(std::move(sentences));
}

ImportError::ImportError(std::vector<std::string> problems)
    : Error(fmt::format("{}", fmt::join(problems, "; "))), problems_(std::move(problems)) {}

ImportedNetwork parse_model(std::string_view content, const std::string& source) {
  Problems problems(source);
  const Graph graph = read_graph(content, source, problems);
  // What nodes mean depends on the opset.
  if (graph.opset < kLeastOpset || graph.opset > kMostOpset) problems.throw_any();
  const GraphOrder order = order_graph(graph, problems);
  Lowering lowering{.graph = graph, .order = order, .problems = problems};
  lower(lowering);
  problems.throw_any();
  name_inputs(lowering.layers);
  ImportedNetwork imported;
  for (LoweredLayer& lowered : lowering.layers) {
    imported.network.layers.push_back(lowered.layer);
    for (Tensor& tensor : tensors_with_values(lowered)) {
      imported.tensors.push_back(std::move(tensor));
    }
  }
  check(imported.network, problems);
  imported.notes = notes_of(lowering);
  imported.has_softmax = lowering.has_softmax;
  return imported;
}

ImportedNetwork import_model(const std::filesystem::path& path) {
  return parse_model(read_file(path, kMostModelBytes), path.string());
}

}  // namespace inas::onnx
