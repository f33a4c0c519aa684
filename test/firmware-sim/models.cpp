#include "models.hpp"

namespace inas::firmware {
namespace {

/// Layers, each with its design, of which each reads the one before it and additions an earlier one
/// besides.
class Network {
 public:
  explicit Network(Shape input) : shape_(input) {}

  Network& convolution(std::int64_t channels, std::int64_t kernel_height, std::int64_t kernel_width,
                       const char* design) {
    return add(make_convolution("CONV", shape_, channels, kernel_height, kernel_width), design);
  }
  Network& any(const Layer& layer, const char* design) { return add(layer, design); }
  /// Adds the output of layer `earlier`, from 0 on.
  Network& add_output(std::size_t earlier, const char* design) {
    return add(make_add("ADD", shape_, layers_.back().layer.name, layers_.at(earlier).layer.name),
               design);
  }
  Network& pool(const char* design) {
    return add(make_global_average_pool("POOL", shape_), design);
  }
  Network& max_pool(std::int64_t window, std::int64_t stride, const char* design) {
    return add(make_max_pooling("MAXPOOL", shape_, window, window, stride), design);
  }
  Network& fully_connected(std::int64_t channels, const char* design) {
    return add(make_fully_connected("FC", shape_, channels), design);
  }

  /// Of the last layer.
  Network& activated(Activation activation) {
    layers_.back().layer.activation = activation;
    return *this;
  }
  /// Of the last layer.
  Network& biased() {
    layers_.back().layer.bias = true;
    return *this;
  }
  /// Of the last layer.
  Network& units(std::int64_t entry, std::int64_t fetched, std::int64_t kept = 0) {
    layers_.back().units = {entry, fetched, kept};
    return *this;
  }

  /// What the next layer reads.
  [[nodiscard]] const Shape& shape() const { return shape_; }

  /// ReLU follows every layer but the last, unless another activation was asked for.
  [[nodiscard]] std::unique_ptr<TestModel> model(std::uint64_t seed,
                                                 std::int64_t longest_vector = 0,
                                                 std::int64_t ledger_budget = 0) const {
    std::vector<TestLayer> layers = layers_;
    for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
      Activation& activation = layers[i].layer.activation;
      if (activation == Activation::none) activation = Activation::relu;
    }
    return std::make_unique<TestModel>(layers, seed, longest_vector, Placement::apart,
                                       ledger_budget);
  }

 private:
  Network& add(const Layer& layer, const char* design) {
    layers_.push_back({layer, parse_design(design)});
    layers_.back().layer.name += std::to_string(layers_.size());
    shape_ = layer.ofm;
    return *this;
  }

  Shape shape_;
  std::vector<TestLayer> layers_;
};

/// Windows that reach beyond their maps, strides, all types that the other models lack.
std::unique_ptr<TestModel> graph_model() {
  Network network({3, 9, 8});
  network
      .any(make_convolution("CONV", network.shape(), 4, 3, 3, 2, {1, 1, 1, 1}),
           "2_4_2_3_reuse_W_S1_coalesced_K0_cpu")
      .activated(Activation::relu6)
      .biased()
      .units(3, 5, 4);
  network
      .any(make_depthwise_convolution("DWCONV", network.shape(), 3, 3, 1, {1, 1, 1, 1}),
           "5_2_2_1_reuse_W_S2_K0")
      .biased()
      .units(2, 5, 3);
  network.convolution(4, 1, 1, "3_4_4_2_reuse_O_S1_row_cpu");
  network.add_output(0, "5_2_4_1_reuse_W_S2_coalesced_K0").activated(Activation::relu6).units(2, 4);
  network
      .any(make_max_pooling("MAXPOOL", network.shape(), 2, 2, 2, {1, 0, 0, 0}),
           "3_1_3_1_reuse_W_S1_K0")
      .units(2, 3);
  network
      .any(make_depthwise_convolution("DWCONV", network.shape(), 2, 1, 2, {1, 0, 0, 0}),
           "1_2_3_1_reuse_W_S1_coalesced_K0")
      .units(2, 5, 3);
  network
      .any(make_average_pooling("AVGPOOL", network.shape(), 2, 2, 1, {1, 1, 0, 0}),
           "2_1_2_1_reuse_W_S1_coalesced_K2")
      .units(1, 3);
  network.fully_connected(3, "1_1_3_4_reuse_O_S1_row_coalesced_K0_cpu").units(2, 4, 3);
  return network.model(7, 0, 21);
}

}  // namespace

