#include "sound_features.hpp"

#include <array>
#include <cstddef>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/worker_threads.hpp>
#include <inas/data/mfcc.hpp>

#include "folder.hpp"

namespace inas::data {
namespace fs = std::filesystem;
namespace {

/// Rises with every change of the values that the same sounds give.
constexpr std::int64_t kFeatureVersion = 1;

constexpr Shape kFlat{1, 250, 1};
constexpr Shape kFramesByCoefficients{1, 25, 10};
constexpr Shape kCoefficientChannels{10, 25, 1};

}  // namespace

bool is_sound(std::string_view name) { return has_ending(name, {".wav", ".flac", ".ogg"}); }

Shape sound_shape(const std::optional<Shape>& input) {
  for (const Shape& shape : {kFramesByCoefficients, kCoefficientChannels}) {
    if (input == shape) return shape;
  }
  return kFlat;
}

void add_front_end(CacheKey& key, const std::optional<Shape>& input) {
  const Shape shape = sound_shape(input);
  const MfccOptions options;
  for (const std::int64_t number :
       {kFeatureVersion, shape.channels, shape.height, shape.width, kSoundRateHz, kSoundSamples,
        options.window_samples, options.stride_samples, options.mel_channels,
        options.coefficients}) {
    key.add(number);
  }
}

void add_sound(CacheKey& key, const fs::path& folder, const std::string& name) {
  key.add(name);
  std::error_code error;
  // Opening a pipe would wait for somebody who writes.
  if (!fs::is_regular_file(folder / name, error)) return;
  std::ifstream file(folder / name, std::ios::binary);
  std::array<char, 1 << 16> block{};
  while (file) {
    file.read(block.data(), std::ssize(block));
    key.add(std::string_view(block.data(), static_cast<std::size_t>(file.gcount())));
  }
}

RawPart sound_part(std::string source, const std::optional<Shape>& input,
                   std::vector<std::int64_t> labels,
                   const std::function<std::vector<float>(std::size_t)>& clip) {
  const Shape shape = sound_shape(input);
  const auto size = static_cast<std::size_t>(shape.values());
  const std::int64_t most = kMostFloatValues / shape.values();
  if (std::ssize(labels) > most) {
    throw Error(fmt::format("{}: has {} sounds, allowed: at most {}", source, labels.size(), most));
  }
  FloatValues values(labels.size() * size);
  const Mfcc mfcc;
  const auto coefficients = static_cast<std::size_t>(mfcc.options().coefficients);
  const std::size_t frames = size / coefficients;
  on_threads(all_cores(), std::ssize(labels), [&] {
    return [&](std::int64_t index) {
      const auto i = static_cast<std::size_t>(index);
      const std::vector<float> features = mfcc(clip(i));
      float* const sample = values.data() + i * size;
      for (std::size_t at = 0; at < size; ++at) {
        const std::size_t place =
            shape == kCoefficientChannels ? at % coefficients * frames + at / coefficients : at;
        sample[place] = features[at];
      }
    };
  });
  return {.source = std::move(source),
          .shape = shape,
          .values = std::move(values),
          .labels = std::move(labels),
          .groups = {}};
}

}  // namespace inas::data
