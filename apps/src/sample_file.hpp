#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <inas/core/network.hpp>
#include <inas/dump/quantize.hpp>

/// Samples of a user's own, from a file of NumPy.
namespace inas::apps {

/// What an .npy or .npz file gives a network to compute.
struct SampleFile {
  std::int64_t count = 0;
  std::vector<float> inputs;   ///< of each sample [channel][row][column]
  std::vector<float> outputs;  ///< of each what is expected, likewise; none: the file has no such

  [[nodiscard]] dump::Samples samples() const { return {inputs, count}; }
  [[nodiscard]] dump::Samples first_samples(std::int64_t most) const;
  [[nodiscard]] std::span<const float> input(std::int64_t sample) const;
  [[nodiscard]] std::span<const float> output(std::int64_t sample) const;
};

/// Reads the array `input`, [samples][channel][row][column], and, if it is there, `output`,
/// [samples] and a value for each of the last layer's. Throws Error, naming `path` and the array,
/// if they are not of the network, or there is no sample.
[[nodiscard]] SampleFile read_sample_file(const std::string& path, const Network& network);

/// How far outputs are from those that are expected.
struct Agreement {
  double largest = 0;         ///< difference of a value
  double mean = 0;            ///< of the differences' magnitudes
  std::int64_t agreeing = 0;  ///< samples with the same largest value, the first of equals
  std::int64_t samples = 0;
};

/// Of outputs of `samples` samples, the one's after the other's.
[[nodiscard]] Agreement compare_outputs(std::span<const float> found,
                                        std::span<const float> expected, std::int64_t samples);

/// Are these the shares of classes that a softmax makes? Of each sample they add to 1.
[[nodiscard]] bool are_shares(std::span<const float> outputs, std::int64_t samples);

/// The softmax of each sample's outputs.
[[nodiscard]] std::vector<float> softmax_of(std::span<const float> outputs, std::int64_t samples);

}  // namespace inas::apps