std::vector<SimulatedModel> simulated_models() {
  std::vector<SimulatedModel> models;
  models.push_back({"taps", Network({2, 7, 7})
                                .convolution(4, 3, 3, "2_2_2_1_reuse_I_S2_cpu")
                                .biased()
                                .max_pool(2, 1, "2_3_3_1_reuse_W_S2")
                                .convolution(3, 2, 2, "2_3_3_2_reuse_W_S2_K2_cpu")
                                .pool("2_2_3_1_reuse_O_S1")
                                .fully_connected(4, "1_1_2_1_reuse_O_S3_cpu")
                                .biased()
                                .model(1)});
  models.push_back({"rows", Network({3, 9, 7})
                                .convolution(5, 3, 2, "3_4_2_2_reuse_W_S1_row_coalesced_K0_cpu")
                                .biased()
                                .units(4, 5, 3)
                                .max_pool(2, 2, "2_3_5_1_reuse_W_S1_coalesced_K0")
                                .units(1, 3)
                                .convolution(4, 2, 2, "2_2_2_5_reuse_I_S2_row_coalesced_cpu")
                                .units(2, 6)
                                .pool("1_2_4_1_reuse_O_S1_coalesced_K0")
                                .units(1, 2, 2)
                                .fully_connected(3, "1_1_3_2_reuse_O_S1_row_coalesced_K0_cpu")
                                .units(2, 4, 3)
                                .model(2, 4, 19)});
  models.push_back({"vectors", Network({3, 12, 1})
                                   .convolution(4, 3, 1, "5_1_2_3_reuse_O_S1_row_cpu")
                                   .convolution(5, 4, 1, "3_1_5_2_reuse_O_S2_coalesced_K3_cpu")
                                   .fully_connected(6, "1_1_6_5_reuse_I_S1_row_cpu")
                                   .model(3)});
  models.push_back({"graph", graph_model()});
  return models;
}

std::vector<std::uint8_t> bytes_of(const std::vector<std::int16_t>& values) {
  std::vector<std::uint8_t> bytes;
  for (const std::int16_t value : values) {
    bytes.push_back(static_cast<std::uint8_t>(value & 0xFF));
    bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint16_t>(value) >> 8));
  }
  return bytes;
}

std::unique_ptr<TestModel> tiny_model() {
  return Network({2, 2, 2})
      .convolution(1, 2, 2, "1_1_1_1_reuse_W_S1_K0_cpu")
      .biased()
      .units(1, 2)
      .fully_connected(2, "1_1_2_1_reuse_O_S1_coalesced_K0_cpu")
      .units(1, 3)
      .model(5, 0, 7);
}

std::unique_ptr<TestModel> lea_model() {
  return Network({4, 7, 7})
      .convolution(6, 3, 3, "2_3_3_4_reuse_I_S2_row_K3")
      .convolution(4, 2, 2, "2_2_2_3_reuse_W_S2")
      .biased()
      .max_pool(2, 1, "1_3_2_1_reuse_W_S3")
      .convolution(4, 2, 2, "2_2_4_4_reuse_O_S1_coalesced_cpu")
      .biased()
      .fully_connected(10, "1_1_5_4_reuse_O_S1_row_coalesced")
      .model(6, 8);
}

std::unique_ptr<TestModel> large_model() {
  return Network({1024, 1, 1})
      .fully_connected(220, "1_1_4_64_reuse_O_S1_row_coalesced_cpu")
      .model(4);
}

}  // namespace inas::firmware
