#include "standardise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <variant>

#include <fmt/format.h>

#include <inas/core/error.hpp>

// Sums are of doubles in one order, and nothing is contracted (inas-exact-doubles), so that the
// same files give the same values, and the same content_hash, on every machine.
namespace inas::data {
namespace {

constexpr std::size_t kByteValues = 256;

struct Moments {
  double mean = 0;
  double variance = 0;
};

/// Where the values of one channel of a sample begin.
std::size_t channel_at(const Shape& shape, std::int64_t sample, std::int64_t channel) {
  return static_cast<std::size_t>(sample * shape.values() + channel * shape.height * shape.width);
}

/// A channel has only 256 different values, so their counts give the sums exactly.
Moments moments(const ByteValues& pixels, const Selection& selection, std::int64_t channel) {
  const Shape& shape = selection.part->shape;
  const std::int64_t area = shape.height * shape.width;
  std::array<std::int64_t, kByteValues> counts{};
  for (const std::int64_t sample : selection.samples) {
    const std::uint8_t* const of_channel = pixels.data() + channel_at(shape, sample, channel);
    for (std::int64_t i = 0; i < area; ++i) ++counts[of_channel[i]];
  }
  const double count = static_cast<double>(selection.samples.size()) * static_cast<double>(area);
  Moments found;
  for (std::size_t v = 0; v < kByteValues; ++v) {
    found.mean += static_cast<double>(counts[v]) * (static_cast<double>(v) / 255) / count;
  }
  for (std::size_t v = 0; v < kByteValues; ++v) {
    const double distance = static_cast<double>(v) / 255 - found.mean;
    found.variance += static_cast<double>(counts[v]) * distance * distance / count;
  }
  // A single value's mean is rounded, so its variance need not be 0; two values differ by far
  // more.
  if (found.variance < 1e-20) found.variance = 1;
  return found;
}

Moments moments(const FloatValues& values, const Selection& selection, std::int64_t channel) {
  const Shape& shape = selection.part->shape;
  const std::int64_t area = shape.height * shape.width;
  const auto for_each = [&](const auto& visit) {
    for (const std::int64_t sample : selection.samples) {
      const float* const of_channel = values.data() + channel_at(shape, sample, channel);
      for (std::int64_t i = 0; i < area; ++i) visit(of_channel[i]);
    }
  };
  const double count = static_cast<double>(selection.samples.size()) * static_cast<double>(area);
  const float first = values[channel_at(shape, selection.samples.front(), channel)];
  bool is_constant = true;
  double sum = 0;
  for_each([&](float value) {
    sum += value;
    is_constant = is_constant && value == first;
  });
  if (is_constant) return {.mean = first, .variance = 1};
  Moments found{.mean = sum / count, .variance = 0};
  for_each([&](float value) {
    const double distance = value - found.mean;
    found.variance += distance * distance;
  });
  found.variance /= count;
  return found;
}

float standardised(double value, float mean, float deviation) {
  return static_cast<float>((value - mean) / deviation);
}

void append(const ByteValues& pixels, const Selection& selection, const Standard& standard,
            FloatValues& values) {
  const Shape& shape = selection.part->shape;
  const auto area = static_cast<std::size_t>(shape.height * shape.width);
  std::vector<std::array<float, kByteValues>> of_pixel(standard.mean.size());
  for (std::size_t channel = 0; channel < of_pixel.size(); ++channel) {
    for (std::size_t v = 0; v < kByteValues; ++v) {
      of_pixel[channel][v] = standardised(static_cast<double>(v) / 255, standard.mean[channel],
                                          standard.deviation[channel]);
    }
  }
  for (const std::int64_t sample : selection.samples) {
    const std::uint8_t* pixel = pixels.data() + channel_at(shape, sample, 0);
    for (const std::array<float, kByteValues>& of_channel : of_pixel) {
      for (std::size_t i = 0; i < area; ++i) values.push_back(of_channel[*pixel++]);
    }
  }
}

void append(const FloatValues& raw, const Selection& selection, const Standard& standard,
            FloatValues& values) {
  const Shape& shape = selection.part->shape;
  const auto area = static_cast<std::size_t>(shape.height * shape.width);
  for (const std::int64_t sample : selection.samples) {
    const float* value = raw.data() + channel_at(shape, sample, 0);
    for (std::size_t channel = 0; channel < standard.mean.size(); ++channel) {
      for (std::size_t i = 0; i < area; ++i) {
        values.push_back(
            standardised(*value++, standard.mean[channel], standard.deviation[channel]));
      }
    }
  }
}

}  // namespace

Standard measure(const Selection& selection) {
  Standard standard;
  for (std::int64_t channel = 0; channel < selection.part->shape.channels; ++channel) {
    const Moments found =
        std::visit([&](const auto& values) { return moments(values, selection, channel); },
                   selection.part->values);
    const auto deviation = static_cast<float>(std::sqrt(found.variance));
    standard.mean.push_back(static_cast<float>(found.mean));
    standard.deviation.push_back(deviation > 0 ? deviation : 1);
  }
  return standard;
}

Dataset standardise(const Selection& selection, std::int64_t classes, const Standard& standard) {
  const RawPart& part = *selection.part;
  Dataset dataset{.shape = part.shape, .classes = classes, .values = {}, .labels = {}};
  dataset.labels.reserve(selection.samples.size());
  for (const std::int64_t sample : selection.samples) {
    dataset.labels.push_back(part.labels[static_cast<std::size_t>(sample)]);
  }
  dataset.values.reserve(selection.samples.size() * static_cast<std::size_t>(part.shape.values()));
  std::visit([&](const auto& values) { append(values, selection, standard, dataset.values); },
             part.values);
  const auto found = std::find_if(dataset.values.begin(), dataset.values.end(),
                                  [](float value) { return !std::isfinite(value); });
  if (found != dataset.values.end()) {
    throw Error(
        fmt::format("{}: holds a value that is too far from those of the training samples to be "
                    "standardised by their mean and deviation, allowed: nearer ones",
                    part.source));
  }
  return dataset;
}

}  // namespace inas::data
