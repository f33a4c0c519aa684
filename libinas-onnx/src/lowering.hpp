#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <inas/core/network.hpp>

#include "graph.hpp"
#include "graph_order.hpp"
#include "problems.hpp"

/// From nodes to layers: what is known of each value while the nodes are taken in their order.
namespace inas::onnx {

/// A feature map: the outputs of a layer, or the network's input.
struct Map {
  std::int64_t source = kNetworkInput;  ///< the layer
  Shape shape;
  /// Its extents in the model but for the batch: those of `shape`; channels and length, where the
  /// width is 1; or the number of its values, once it is flattened.
  std::vector<std::int64_t> extents;
  Padding padding = {};        ///< zeros around it that no layer has taken yet
  std::string padded_by = {};  ///< the label of the node that adds them

  [[nodiscard]] bool is_padded() const { return padding != Padding{}; }
  [[nodiscard]] bool is_flat() const { return extents.size() == 1; }
  /// One-dimensional maps have one spatial extent.
  [[nodiscard]] std::size_t spatial_rank() const { return extents.size() - 1; }
};

/// Of a value whose node has a problem nothing is known.
using Unknown = std::monostate;
using Value = std::variant<Unknown, Constant, Map>;

/// A layer in the making.
struct LoweredLayer {
  Layer layer;
  std::vector<std::int64_t> reads;
  std::vector<float> weights = {};
  std::vector<float> biases = {};  ///< none: the layer has no bias
  std::string label = {};          ///< of the node that it comes from
  std::int64_t readers = 0;        ///< of its outputs as they are so far
  bool is_nonnegative = false;     ///< no output is below 0
};

struct Lowering {
  const Graph& graph;
  const GraphOrder& order;
  Problems& problems;
  std::int64_t batch = 1;
  std::vector<LoweredLayer> layers = {};
  std::map<std::string, Value> values = {};
  std::set<std::string> names = {};                  ///< of layers and of their tensors
  std::map<std::string, std::int64_t> numbers = {};  ///< the last one of names that begin alike
  /// What was done ("dropped"), and with which nodes, in the order of the first of each.
  std::vector<std::pair<std::string, std::vector<std::string>>> done = {};
  std::vector<std::string> remarks = {};
  bool has_softmax = false;
  std::size_t made_values = 0;  ///< of weights and constants, each use of an initialiser counted

  /// The value of an input; unknown for one that is left out.
  [[nodiscard]] const Value& input(const Node& node, std::size_t index) const;
  [[nodiscard]] static bool has_input(const Node& node, std::size_t index) {
    return index < node.inputs.size() && !node.inputs[index].empty();
  }
  /// The map that the node reads. Null if nothing is known of it, or if it is no map, which is
  /// a problem.
  [[nodiscard]] const Map* map_input(const Node& node, std::size_t index) const;
  /// The same of one that no zeros are around; others are a problem.
  [[nodiscard]] const Map* plain_map_input(const Node& node, std::size_t index) const;
  /// Values that the node needs to be constants, of this type. Null likewise.
  [[nodiscard]] const Constant* constant_input(const Node& node, std::size_t index,
                                               const char* what, bool floats) const;

  /// Weights: constants of finite floats. Null likewise.
  [[nodiscard]] const Constant* weights_input(const Node& node, std::size_t index,
                                              const char* what) const;

  [[nodiscard]] std::int64_t readers_of(const std::string& value) const;

  void note(const std::string& what, const Node& node);

  /// Counts values that the node makes. False, with a problem, once there are too many: the few
  /// bytes of a node may use an initialiser again.
  [[nodiscard]] bool make_values(const Node& node, std::size_t count);

  /// Adds the layer that `make` gives of its name, and gives its map with so many spatial
  /// dimensions. An InvalidArgument of `make` is a problem of the node, and there is no map then.
  [[nodiscard]] LoweredLayer* add_layer(const Node& node, std::vector<std::int64_t> reads,
                                        const std::function<Layer(std::string)>& make);
  /// The outputs of the layer that was added last.
  [[nodiscard]] Map last_map(std::size_t spatial_rank) const;

  /// The layer whose outputs `map` is, to be changed by `node`, which reads them as `value`: unless
  /// others read them as well, or they are the network's input. Null then, and `reason` is why.
  [[nodiscard]] LoweredLayer* sole_source(const Map& map, const std::string& value,
                                          std::string& reason);
  /// Says that `layer` has taken in the node, which gives `output`.
  void took_in(LoweredLayer& layer, const std::string& output) const;

 private:
  [[nodiscard]] std::string unique_name(const Node& node);
};

/// The extents that a map of this shape has in a model with so many spatial dimensions; 0: flat.
[[nodiscard]] std::vector<std::int64_t> extents_of(const Shape& shape, std::size_t spatial_rank);

/// Takes all nodes in their order: layers, or problems.
void lower(Lowering& lowering);

}  // namespace inas::onnx
