#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/worker_threads.hpp>
#include <inas/dump/executor.hpp>

#include "arithmetic.hpp"
#include "float_layer.hpp"
#include "graph.hpp"

namespace inas::dump {
namespace {

constexpr std::int64_t kSamplesBetweenCalls = 16;

std::span<const float> sample_of(const Samples& samples, std::int64_t index) {
  const std::size_t size = samples.values.size() / static_cast<std::size_t>(samples.count);
  return samples.values.subspan(static_cast<std::size_t>(index) * size, size);
}

Network network_of(const QuantizedNetwork& quantized) {
  Network network;
  for (const QuantizedLayer& of : quantized.layers) network.layers.push_back(of.layer);
  return network;
}

std::vector<std::int16_t> run_graph_on(const QuantizedNetwork& network, const Graph& graph,
                                       std::vector<std::int16_t> input) {
  return run_graph(graph, std::move(input),
                   [&](std::size_t l, std::span<const std::int16_t> first,
                       std::span<const std::int16_t> second) {
                     return run_layer(network.layers[l], first, second);
                   });
}

/// A network in floating point.
class FloatNetwork {
 public:
  /// `network` and `weights` must outlive it and fit each other.
  FloatNetwork(const Network& network, const std::vector<Tensor>& weights)
      : network_(network), graph_(network.layers) {
    std::span<const Tensor> left = weights;
    for (const Layer& layer : network.layers) {
      const std::size_t own = tensors_of(layer).size();
      tensors_.push_back(left.first(own));
      left = left.subspan(own);
    }
  }

  [[nodiscard]] const Graph& graph() const { return graph_; }

  [[nodiscard]] std::vector<float> run_layer(std::size_t l, std::span<const float> first,
                                             std::span<const float> second) const {
    return float_layer(network_.layers[l], tensors_[l], {first, second});
  }

  /// Of a sample [channel][row][column]; the result is [row][column][channel].
  [[nodiscard]] std::vector<float> run(std::span<const float> sample) const {
    return run_graph(graph_, channels_last(network_.layers.front().ifm, sample),
                     [&](std::size_t l, std::span<const float> first,
                         std::span<const float> second) { return run_layer(l, first, second); });
  }

 private:
  const Network& network_;
  Graph graph_;
  std::vector<std::span<const Tensor>> tensors_;
};

/// A map as the device has it and in floating point.
struct BothMaps {
  std::vector<std::int16_t> quantized;
  std::vector<float> exact;
};

/// What `predict` gives for each sample, on all cores.
std::vector<std::int64_t> answers_of(
    const Samples& samples, const SamplesDone& done,
    const std::function<std::int64_t(std::span<const float>)>& predict) {
  std::vector<std::int64_t> answers(static_cast<std::size_t>(samples.count));
  std::mutex mutex;
  std::int64_t finished = 0;
  on_threads(all_cores(), samples.count, [&] {
    return [&](std::int64_t i) {
      answers[static_cast<std::size_t>(i)] = predict(sample_of(samples, i));
      const std::lock_guard lock(mutex);
      ++finished;
      if (done && (finished % kSamplesBetweenCalls == 0 || finished == samples.count)) {
        done(finished);
      }
    };
  });
  return answers;
}

void check_labels(const Samples& samples, std::span<const std::int64_t> labels) {
  if (samples.count < 1 || static_cast<std::int64_t>(labels.size()) != samples.count) {
    throw InvalidArgument(
        fmt::format("samples: found {} with {} labels, allowed: at least one, and as many labels",
                    samples.count, labels.size()));
  }
}

double share_right(std::span<const std::int64_t> answers, std::span<const std::int64_t> labels) {
  std::int64_t right = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) right += answers[i] == labels[i] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(answers.size());
}

}  // namespace

