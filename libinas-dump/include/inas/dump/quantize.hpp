#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <inas/core/design.hpp>
#include <inas/core/layer.hpp>
#include <inas/core/solution.hpp>
#include <inas/core/weights.hpp>

/// Fixed-point networks: Q15 values with power-of-two scales, as the runtime computes with them.
namespace inas::dump {

/// Whether the weights of a layer share one scale or each output channel has its own.
enum class WeightScales : std::uint8_t { per_layer, per_channel };

/// Of Activation::relu6.
inline constexpr double kReluSixMost = 6;

/// One layer in fixed point. A value q of a map with exponent e means q·2^(e − 15), a weight of
/// output channel m the same with weight_exponents[m].
///
/// A step adds the products of Tn input channels (depthwise: of the output's own) to an output:
///   output := saturate16(output + ⌊2·(b + Σ x·w)/2^shifts[m] + 1/2⌋), b = bias[m] at the first
///   step and else 0, shifts[m] = 16 + out_exponent − in_exponent − weight_exponents[m].
/// Of each output channel 32768·Σ|w| + |b| ≤ 2³⁰ − 2¹⁵, so that |2·(b + Σ x·w)| < 2³¹ for every
/// input and every part of the sum. Positions outside the map count as 0.
///
/// An add brings both inputs to one scale:
///   output := saturate16(⌊2·(⌊x·2¹³/2^shifts[0]⌋ + ⌊y·2¹³/2^shifts[1]⌋)/2^shifts[2] + 1/2⌋),
///   with c the larger of in_exponent and second_in_exponent: shifts[0] = c − in_exponent,
///   shifts[1] = c − second_in_exponent, both at most 31, shifts[2] = 14 + out_exponent − c.
///
/// Pooling keeps its input's exponent. In the end the layer's activation: with any, outputs below 0
/// become 0, and those above `most_output` that.
struct QuantizedLayer {
  Layer layer;
  Design design;
  /// [out][kernel row][kernel column][in], depthwise [out][kernel row][kernel column]; pooling,
  /// add: none.
  std::vector<std::int16_t> weights;
  std::vector<int> weight_exponents;  ///< one per output channel; pooling, add: none
  /// One per output channel, 0 to 31; add: three; pooling: none.
  std::vector<std::uint8_t> shifts;
  /// One per output channel, b meaning b·2^(in_exponent + weight_exponents[m] − 30); none: the
  /// layer has no bias.
  std::vector<std::int32_t> bias;
  int in_exponent = 0;
  int second_in_exponent = 0;  ///< add alone
  int out_exponent = 0;

  bool operator==(const QuantizedLayer&) const = default;
};

/// With relu6 the number that is nearest to 6 in the output's scale, if 16 bits hold it; otherwise
/// the largest one.
[[nodiscard]] std::int16_t most_output(const QuantizedLayer& layer);

/// A network in fixed point: a graph, as `Network` is.
struct QuantizedNetwork {
  std::vector<QuantizedLayer> layers;
  /// Samples that the scales were calibrated on; 0: the scales are bounds for inputs of magnitude
  /// `kAssumedInput` or less.
  std::int64_t calibration_samples = 0;

  [[nodiscard]] int input_exponent() const { return layers.front().in_exponent; }
  [[nodiscard]] int output_exponent() const { return layers.back().out_exponent; }
  bool operator==(const QuantizedNetwork&) const = default;
};

/// Largest magnitude of an input that is assumed if there is nothing to calibrate on. Inputs are
/// standardised, so this is 8 standard deviations.
inline constexpr double kAssumedInput = 8;

/// Samples of a network's input map, one after the other, [channel][row][column] each.
struct Samples {
  std::span<const float> values;
  std::int64_t count = 0;
};

/// Quantises a solution. Weights and biases: rounded to nearest with the smallest exponent of the
/// weights that keeps the bound of `QuantizedLayer`. Maps: with calibration samples, the smallest
/// exponent at which no input, output or stored partial sum saturates on any of them, layer by
/// layer on maps that are quantised already; without, the smallest that no input of up to
/// `kAssumedInput` can saturate, rounding included. Of outputs with relu6 only what is up to 6
/// counts, for the rest becomes 6 or 0 whatever it was. Pooling keeps its input's exponent; a mean
/// that its roundings carry beyond the largest value is cut, which brings it nearer to the true
/// one. Throws InvalidArgument, naming the layer, if `weights` are not those of the solution, the
/// solution has no designs, a value is not finite, or a weight, a bias or an input is beyond 2⁴⁰.
[[nodiscard]] QuantizedNetwork quantize(const Solution& solution,
                                        const std::vector<Tensor>& weights, const Samples& samples,
                                        WeightScales scales = WeightScales::per_channel);

/// A sample [channel][row][column] as the input map [row][column][channel], rounded to nearest and
/// saturated.
[[nodiscard]] std::vector<std::int16_t> quantize_input(const QuantizedNetwork& network,
                                                       std::span<const float> sample);

}  // namespace inas::dump
