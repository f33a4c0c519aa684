#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <inas/core/network.hpp>
#include <inas/core/weights.hpp>
#include <inas/dump/quantize.hpp>

/// What a quantised network computes, without the device: the reference that the runtime agrees
/// with bit for bit on every design.
namespace inas::dump {

/// The output map of one layer, [row][column][channel]; `second` is the second input map of an add.
/// `saturated`, if given, is increased by the number of times that an output or a stored partial
/// sum did not fit 16 bits, those outputs apart that the activation makes the same if cut or not.
[[nodiscard]] std::vector<std::int16_t> run_layer(const QuantizedLayer& layer,
                                                  std::span<const std::int16_t> input,
                                                  std::span<const std::int16_t> second = {},
                                                  std::int64_t* saturated = nullptr);

/// The output map of the last layer for one input map.
[[nodiscard]] std::vector<std::int16_t> run_network(const QuantizedNetwork& network,
                                                    std::vector<std::int16_t> input);

/// The output map of the last layer in floating point for one sample of the input map, both
/// [channel][row][column]; in plain loops, sums in double precision. `weights` are those of
/// `tensors_of` each layer, in order. Throws InvalidArgument if the network is none, or weights or
/// sample do not fit it.
[[nodiscard]] std::vector<float> run_float(const Network& network,
                                           const std::vector<Tensor>& weights,
                                           std::span<const float> sample);

/// The index of the largest value, the first of equals.
[[nodiscard]] std::int64_t predicted_class(std::span<const std::int16_t> output);

/// Called now and then with the number of samples done, from any of the threads, one at a time. If
/// it throws, the threads end and its exception reaches the caller.
using SamplesDone = std::function<void(std::int64_t)>;

/// The predicted class of each of `samples`, on all cores.
[[nodiscard]] std::vector<std::int64_t> deployed_answers(const QuantizedNetwork& network,
                                                         const Samples& samples,
                                                         const SamplesDone& done = {});

/// Share of `samples` whose predicted class is their label, on all cores. Throws InvalidArgument if
/// there are no samples or not one label for each.
[[nodiscard]] double deployed_accuracy(const QuantizedNetwork& network, const Samples& samples,
                                       std::span<const std::int64_t> labels,
                                       const SamplesDone& done = {});

/// The same of the network in floating point, `weights` being the solution's; in plain loops, to
/// compare with on any machine.
[[nodiscard]] double float_accuracy(const QuantizedNetwork& network,
                                    const std::vector<Tensor>& weights, const Samples& samples,
                                    std::span<const std::int64_t> labels,
                                    const SamplesDone& done = {});

/// How well a layer's quantised output map follows that of the same network in floating point.
struct LayerFidelity {
  double signal_to_noise_db = 0;  ///< 10·log10(Σ float²/Σ (quantised − float)²) over all samples
  std::int64_t saturated = 0;  ///< values that did not fit 16 bits
  std::int64_t values = 0;     ///< output values over all samples
};

/// One for each layer. `weights` are the solution's, in floating point.
[[nodiscard]] std::vector<LayerFidelity> fidelity(const QuantizedNetwork& network,
                                                  const std::vector<Tensor>& weights,
                                                  const Samples& samples);

}  // namespace inas::dump
