#include "sample_file.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <inas/core/error.hpp>
#include <inas/data/numpy.hpp>

namespace inas::apps {
namespace {

/// The extents but for those of 1, which say nothing of the order of the values.
std::vector<std::int64_t> without_ones(std::span<const std::int64_t> extents) {
  std::vector<std::int64_t> kept;
  std::copy_if(extents.begin(), extents.end(), std::back_inserter(kept),
               [](std::int64_t extent) { return extent != 1; });
  return kept;
}

/// Throws Error unless the array holds samples of `shape`, as maps or flat.
void require_samples(const std::string& path, const std::string& name,
                     const data::NumpyArray& array, const Shape& shape) {
  const std::vector<std::int64_t> extents{shape.channels, shape.height, shape.width};
  if (array.shape.size() >= 2 && array.shape[0] >= 1) {
    const auto of_sample = without_ones(std::span(array.shape).subspan(1));
    if (of_sample == without_ones(extents) ||
        of_sample == without_ones(std::vector{shape.values()})) {
      return;
    }
  }
  throw Error(fmt::format("{}: {}: found the shape [{}], allowed: [samples, {}], from 1 sample",
                          path, name, fmt::join(array.shape, ", "), fmt::join(extents, ", ")));
}

std::string names_of(const std::vector<data::NumpyArray>& arrays) {
  std::vector<std::string> names;
  for (const data::NumpyArray& array : arrays) names.push_back(array.name);
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

std::span<const float> sample_of(const std::vector<float>& values, std::int64_t count,
                                 std::int64_t sample) {
  const auto size = values.size() / static_cast<std::size_t>(count);
  return std::span(values).subspan(static_cast<std::size_t>(sample) * size, size);
}

std::ptrdiff_t largest_of(std::span<const float> values) {
  return std::max_element(values.begin(), values.end()) - values.begin();
}

}  // namespace

dump::Samples SampleFile::first_samples(std::int64_t most) const {
  const std::int64_t taken = std::min(most, count);
  const auto size = static_cast<std::int64_t>(inputs.size()) / count;
  return {std::span(inputs).first(static_cast<std::size_t>(taken * size)), taken};
}

std::span<const float> SampleFile::input(std::int64_t sample) const {
  return sample_of(inputs, count, sample);
}

std::span<const float> SampleFile::output(std::int64_t sample) const {
  return sample_of(outputs, count, sample);
}

SampleFile read_sample_file(const std::string& path, const Network& network) {
  const std::vector<data::NumpyArray> arrays = data::read_numpy(path);
  const data::NumpyArray* const input = data::find_array(arrays, "input");
  if (input == nullptr) {
    throw Error(fmt::format("{}: found the arrays {}, allowed: input, and with it output", path,
                            names_of(arrays)));
  }
  SampleFile file;
  require_samples(path, "input", *input, network.layers.front().ifm);
  file.count = input->shape[0];
  file.inputs = input->values;
  const data::NumpyArray* const output = data::find_array(arrays, "output");
  if (output == nullptr || output == input) return file;
  require_samples(path, "output", *output, network.layers.back().ofm);
  if (output->shape[0] != file.count) {
    throw Error(fmt::format("{}: output: found {} samples, allowed: {}, as input has", path,
                            output->shape[0], file.count));
  }
  file.outputs = output->values;
  return file;
}

Agreement compare_outputs(std::span<const float> found, std::span<const float> expected,
                          std::int64_t samples) {
  Agreement agreement{.samples = samples};
  const std::size_t size = found.size() / static_cast<std::size_t>(samples);
  for (std::size_t at = 0; at < found.size(); at += size) {
    const auto of_sample = found.subspan(at, size);
    const auto expected_of_sample = expected.subspan(at, size);
    for (std::size_t i = 0; i < size; ++i) {
      const double difference =
          std::abs(static_cast<double>(of_sample[i]) - static_cast<double>(expected_of_sample[i]));
      agreement.largest = std::max(agreement.largest, difference);
      agreement.mean += difference / static_cast<double>(found.size());
    }
    if (largest_of(of_sample) == largest_of(expected_of_sample)) ++agreement.agreeing;
  }
  return agreement;
}

bool are_shares(std::span<const float> outputs, std::int64_t samples) {
  constexpr double kTolerance = 1e-3;
  const std::size_t size = outputs.size() / static_cast<std::size_t>(samples);
  if (size < 2) return false;
  for (std::size_t at = 0; at < outputs.size(); at += size) {
    double sum = 0;
    for (const float value : outputs.subspan(at, size)) {
      if (value < 0) return false;
      sum += static_cast<double>(value);
    }
    if (std::abs(sum - 1) > kTolerance) return false;
  }
  return true;
}

std::vector<float> softmax_of(std::span<const float> outputs, std::int64_t samples) {
  std::vector<float> shares;
  const std::size_t size = outputs.size() / static_cast<std::size_t>(samples);
  for (std::size_t at = 0; at < outputs.size(); at += size) {
    const auto of_sample = outputs.subspan(at, size);
    const double most = static_cast<double>(*std::max_element(of_sample.begin(), of_sample.end()));
    double sum = 0;
    for (const float value : of_sample) sum += std::exp(static_cast<double>(value) - most);
    for (const float value : of_sample) {
      shares.push_back(static_cast<float>(std::exp(static_cast<double>(value) - most) / sum));
    }
  }
  return shares;
}

}  // namespace inas::apps
