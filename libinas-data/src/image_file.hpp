#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include <inas/core/layer.hpp>

namespace inas::data {

/// Pixels of 8 bits, channels × height × width.
struct Image {
  Shape shape;
  std::vector<std::uint8_t> pixels;
};

/// Does a file's name end in .png, .jpg or .jpeg, in any case?
[[nodiscard]] bool is_image(std::string_view name);

/// The image in a PNG or JPEG file with 1 channel (grey: 0.30 R + 0.59 G + 0.11 B of a coloured
/// one) or 3 (red, green, blue). Transparency is dropped; of 16 bits the upper 8 count. Throws
/// Error, naming `path`, for everything else, for a file that is cut short, for a PNG file with a
/// checksum that is wrong, and for more than 2^26 pixels.
[[nodiscard]] Image decode_image(std::string_view content, const std::filesystem::path& path,
                                 std::int64_t channels);

/// `image` with `height` rows and `width` columns, each pixel the mean of those that it covers, as
/// `resampled` has them, rounded to the nearest; not more than it has.
[[nodiscard]] Image averaged(const Image& image, std::int64_t height, std::int64_t width);

}  // namespace inas::data
