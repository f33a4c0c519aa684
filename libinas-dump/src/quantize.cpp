#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/dump/executor.hpp>
#include <inas/dump/quantize.hpp>
#include <inas/execution/design_check.hpp>

#include "arithmetic.hpp"
#include "float_layer.hpp"
#include "steps.hpp"

namespace inas::dump {
namespace {

constexpr double kLargest = std::numeric_limits<std::int16_t>::max();
/// Largest magnitudes from 2⁻³⁰ to 2⁴⁰. Only differences of exponents reach the device; bounds
/// without calibration can grow by an order of magnitude with each layer.
constexpr int kMinExponent = -30;
constexpr int kMaxExponent = 40;

/// value·2^(15 − exponent) to nearest; scaling by a power of two is exact in a double.
double rounded(double value, int exponent) {
  return std::floor(std::ldexp(value, 15 - exponent) + 0.5);
}

/// The smallest exponent at which `largest` and `slack` steps beside it fit 16 bits.
int exponent_of(const Layer& layer, const char* what, double largest, std::int64_t slack) {
  for (int exponent = kMinExponent; exponent <= kMaxExponent; ++exponent) {
    if (std::ldexp(largest, 15 - exponent) + static_cast<double>(slack) <= kLargest) {
      return exponent;
    }
  }
  throw InvalidArgument(fmt::format("{}: the largest {} is {:g}, allowed: less than {:g}",
                                    layer.name, what, largest, std::ldexp(1.0, kMaxExponent)));
}

/// The weights of one output channel in the device's order, [kernel row][kernel column][in].
std::vector<double> channel_weights(const Layer& layer, const Tensor& weights, std::int64_t m) {
  std::vector<double> channel;
  for (std::int64_t row = 0; row < layer.kernel_height; ++row) {
    for (std::int64_t column = 0; column < layer.kernel_width; ++column) {
      for (std::int64_t n = 0; n < layer.ifm.channels; ++n) {
        const std::int64_t at =
            ((m * layer.ifm.channels + n) * layer.kernel_height + row) * layer.kernel_width +
            column;
        channel.push_back(static_cast<double>(weights.values[static_cast<std::size_t>(at)]));
      }
    }
  }
  return channel;
}

/// Weights [out, in, kh, kw] and biases [out] of a layer; null: it has no bias.
struct Parameters {
  const Tensor& weights;
  const Tensor* bias;

