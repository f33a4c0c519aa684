#include "evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>

namespace inas::test {
namespace {

using Values = std::vector<double>;

struct Maps {
  const Layer& layer;
  const Values& input;
  const std::vector<float>& weights;

  [[nodiscard]] bool is_inside(std::int64_t y, std::int64_t x) const {
    return y >= 0 && x >= 0 && y < layer.ifm.height && x < layer.ifm.width;
  }
  [[nodiscard]] double at(std::int64_t c, std::int64_t y, std::int64_t x) const {
    return input[static_cast<std::size_t>((c * layer.ifm.height + y) * layer.ifm.width + x)];
  }
  [[nodiscard]] double weight(std::int64_t m, std::int64_t n, std::int64_t channels, std::int64_t i,
                              std::int64_t j) const {
    const std::int64_t row = (m * channels + n) * layer.kernel_height + i;
    return static_cast<double>(weights[static_cast<std::size_t>(row * layer.kernel_width + j)]);
  }
};

/// The output of channel `m` of the window whose first position is (y, x).
double window(const Maps& maps, std::int64_t m, std::int64_t y, std::int64_t x) {
  const Layer& layer = maps.layer;
  double sum = 0;
  double most = -std::numeric_limits<double>::infinity();
  std::int64_t inside = 0;
  for (std::int64_t i = 0; i < layer.kernel_height; ++i) {
    for (std::int64_t j = 0; j < layer.kernel_width; ++j) {
      if (!maps.is_inside(y + i, x + j)) continue;
      ++inside;
      switch (layer.type) {
        case LayerType::convolution:
        case LayerType::fully_connected:
          for (std::int64_t n = 0; n < layer.ifm.channels; ++n) {
            sum += maps.weight(m, n, layer.ifm.channels, i, j) * maps.at(n, y + i, x + j);
          }
          break;
        case LayerType::depthwise_convolution:
          sum += maps.weight(m, 0, 1, i, j) * maps.at(m, y + i, x + j);
          break;
        default:
          sum += maps.at(m, y + i, x + j);
          most = std::max(most, maps.at(m, y + i, x + j));
      }
    }
  }
  switch (layer.type) {
    case LayerType::max_pool:
      return most;
    case LayerType::average_pool:
    case LayerType::global_average_pool:
      return sum / static_cast<double>(inside);
    default:
      return sum;
  }
}

double activated(double value, Activation activation) {
  if (activation == Activation::none) return value;
  value = std::max(value, 0.0);
  return activation == Activation::relu6 ? std::min(value, 6.0) : value;
}

}  // namespace

std::vector<float> evaluate(const onnx::ImportedNetwork& imported, std::span<const float> sample) {
  std::map<std::string, Values> outputs{{"INPUT", Values(sample.begin(), sample.end())}};
  std::string last = "INPUT";
  auto tensor = imported.tensors.begin();
  for (const Layer& layer : imported.network.layers) {
    std::vector<std::string> inputs = layer.inputs;
    if (inputs.empty()) inputs = {last};
    std::vector<float> weights;
    std::vector<float> biases(static_cast<std::size_t>(layer.ofm.channels), 0.0F);
    if (weight_count(layer) > 0) weights = (tensor++)->values;
    if (layer.bias) biases = (tensor++)->values;
    Values& output = outputs[layer.name];
    const Maps maps{layer, outputs.at(inputs[0]), weights};
    for (std::int64_t m = 0; m < layer.ofm.channels; ++m) {
      for (std::int64_t r = 0; r < layer.ofm.height; ++r) {
        for (std::int64_t c = 0; c < layer.ofm.width; ++c) {
          double value = window(maps, m, r * layer.stride - layer.padding.top,
                                c * layer.stride - layer.padding.left);
          if (layer.type == LayerType::add) value += outputs.at(inputs[1])[output.size()];
          value += static_cast<double>(biases[static_cast<std::size_t>(m)]);
          output.push_back(activated(value, layer.activation));
        }
      }
    }
    last = layer.name;
  }
  const Values& result = outputs.at(last);
  return {result.begin(), result.end()};
}

std::vector<float> softmax(const std::vector<float>& values) {
  const float most = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const float value : values) sum += std::exp(static_cast<double>(value - most));
  std::vector<float> shares;
  for (const float value : values) {
    shares.push_back(static_cast<float>(std::exp(static_cast<double>(value - most)) / sum));
  }
  return shares;
}

}  // namespace inas::test
