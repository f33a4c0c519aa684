#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache.hpp"
#include "loader.hpp"

namespace inas::data {

/// What sounds are for the networks: a second of 16 kHz, as MFCC by default options.
inline constexpr std::int64_t kSoundRateHz = 16'000;
inline constexpr std::int64_t kSoundSamples = 16'000;

/// Does a file's name end as that of a sound does: .wav, .flac or .ogg, in any case?
[[nodiscard]] bool is_sound(std::string_view name);

/// How the 25 frames × 10 coefficients lie: as `input`, if that is one of 1×250×1 (frame after
/// frame), 1×25×10 (frames × coefficients) and 10×25×1 (a channel for each coefficient), otherwise
/// as the first.
[[nodiscard]] Shape sound_shape(const std::optional<Shape>& input);

/// Adds to the key of a set what its features depend on besides the files.
void add_front_end(CacheKey& key, const std::optional<Shape>& input);

/// Adds the name and the content of a sound below `folder`. A file that cannot be read adds its
/// name alone: whoever reads it then says so.
void add_sound(CacheKey& key, const std::filesystem::path& folder, const std::string& name);

/// A part of samples with these labels, of which `clip(i)` gives the second of sound. It is called
/// from several threads. Throws Error if there are too many of them.
[[nodiscard]] RawPart sound_part(std::string source, const std::optional<Shape>& input,
                                 std::vector<std::int64_t> labels,
                                 const std::function<std::vector<float>(std::size_t)>& clip);

}  // namespace inas::data
