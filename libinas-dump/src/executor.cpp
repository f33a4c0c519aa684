#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/worker_threads.hpp>
#include <inas/dump/executor.hpp>

#include "float_layer.hpp"
#include "steps.hpp"
#include "tiles.hpp"

namespace inas::dump {
namespace {

constexpr std::int64_t kSamplesBetweenCalls = 16;

/// ⌊sum/2^shift + 1/2⌋
std::int64_t rounded_shift(std::int64_t sum, int shift) {
  return shift == 0 ? sum : (sum + (std::int64_t{1} << (shift - 1))) >> shift;
}

/// ⌊sum/count + 1/2⌋ for count > 0
std::int64_t rounded_mean(std::int64_t sum, std::int64_t count) {
  const std::int64_t doubled = 2 * sum + count;
  const std::int64_t quotient = doubled / (2 * count);
  return doubled % (2 * count) < 0 ? quotient - 1 : quotient;
}

std::int16_t saturated16(std::int64_t value, std::int64_t& saturated) {
  const std::int64_t inside = std::clamp<std::int64_t>(value, INT16_MIN, INT16_MAX);
  saturated += inside != value ? 1 : 0;
  return static_cast<std::int16_t>(inside);
}

std::vector<std::int16_t> run_convolution(const QuantizedLayer& layer,
                                          std::span<const std::int16_t> input,
                                          std::int64_t& saturated) {
  const auto outputs = static_cast<std::size_t>(layer.layer.ofm.values());
  const auto channels = static_cast<std::size_t>(layer.layer.ofm.channels);
  std::vector<std::int16_t> output(outputs, 0);
  const std::int64_t last = layer.layer.ifm.channels;
  for_each_step(layer, input, [&](std::size_t at, std::int64_t end, std::int64_t sum) {
    const std::int64_t value = output[at] + rounded_shift(2 * sum, layer.shifts[at % channels]);
    output[at] = saturated16(value, saturated);
    if (end == last && layer.relu) output[at] = std::max<std::int16_t>(output[at], 0);
  });
  return output;
}

std::vector<std::int16_t> run_pooling(const QuantizedLayer& layer,
                                      std::span<const std::int16_t> input,
                                      std::int64_t& saturated) {
  const Shape& map = layer.layer.ifm;
  const Tile& tile = layer.design.tile;
  const Tiles tiles = tiles_of(layer.layer, layer.design);
  const std::int64_t pixels = map.height * map.width;
  std::vector<std::int16_t> output(static_cast<std::size_t>(map.channels));
  for (std::int64_t m = 0; m < map.channels; ++m) {
    std::int64_t mean = 0;
    std::int64_t sum = 0;
    for (std::int64_t position = 0; position < tiles.extent; ++position) {
      const std::int64_t row = position / tiles.columns * tile.rows;
      const std::int64_t column = position % tiles.columns * tile.columns;
      for (std::int64_t y = row; y < std::min(row + tile.rows, map.height); ++y) {
        for (std::int64_t x = column; x < std::min(column + tile.columns, map.width); ++x) {
          sum += input[static_cast<std::size_t>((y * map.width + x) * map.channels + m)];
        }
      }
      if ((position + 1) % layer.design.batch == 0) {
        mean = saturated16(rounded_mean(mean * pixels + sum, pixels), saturated);
        sum = 0;
      }
    }
    output[static_cast<std::size_t>(m)] =
        static_cast<std::int16_t>(layer.relu ? std::max<std::int64_t>(mean, 0) : mean);
  }
  return output;
}

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
  std::size_t tensor = 0;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const QuantizedLayer& layer = network.layers[l];
    const bool pooling = layer.layer.type == LayerType::global_average_pool;
    map = float_layer(layer.layer, layer.relu, pooling ? nullptr : &weights.at(tensor++), map);
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
  std::vector<std::int16_t> output = layer.layer.type == LayerType::global_average_pool
                                         ? run_pooling(layer, input, count)
                                         : run_convolution(layer, input, count);
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
