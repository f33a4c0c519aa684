#include "graph_order.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <queue>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/text.hpp>

namespace inas::onnx {
namespace {

constexpr std::array<std::string_view, 6> kPassing{"Identity", "Dropout", "Flatten",
                                                   "Reshape",  "Squeeze", "Unsqueeze"};

using Producers = std::map<std::string, std::size_t>;

/// The node that gives each value.
Producers producers_of(const Graph& graph, Problems& problems) {
  Producers producers;
  std::set<std::string> given;
  for (const GraphInput& input : graph.inputs) given.insert(input.name);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const std::string& output : graph.nodes[n].outputs) {
      if (output.empty()) continue;
      if (given.contains(output) || graph.constants.contains(output) ||
          !producers.emplace(output, n).second) {
        problems.add(graph.nodes[n],
                     fmt::format("found the output {}, which the model has already, allowed: one "
                                 "of its own",
                                 shown_name(output)));
      }
    }
  }
  problems.throw_any();
  return producers;
}

std::vector<bool> leads_to_output(const Graph& graph, const Producers& producers) {
  std::vector<bool> leads(graph.nodes.size(), false);
  std::vector<std::string> wanted(graph.outputs.begin(), graph.outputs.end());
  while (!wanted.empty()) {
    const auto producer = producers.find(wanted.back());
    wanted.pop_back();
    if (producer == producers.end() || leads[producer->second]) continue;
    leads[producer->second] = true;
    for (const std::string& input : graph.nodes[producer->second].inputs) wanted.push_back(input);
  }
  return leads;
}

/// Nodes of which each reads the one before it, and the first the last; of those that wait for
/// others.
std::vector<std::size_t> cycle_of(const Graph& graph, const Producers& producers,
                                  const std::vector<std::int64_t>& waits) {
  const auto waiting_input = [&](std::size_t n) {
    for (const std::string& input : graph.nodes[n].inputs) {
      const auto producer = producers.find(input);
      if (producer != producers.end() && waits[producer->second] > 0) return producer->second;
    }
    return n;
  };
  std::size_t at = static_cast<std::size_t>(
      std::find_if(waits.begin(), waits.end(), [](std::int64_t w) { return w > 0; }) -
      waits.begin());
  std::vector<std::size_t> path;
  std::vector<bool> seen(graph.nodes.size(), false);
  while (!seen[at]) {
    seen[at] = true;
    path.push_back(at);
    at = waiting_input(at);
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), at));
  std::reverse(path.begin(), path.end());
  return path;
}

void refuse_cycle(const Graph& graph, const std::vector<std::size_t>& cycle, Problems& problems) {
  constexpr std::size_t kShown = 8;
  std::vector<std::string> labels;
  for (const std::size_t n : cycle) {
    if (labels.size() == kShown) {
      labels.emplace_back("…");
      break;
    }
    labels.push_back(label_of(graph.nodes[n]));
  }
  problems.add(fmt::format("found a cycle of {}: {}, allowed: a graph without",
                           counted(std::ssize(cycle), "node"), fmt::join(labels, ", ")));
  problems.throw_any();
}

/// The nodes that lead to the output, each behind those that it reads.
std::vector<std::size_t> sorted(const Graph& graph, const Producers& producers,
                                const std::vector<bool>& leads, Problems& problems) {
  std::vector<std::int64_t> waits(graph.nodes.size(), 0);  // for inputs that others give
  std::vector<std::vector<std::size_t>> waiting(graph.nodes.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  std::size_t count = 0;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!leads[n]) continue;
    ++count;
    for (const std::string& input : graph.nodes[n].inputs) {
      const auto producer = producers.find(input);
      if (producer == producers.end()) continue;
      ++waits[n];
      waiting[producer->second].push_back(n);
    }
    if (waits[n] == 0) ready.push(n);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t n = ready.top();
    ready.pop();
    order.push_back(n);
    for (const std::size_t reader : waiting[n]) {
      if (--waits[reader] == 0) ready.push(reader);
    }
  }
  if (order.size() < count) refuse_cycle(graph, cycle_of(graph, producers, waits), problems);
  return order;
}

void count_readers(const Graph& graph, GraphOrder& order) {
  for (const std::string& output : graph.outputs) ++order.readers[output];
  for (auto at = order.nodes.rbegin(); at != order.nodes.rend(); ++at) {
    const Node& node = graph.nodes[*at];
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.op == "Shape") continue;
      const bool passes = i == 0 && passes_on(node) && !node.outputs.empty();
      order.readers[node.inputs[i]] += passes ? order.readers[node.outputs[0]] : 1;
    }
  }
}

void find_final_values(const Graph& graph, const Producers& producers, GraphOrder& order) {
  if (graph.outputs.empty()) return;
  std::string value = graph.outputs.front();
  while (order.final_values.insert(value).second) {
    const auto producer = producers.find(value);
    if (producer == producers.end()) return;
    const Node& node = graph.nodes[producer->second];
    if (!passes_on(node) || node.inputs.empty() || node.outputs[0] != value) return;
    value = node.inputs[0];
  }
}

}  // namespace

bool passes_on(const Node& node) {
  return is_standard_domain(node.domain) &&
         std::find(kPassing.begin(), kPassing.end(), node.op) != kPassing.end();
}

GraphOrder order_graph(const Graph& graph, Problems& problems) {
  const Producers producers = producers_of(graph, problems);
  const std::vector<bool> leads = leads_to_output(graph, producers);
  GraphOrder order;
  order.nodes = sorted(graph, producers, leads, problems);
  for (std::size_t n = 0; n < leads.size(); ++n) {
    if (!leads[n]) order.unread.push_back(n);
  }
  count_readers(graph, order);
  find_final_values(graph, producers, order);
  return order;
}

}  // namespace inas::onnx
