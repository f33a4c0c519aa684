#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

/// Sound files: WAV, and whatever else libsndfile reads (FLAC, Ogg, AIFF, …).
namespace inas::data {

/// The first `most_samples` samples, or as many as there are, of a sound file of `sample_rate_hz`,
/// from −1 to 1, several channels mixed to their mean. No more of the file than that is read.
/// Throws Error, naming the file, if it is absent, no regular file, not of a form that is known,
/// damaged, shorter than its header says, without any sample, with a value that is no finite
/// number, or of another rate: it is not converted silently, the message says how sox and ffmpeg do
/// it.
[[nodiscard]] std::vector<float> read_sound(const std::filesystem::path& path,
                                            std::int64_t sample_rate_hz, std::int64_t most_samples);

/// The same as exactly `count` samples: what is longer is cut, what is shorter is followed by
/// zeros.
[[nodiscard]] std::vector<float> read_clip(const std::filesystem::path& path,
                                           std::int64_t sample_rate_hz, std::int64_t count);

}  // namespace inas::data