  [[nodiscard]] double bias_of(std::size_t m) const {
    return bias == nullptr ? 0.0 : static_cast<double>(bias->values[m]);
  }
};

/// 2³⁰ − 2¹⁵: what 32768·Σ|weight| + |bias| of an output channel may be.
constexpr double kLargestSum = 32768 * kLargest;

/// The bias in the scale of the products, to nearest.
double rounded_bias(double bias, int in_exponent, int weight_exponent) {
  return std::floor(std::ldexp(bias, 30 - in_exponent - weight_exponent) + 0.5);
}

/// The smallest exponent at which 32768·Σ|weight| + |bias| of the channel is at most kLargestSum
/// after rounding, so that no sum of its products can overflow. A larger one keeps that.
int weight_exponent(const QuantizedLayer& of, const std::vector<double>& channel, double bias) {
  const Layer& layer = of.layer;
  for (int exponent = kMinExponent; exponent <= kMaxExponent; ++exponent) {
    double sum = std::fabs(rounded_bias(bias, of.in_exponent, exponent));
    for (const double weight : channel) sum += 32768 * std::fabs(rounded(weight, exponent));
    if (sum <= kLargestSum) return exponent;
  }
  if (const double most = std::ldexp(1.0, kMaxExponent + of.in_exponent); std::fabs(bias) >= most) {
    throw InvalidArgument(
        fmt::format("{}: the bias of an output channel is {:g}, allowed: less than "
                    "{:g} with an input of that scale",
                    layer.name, bias, most));
  }
  double sum = 0;
  for (const double weight : channel) sum += std::fabs(weight);
  throw InvalidArgument(
      fmt::format("{}: the weights of an output channel sum up to {:g}, allowed: "
                  "less than {:g}",
                  layer.name, sum, std::ldexp(1.0, kMaxExponent)));
}

/// Rounds weights and biases by `of.weight_exponents`.
void round_parameters(QuantizedLayer& of, const Parameters& parameters) {
  of.weights.clear();
  of.bias.clear();
  for (std::size_t m = 0; m < of.weight_exponents.size(); ++m) {
    const int exponent = of.weight_exponents[m];
    for (const double weight :
         channel_weights(of.layer, parameters.weights, static_cast<std::int64_t>(m))) {
      of.weights.push_back(static_cast<std::int16_t>(rounded(weight, exponent)));
    }
    if (parameters.bias == nullptr) continue;
    of.bias.push_back(
        static_cast<std::int32_t>(rounded_bias(parameters.bias_of(m), of.in_exponent, exponent)));
  }
}

void choose_weight_exponents(QuantizedLayer& of, const Parameters& parameters,
                             WeightScales scales) {
  of.weight_exponents.clear();
  for (std::int64_t m = 0; m < of.layer.ofm.channels; ++m) {
    of.weight_exponents.push_back(weight_exponent(of,
                                                  channel_weights(of.layer, parameters.weights, m),
                                                  parameters.bias_of(static_cast<std::size_t>(m))));
  }
  if (scales == WeightScales::per_layer) {
    const int largest = *std::max_element(of.weight_exponents.begin(), of.weight_exponents.end());
    std::fill(of.weight_exponents.begin(), of.weight_exponents.end(), largest);
  }
}

/// What an output or partial sum of the channel can be for inputs of up to `bound`:
/// bound·Σ|weight| + |bias|.
double channel_bound(const QuantizedLayer& of, std::size_t m, double bound) {
  const std::size_t size = of.weights.size() / of.weight_exponents.size();
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += std::abs(int{of.weights[m * size + i]});
  const double bias = of.bias.empty() ? 0.0 : std::fabs(static_cast<double>(of.bias[m]));
  return bound * std::ldexp(static_cast<double>(sum), of.weight_exponents[m] - 15) +
         std::ldexp(bias, of.in_exponent + of.weight_exponents[m] - 30);
}

/// The largest magnitude of an output or partial sum that `of` stores for these inputs, as a real
/// number.
double largest_partial_sum(const QuantizedLayer& of,
                           const std::vector<std::vector<std::int16_t>>& inputs) {
  const std::size_t channels = of.weight_exponents.size();
  std::vector<std::int64_t> running(static_cast<std::size_t>(of.layer.ofm.values()));
  std::vector<std::int64_t> largest(channels);
  for (const std::vector<std::int16_t>& input : inputs) {
    std::fill(running.begin(), running.end(), 0);
    for_each_step(of, input, [&](std::size_t at, std::int64_t, std::int64_t sum) {
      running[at] += sum;
      std::int64_t& most = largest[at % channels];
      most = std::max(most, std::abs(running[at]));
    });
  }
  double result = 0;
  for (std::size_t m = 0; m < channels; ++m) {
    result = std::max(result, std::ldexp(static_cast<double>(largest[m]),
                                         of.in_exponent + of.weight_exponents[m] - 30));
  }
  return result;
}

/// Sets the output's exponent, and from it the shifts, for a largest stored magnitude and so many
/// roundings beside it.
void choose_shifts(QuantizedLayer& of, const Parameters& parameters, double largest,
                   std::int64_t roundings) {
  of.out_exponent = exponent_of(of.layer, "output", largest, roundings);
  // A shift is from 0 to 31. An output scale too fine for the products is made coarser; a channel
  // whose products are too small for the output scale keeps fewer bits of its weights.
  const int coarsest = *std::max_element(of.weight_exponents.begin(), of.weight_exponents.end());
  of.out_exponent = std::max(of.out_exponent, of.in_exponent + coarsest - 16);
  for (int& exponent : of.weight_exponents) {
    exponent = std::max(exponent, of.out_exponent - of.in_exponent - 15);
  }
  round_parameters(of, parameters);
  of.shifts.clear();
  for (const int exponent : of.weight_exponents) {
    of.shifts.push_back(
        static_cast<std::uint8_t>(16 + of.out_exponent - of.in_exponent - exponent));
  }
}

double largest_input(const Layer& layer, const Samples& samples) {
  if (samples.count < 0 ||
      samples.count * layer.ifm.values() != static_cast<std::int64_t>(samples.values.size())) {
    throw InvalidArgument(
        fmt::format("calibration: {} samples with {} values, allowed: {} values "
                    "each",
                    samples.count, samples.values.size(), layer.ifm.values()));
  }
  double largest = 0;
  for (const float value : samples.values) {
    if (!std::isfinite(value)) {
      throw InvalidArgument(fmt::format("calibration: a value is {}, allowed: finite numbers",
                                        static_cast<double>(value)));
    }
    largest = std::max(largest, std::fabs(static_cast<double>(value)));
  }
  return largest;
}

}  // namespace

std::vector<std::int16_t> quantize_input(const QuantizedNetwork& network,
                                         std::span<const float> sample) {
  std::vector<std::int16_t> input;
  input.reserve(sample.size());
  for (const float value : channels_last(network.layers.front().layer.ifm, sample)) {
    const double scaled =
        std::floor(std::ldexp(static_cast<double>(value), 15 - network.input_exponent()) + 0.5);
    input.push_back(static_cast<std::int16_t>(std::clamp(scaled, -32768.0, 32767.0)));
  }
  return input;
}

QuantizedNetwork quantize(const Solution& solution, const std::vector<Tensor>& weights,
                          const Samples& samples, WeightScales scales) {
  validate(solution, weights);
  execution::check_designs(solution);
  QuantizedNetwork network;
  network.calibration_samples = samples.count;
  const Layer& first = solution.layers.front().layer;
  const bool calibrated = samples.count > 0;
  double bound = calibrated ? largest_input(first, samples) : kAssumedInput;
  int exponent = exponent_of(first, "input", bound, 1);
  // What rounding adds to a bound: half a step for each.
  const auto rounding_error = [](std::int64_t times, int of_exponent) {
    return std::ldexp(static_cast<double>(times), of_exponent - 16);
  };
  bound += rounding_error(1, exponent);

  std::vector<std::vector<std::int16_t>> maps;
  std::span<const Tensor> tensors = weights;
  for (std::size_t l = 0; l < solution.layers.size(); ++l) {
    const LayerSolution& record = solution.layers[l];
    const std::int64_t times_rounded =
        arithmetic_of(record.layer.type).roundings(record.layer, record.design);
    QuantizedLayer of{.layer = record.layer,
                      .design = record.design,
                      .relu = l + 1 < solution.layers.size(),
                      .weights = {},
                      .weight_exponents = {},
                      .shifts = {},
                      .bias = {},
                      .in_exponent = exponent,
                      .out_exponent = exponent};
    if (l == 0) {
      network.layers.push_back(of);  // quantize_input asks for its exponent
      const auto size = static_cast<std::size_t>(first.ifm.values());
      for (std::size_t i = 0; i < static_cast<std::size_t>(samples.count); ++i) {
        maps.push_back(quantize_input(network, samples.values.subspan(i * size, size)));
      }
      network.layers.clear();
    }
    if (weight_count(record.layer) > 0) {
      const Parameters parameters{tensors[0], record.layer.bias ? &tensors[1] : nullptr};
      tensors = tensors.subspan(record.layer.bias ? 2 : 1);
      choose_weight_exponents(of, parameters, scales);
      round_parameters(of, parameters);
      if (calibrated) {
        choose_shifts(of, parameters, largest_partial_sum(of, maps), times_rounded);
      } else {
        double largest = 0;
        for (std::size_t m = 0; m < of.weight_exponents.size(); ++m) {
          largest = std::max(largest, channel_bound(of, m, bound));
        }
        bound = largest;
        choose_shifts(of, parameters, bound, times_rounded);
      }
    }
    exponent = of.out_exponent;
    bound += rounding_error(times_rounded, exponent);
    for (std::vector<std::int16_t>& map : maps) map = run_layer(of, map);
    network.layers.push_back(std::move(of));
  }
  return network;
}

}  // namespace inas::dump
