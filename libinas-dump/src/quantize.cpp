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
#include "graph.hpp"
#include "steps.hpp"

namespace inas::dump {
namespace {

constexpr double kLargest = std::numeric_limits<std::int16_t>::max();
/// Largest magnitudes are from 2⁻³⁰. Those that are given go up to 2⁴⁰. Only differences of
/// exponents reach the device, and bounds without calibration can grow by orders of magnitude with
/// each layer.
constexpr int kMinExponent = -30;
constexpr int kMaxExponent = 40;
constexpr int kMaxOutputExponent = 1000;

/// value·2^(15 − exponent) to nearest; scaling by a power of two is exact in a double.
double rounded(double value, int exponent) {
  return std::floor(std::ldexp(value, 15 - exponent) + 0.5);
}

/// The smallest exponent at which `largest` and `slack` steps beside it fit 16 bits.
int exponent_of(const Layer& layer, const char* what, double largest, std::int64_t slack,
                int max_exponent) {
  for (int exponent = kMinExponent; exponent <= max_exponent; ++exponent) {
    if (std::ldexp(largest, 15 - exponent) + static_cast<double>(slack) <= kLargest) {
      return exponent;
    }
  }
  throw InvalidArgument(fmt::format("{}: the largest {} is {:g}, allowed: less than {:g}",
                                    layer.name, what, largest, std::ldexp(1.0, max_exponent)));
}

/// The weights of one output channel in the device's order, [kernel row][kernel column][in].
std::vector<double> channel_weights(const Layer& layer, const Tensor& weights, std::int64_t m) {
  const std::int64_t channels = weights.shape[1];  // [out, in, kh, kw], depthwise [out, 1, kh, kw]
  std::vector<double> channel;
  for (std::int64_t row = 0; row < layer.kernel_height; ++row) {
    for (std::int64_t column = 0; column < layer.kernel_width; ++column) {
      for (std::int64_t n = 0; n < channels; ++n) {
        const std::int64_t at =
            ((m * channels + n) * layer.kernel_height + row) * layer.kernel_width + column;
        channel.push_back(static_cast<double>(weights.values[static_cast<std::size_t>(at)]));
      }
    }
  }
  return channel;
}

/// Weights and biases [out] of a layer; null: it has no bias.
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

/// The largest magnitudes that a layer stores, as real numbers.
struct Largest {
  double partial = 0;  ///< partial sums but the last
  double output = 0;   ///< before the activation