std::vector<std::int16_t> run_layer(const QuantizedLayer& layer,
                                    std::span<const std::int16_t> input,
                                    std::span<const std::int16_t> second, std::int64_t* saturated) {
  std::int64_t count = 0;
  std::vector<std::int16_t> output =
      arithmetic_of(layer.layer.type).run(layer, {input, second}, count);
  if (saturated != nullptr) *saturated += count;
  return output;
}

std::vector<std::int16_t> run_network(const QuantizedNetwork& network,
                                      std::vector<std::int16_t> input) {
  return run_graph_on(network, Graph(network_of(network).layers), std::move(input));
}

std::vector<float> run_float(const Network& network, const std::vector<Tensor>& weights,
                             std::span<const float> sample) {
  validate(network, weights);
  const Shape& input = network.layers.front().ifm;
  if (std::ssize(sample) != input.values()) {
    throw InvalidArgument(fmt::format("sample: found {} values, allowed: {}, the network's input",
                                      sample.size(), input.values()));
  }
  return channels_first(network.layers.back().ofm, FloatNetwork(network, weights).run(sample));
}

std::int64_t predicted_class(std::span<const std::int16_t> output) {
  return std::max_element(output.begin(), output.end()) - output.begin();
}

std::vector<std::int64_t> deployed_answers(const QuantizedNetwork& network, const Samples& samples,
                                           const SamplesDone& done) {
  const Graph graph(network_of(network).layers);
  return answers_of(samples, done, [&](std::span<const float> sample) {
    return predicted_class(run_graph_on(network, graph, quantize_input(network, sample)));
  });
}

double deployed_accuracy(const QuantizedNetwork& network, const Samples& samples,
                         std::span<const std::int64_t> labels, const SamplesDone& done) {
  check_labels(samples, labels);
  return share_right(deployed_answers(network, samples, done), labels);
}

double float_accuracy(const QuantizedNetwork& network, const std::vector<Tensor>& weights,
                      const Samples& samples, std::span<const std::int64_t> labels,
                      const SamplesDone& done) {
  check_labels(samples, labels);
  const Network layers = network_of(network);
  const FloatNetwork exact(layers, weights);
  return share_right(answers_of(samples, done,
                                [&](std::span<const float> sample) {
                                  const std::vector<float> output = exact.run(sample);
                                  return std::max_element(output.begin(), output.end()) -
                                         output.begin();
                                }),
                     labels);
}

std::vector<LayerFidelity> fidelity(const QuantizedNetwork& network,
                                    const std::vector<Tensor>& weights, const Samples& samples) {
  const Network layers = network_of(network);
  const FloatNetwork floats(layers, weights);
  std::vector<LayerFidelity> result(network.layers.size());
  std::vector<double> signal(network.layers.size());
  std::vector<double> noise(network.layers.size());
  for (std::int64_t i = 0; i < samples.count; ++i) {
    const std::span<const float> sample = sample_of(samples, i);
    BothMaps input{quantize_input(network, sample),
                   channels_last(layers.layers.front().ifm, sample)};
    (void)run_graph(floats.graph(), std::move(input),
                    [&](std::size_t l, const BothMaps& first, const BothMaps& second) {
                      const QuantizedLayer& layer = network.layers[l];
                      BothMaps map{
                          run_layer(layer, first.quantized, second.quantized, &result[l].saturated),
                          floats.run_layer(l, first.exact, second.exact)};
                      const double scale = std::ldexp(1.0, layer.out_exponent - 15);
                      for (std::size_t v = 0; v < map.exact.size(); ++v) {
                        const auto exact = static_cast<double>(map.exact[v]);
                        const double difference = map.quantized[v] * scale - exact;
                        signal[l] += exact * exact;
                        noise[l] += difference * difference;
                      }
                      result[l].values += std::ssize(map.exact);
                      return map;
                    });
  }
  for (std::size_t l = 0; l < result.size(); ++l) {
    result[l].signal_to_noise_db = 10 * std::log10(signal[l] / noise[l]);
  }
  return result;
}

}  // namespace inas::dump
