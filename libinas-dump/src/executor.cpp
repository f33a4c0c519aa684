#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/worker_threads.hpp>
#include <inas/dump/executor.hpp>

#include "arithmetic.hpp"
#include "float_layer.hpp"

namespace inas::dump {
namespace {

constexpr std::int64_t kSamplesBetweenCalls = 16;

std::span<const float> sample_of(const Samples& samples, std::int64_t index) {
  const std::size_t size = samples.values.size() / static_cast<std::size_t>(samples.count);
  return samples.values.subspan(static_cast<std::size_t>(index) * size, size);
}

/// Runs the network in floating point; `layer_done` is called with each layer's number and output.
std::vector<float> run_float(
    const QuantizedNetwork& network, const std::vector<Tensor>& weights,
    std::span<const float> sample,
    const std::function<void(std::size_t, const std::vector<float>&)>& layer_done) {
  std::vector<float> map = channels_last(network.layers.front().layer.ifm, sample);
  std::span<const Tensor> tensors = weights;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const QuantizedLayer& layer = network.layers[l];
    const std::size_t own = tensors_of(layer.layer).size();
    map = float_layer(layer.layer, layer.relu, tensors.first(own), map);
    tensors = tensors.subspan(own);
    if (layer_done) layer_done(l, map);
  }
  return map;
}

/// Share of samples for which `predict` gives the label, on all cores.
double share_right(const Samples& samples, std::span<const std::int64_t> labels,
                   const SamplesDone& done,
                   const std::function<std::int64_t(std::span<const float>)>& predict) {
  if (samples.count < 1 || static_cast<std::int64_t>(labels.size()) != samples.count) {
    throw InvalidArgument(
        fmt::format("{} samples with {} labels, allowed: at least one, and as many labels",
                    samples.count, labels.size()));
  }
  std::atomic<std::int64_t> right = 0;
  std::mutex mutex;
  std::int64_t finished = 0;
  on_threads(all_cores(), samples.count, [&] {
    return [&](std::int64_t i) {
      if (predict(sample_of(samples, i)) == labels[static_cast<std::size_t>(i)]) ++right;
      const std::lock_guard lock(mutex);
      ++finished;
      if (done && (finished % kSamplesBetweenCalls == 0 || finished == samples.count)) {
        done(finished);
      }
    };
  });
  return static_cast<double>(right) / static_cast<double>(samples.count);
}

}  // namespace

std::vector<std::int16_t> run_layer(const QuantizedLayer& layer,
                                    std::span<const std::int16_t> input, std::int64_t* saturated) {
  std::int64_t count = 0;
  std::vector<std::int16_t> output = arithmetic_of(layer.layer.type).run(layer, input, count);
  if (saturated != nullptr) *saturated += count;
  return output;
}

std::vector<std::int16_t> run_network(const QuantizedNetwork& network,
                                      std::vector<std::int16_t> input) {
  for (const QuantizedLayer& layer : network.layers) input = run_layer(layer, input);
  return input;
}

std::int64_t predicted_class(std::span<const std::int16_t> output) {
  return std::max_element(output.begin(), output.end()) - output.begin();
}

double deployed_accuracy(const QuantizedNetwork& network, const Samples& samples,
                         std::span<const std::int64_t> labels, const SamplesDone& done) {
  return share_right(samples, labels, done, [&](std::span<const float> sample) {
    return predicted_class(run_network(network, quantize_input(network, sample)));
  });
}

double float_accuracy(const QuantizedNetwork& network, const std::vector<Tensor>& weights,
                      const Samples& samples, std::span<const std::int64_t> labels,
                      const SamplesDone& done) {
  return share_right(samples, labels, done, [&](std::span<const float> sample) {
    const std::vector<float> output = run_float(network, weights, sample, {});
    return std::max_element(output.begin(), output.end()) - output.begin();
  });
}

std::vector<LayerFidelity> fidelity(const QuantizedNetwork& network,
                                    const std::vector<Tensor>& weights, const Samples& samples) {
  std::vector<LayerFidelity> result(network.layers.size());
  std::vector<double> signal(network.layers.size());
  std::vector<double> noise(network.layers.size());
  for (std::int64_t i = 0; i < samples.count; ++i) {
    const std::span<const float> sample = sample_of(samples, i);
    std::vector<std::int16_t> map = quantize_input(network, sample);
    run_float(network, weights, sample, [&](std::size_t l, const std::vector<float>& exact) {
      const QuantizedLayer& layer = network.layers[l];
      map = run_layer(layer, map, &result[l].saturated);
      const double scale = std::ldexp(1.0, layer.out_exponent - 15);
      for (std::size_t v = 0; v < map.size(); ++v) {
        const double difference = map[v] * scale - static_cast<double>(exact[v]);
        signal[l] += static_cast<double>(exact[v]) * static_cast<double>(exact[v]);
        noise[l] += difference * difference;
      }
      result[l].values += static_cast<std::int64_t>(map.size());
    });
  }
  for (std::size_t l = 0; l < result.size(); ++l) {
    result[l].signal_to_noise_db = 10 * std::log10(signal[l] / noise[l]);
  }
  return result;
}

}  // namespace inas::dump