  /// What must fit 16 bits: beyond the activation's range an output is the same if cut or not.
  [[nodiscard]] double of(Activation activation) const {
    return std::max(partial,
                    activation == Activation::relu6 ? std::min(output, kReluSixMost) : output);
  }
};

/// What outputs and partial sums of the channel can be for inputs of up to `bound`:
/// bound·Σ|weight| + |bias|.
double channel_bound(const QuantizedLayer& of, std::size_t m, double bound) {
  const std::size_t size = of.weights.size() / of.weight_exponents.size();
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += std::abs(int{of.weights[m * size + i]});
  const double bias = of.bias.empty() ? 0.0 : std::fabs(static_cast<double>(of.bias[m]));
  return bound * std::ldexp(static_cast<double>(sum), of.weight_exponents[m] - 15) +
         std::ldexp(bias, of.in_exponent + of.weight_exponents[m] - 30);
}

Largest bound_of_products(const QuantizedLayer& of, double bound, std::int64_t steps) {
  Largest largest;
  for (std::size_t m = 0; m < of.weight_exponents.size(); ++m) {
    largest.output = std::max(largest.output, channel_bound(of, m, bound));
  }
  if (steps > 1) largest.partial = largest.output;
  return largest;
}

using Maps = std::vector<std::vector<std::int16_t>>;  ///< one for each sample

Largest largest_products(const QuantizedLayer& of, const Maps& inputs) {
  const std::size_t channels = of.weight_exponents.size();
  std::vector<std::int64_t> running(static_cast<std::size_t>(of.layer.ofm.values()));
  std::vector<std::int64_t> partial(channels);
  std::vector<std::int64_t> output(channels);
  for (const std::vector<std::int16_t>& input : inputs) {
    std::fill(running.begin(), running.end(), 0);
    for_each_step(of, input, [&](const Step& step) {
      std::int64_t& sum = running[step.output];
      sum += step.sum;
      std::int64_t& most = (step.last ? output : partial)[step.channel];
      most = std::max(most, std::abs(sum));
    });
  }
  Largest result;
  for (std::size_t m = 0; m < channels; ++m) {
    const int unit = of.in_exponent + of.weight_exponents[m] - 30;
    result.partial = std::max(result.partial, std::ldexp(static_cast<double>(partial[m]), unit));
    result.output = std::max(result.output, std::ldexp(static_cast<double>(output[m]), unit));
  }
  return result;
}

/// Sets the output's exponent, and from it the shifts, for a largest stored magnitude and so many
/// roundings beside it.
void choose_shifts(QuantizedLayer& of, const Parameters& parameters, double largest,
                   std::int64_t roundings) {
  of.out_exponent = exponent_of(of.layer, "output", largest, roundings, kMaxOutputExponent);
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

/// The scale that both inputs of an add are brought to.
int common_exponent(const QuantizedLayer& of) {
  return std::max(of.in_exponent, of.second_in_exponent);
}

/// The shifts of the inputs. A larger one than 31 would give the same, for of 28 bits nothing but
/// the sign is left.
void choose_input_shifts(QuantizedLayer& of) {
  of.shifts.clear();
  for (const int exponent : {of.in_exponent, of.second_in_exponent}) {
    of.shifts.push_back(static_cast<std::uint8_t>(std::min(31, common_exponent(of) - exponent)));
  }
}

/// The unit of the sums of `for_each_sum` is 2 to this power.
int sum_unit(const QuantizedLayer& of) { return common_exponent(of) - 15 - kAddBits - 1; }

Largest largest_sum(const QuantizedLayer& of, const Maps& first, const Maps& second) {
  std::int32_t largest = 0;
  for (std::size_t sample = 0; sample < first.size(); ++sample) {
    for_each_sum(of, first[sample], second[sample], [&](std::size_t, std::int32_t sum) {
      largest = std::max(largest, std::abs(sum));
    });
  }
  return {.partial = 0, .output = std::ldexp(static_cast<double>(largest), sum_unit(of))};
}

/// Of inputs of up to these magnitudes, which bringing them to one scale rounds down.
Largest bound_of_sum(const QuantizedLayer& of, double first, double second) {
  return {.partial = 0, .output = first + second + std::ldexp(4.0, sum_unit(of))};
}

/// Sets the output's exponent and the shift of the sums.
void choose_output_shift(QuantizedLayer& of, double largest) {
  const int least = sum_unit(of) + 15;  // a shift is not below 0
  of.out_exponent =
      std::max(least, exponent_of(of.layer, "output", largest, 1, kMaxOutputExponent));
  of.shifts.push_back(static_cast<std::uint8_t>(of.out_exponent - least));
}

double largest_input(const Layer& layer, const Samples& samples) {
  if (samples.count < 0 ||
      samples.count * layer.ifm.values() != static_cast<std::int64_t>(samples.values.size())) {
    throw InvalidArgument(
        fmt::format("calibration: found {} samples with {} values, allowed: {} values each",
                    samples.count, samples.values.size(), layer.ifm.values()));
  }
  double largest = 0;
  for (const float value : samples.values) {
    if (!std::isfinite(value)) {
      throw InvalidArgument(fmt::format("calibration: found the value {}, allowed: finite numbers",
                                        static_cast<double>(value)));
    }
    largest = std::max(largest, std::fabs(static_cast<double>(value)));
  }
  return largest;
}

/// A sample [channel][row][column] as a map [row][column][channel], rounded and saturated.
std::vector<std::int16_t> quantized_map(const Shape& shape, std::span<const float> sample,
                                        int exponent) {
  std::vector<std::int16_t> map;
  map.reserve(sample.size());
  for (const float value : channels_last(shape, sample)) {
    const double scaled = rounded(static_cast<double>(value), exponent);
    map.push_back(static_cast<std::int16_t>(std::clamp(scaled, -32768.0, 32767.0)));
  }
  return map;
}

/// What rounding adds to a bound: half a step for each.
double rounding_error(std::int64_t times, int exponent) {
  return std::ldexp(static_cast<double>(times), exponent - 16);
}

/// What is known of a map.
struct KnownMap {
  int exponent = 0;
  double bound = 0;  ///< without calibration: the largest magnitude, roundings included
  Maps samples;      ///< with calibration, as long as a layer is to come that reads them
};

/// Quantises layer by layer.
class Quantizer {
 public:
  Quantizer(const Solution& solution, const std::vector<Tensor>& weights, const Samples& samples,
            WeightScales scales)
      : graph_(network_of(solution).layers),
        known_(graph_.layers() + 1),
        tensors_(weights),
        scales_(scales),
        calibrated_(samples.count > 0) {
    const Layer& first = solution.layers.front().layer;
    KnownMap& input = known_[0];
    input.bound = calibrated_ ? largest_input(first, samples) : kAssumedInput;
    input.exponent = exponent_of(first, "input", input.bound, 1, kMaxExponent);
    input.bound += rounding_error(1, input.exponent);
    const auto size = static_cast<std::size_t>(first.ifm.values());
    for (std::size_t i = 0; i < static_cast<std::size_t>(samples.count); ++i) {
      input.samples.push_back(
          quantized_map(first.ifm, samples.values.subspan(i * size, size), input.exponent));
    }
  }

  [[nodiscard]] QuantizedLayer next(const LayerSolution& record) {
    const std::size_t l = layer_++;
    const std::vector<std::size_t>& reads = graph_.reads(l);
    KnownMap& first = known_[reads.front()];
    KnownMap& second = known_[reads.back()];
    QuantizedLayer of{.layer = record.layer,
                      .design = record.design,
                      .weights = {},
                      .weight_exponents = {},
                      .shifts = {},
                      .bias = {},
                      .in_exponent = first.exponent,
                      .second_in_exponent = reads.size() > 1 ? second.exponent : 0,
                      .out_exponent = first.exponent};
    const std::int64_t roundings = arithmetic_of(of.layer.type).roundings(of.layer, of.design);
    double bound = first.bound;  // pooling
    if (weight_count(of.layer) > 0) {
      bound = scale_products(of, first, roundings);
    } else if (reads.size() > 1) {
      bound = scale_sum(of, first, second);
    }
    KnownMap& output = known_[l + 1];
    output.exponent = of.out_exponent;
    output.bound = bound + rounding_error(roundings, of.out_exponent);
    if (of.layer.activation == Activation::relu6) {
      output.bound = std::min(output.bound, std::ldexp(most_output(of), of.out_exponent - 15));
    }
    run_samples(of, l);
    return of;
  }

 private:
  /// Returns the bound of the outputs, their rounding apart.
  double scale_products(QuantizedLayer& of, const KnownMap& input, std::int64_t steps) {
    const Parameters parameters{tensors_[0], of.layer.bias ? &tensors_[1] : nullptr};
    tensors_ = tensors_.subspan(of.layer.bias ? 2 : 1);
    choose_weight_exponents(of, parameters, scales_);
    round_parameters(of, parameters);
    const Largest largest = calibrated_ ? largest_products(of, input.samples)
                                        : bound_of_products(of, input.bound, steps);
    choose_shifts(of, parameters, largest.of(of.layer.activation), steps);
    return largest.output;
  }

  double scale_sum(QuantizedLayer& of, const KnownMap& first, const KnownMap& second) const {
    choose_input_shifts(of);
    const Largest largest = calibrated_ ? largest_sum(of, first.samples, second.samples)
                                        : bound_of_sum(of, first.bound, second.bound);
    choose_output_shift(of, largest.of(of.layer.activation));
    return largest.output;
  }

  /// Makes the samples' output maps, and drops inputs that no later layer reads.
  void run_samples(const QuantizedLayer& of, std::size_t l) {
    const std::vector<std::size_t>& reads = graph_.reads(l);
    for (std::size_t i = 0; i < known_[reads.front()].samples.size(); ++i) {
      const auto& first = known_[reads.front()].samples[i];
      const auto& second = known_[reads.back()].samples[i];
      known_[l + 1].samples.push_back(run_layer(of, first, second));
      for (const std::size_t map : reads) {
        if (graph_.ends_with(map, l)) known_[map].samples[i] = {};
      }
    }
  }

  Graph graph_;
  std::vector<KnownMap> known_;
  std::span<const Tensor> tensors_;  ///< of the layers to come
  WeightScales scales_;
  bool calibrated_;
  std::size_t layer_ = 0;
};

}  // namespace

std::int16_t most_output(const QuantizedLayer& layer) {
  if (layer.layer.activation != Activation::relu6) return INT16_MAX;
  return static_cast<std::int16_t>(std::min(rounded(kReluSixMost, layer.out_exponent), kLargest));
}

std::vector<std::int16_t> quantize_input(const QuantizedNetwork& network,
                                         std::span<const float> sample) {
  return quantized_map(network.layers.front().layer.ifm, sample, network.input_exponent());
}

QuantizedNetwork quantize(const Solution& solution, const std::vector<Tensor>& weights,
                          const Samples& samples, WeightScales scales) {
  validate(solution, weights);
  execution::check_designs(solution);
  QuantizedNetwork network;
  network.calibration_samples = samples.count;
  Quantizer quantizer(solution, weights, samples, scales);
  for (const LayerSolution& record : solution.layers) {
    network.layers.push_back(quantizer.next(record));
  }
  return network;
}

}  // namespace inas::dump
