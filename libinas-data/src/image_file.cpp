#include "image_file.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <png.h>
#include <string>
#include <turbojpeg.h>
#include <zlib.h>

#include <fmt/format.h>

#include <inas/core/error.hpp>

#include "covered.hpp"
#include "folder.hpp"

namespace inas::data {
namespace {

constexpr std::int64_t kMostPixels = std::int64_t{1} << 26;
constexpr std::string_view kPngStart = "\x89PNG\r\n\x1a\n";
constexpr std::string_view kJpegStart = "\xff\xd8\xff";
constexpr std::size_t kColours = 3;

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view what) {
  throw Error(fmt::format("{}: {}", path.string(), what));
}

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// Do all chunks up to the last have their checksums? The decoder minds those of the image alone.
/// Source: PNG (ISO/IEC 15948), section 5.3.
bool is_whole_png(std::string_view content) {
  for (content.remove_prefix(kPngStart.size()); content.size() >= 12;) {
    const std::size_t length = big_endian(content);
    if (length > content.size() - 12) return false;
    const std::string_view checked = content.substr(4, 4 + length);
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(checked.data()), checked.size());
    if (crc != big_endian(content.substr(8 + length))) return false;
    if (checked.starts_with("IEND")) return true;
    content.remove_prefix(12 + length);
  }
  return false;
}

/// Red, green and blue of each pixel, row after row.
struct Decoded {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::vector<std::uint8_t> colours;
};

/// Makes room for the pixels, or refuses so many.
Decoded room_for(std::int64_t height, std::int64_t width, std::size_t bytes_of_pixel,
                 const std::filesystem::path& path) {
  if (height > kMostPixels / std::max<std::int64_t>(width, 1)) {
    refuse(path, fmt::format("has {}×{} pixels, allowed: at most {}", height, width, kMostPixels));
  }
  return {height, width,
          std::vector<std::uint8_t>(static_cast<std::size_t>(height * width) * bytes_of_pixel)};
}

Decoded decode_png(std::string_view content, const std::filesystem::path& path) {
  if (!is_whole_png(content))
    refuse(path, "is an image that is cut short or damaged, allowed: a whole one");
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, decltype(&png_image_free)> end(&image, &png_image_free);
  const auto check = [&](int is_good) {
    if (is_good == 0) refuse(path, fmt::format("cannot be read as an image: {}", image.message));
  };
  check(png_image_begin_read_from_memory(&image, content.data(), content.size()));
  image.format = PNG_FORMAT_RGBA;            // without A, it would be laid on a background
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16 bits are no linear light unless the file says so
  Decoded decoded = room_for(image.height, image.width, kColours + 1, path);
  check(png_image_finish_read(&image, nullptr, decoded.colours.data(), 0, nullptr));
  for (std::size_t i = 0; i < decoded.colours.size(); ++i) {
    if (i % 4 < kColours) decoded.colours[i / 4 * kColours + i % 4] = decoded.colours[i];
  }
  decoded.colours.resize(decoded.colours.size() / 4 * kColours);
  return decoded;
}

Decoded decode_jpeg(std::string_view content, const std::filesystem::path& path) {
  const std::unique_ptr<void, decltype(&tjDestroy)> decoder(tjInitDecompress(), &tjDestroy);
  if (!decoder) refuse(path, "cannot be read: there is no memory");
  // A warning, as of a file that is cut short, counts as an error.
  const auto check = [&](int failure) {
    if (failure == 0) return;
    refuse(path, fmt::format("cannot be read as an image: {}", tjGetErrorStr2(decoder.get())));
  };
  const auto* const bytes = reinterpret_cast<const unsigned char*>(content.data());
  int width = 0;
  int height = 0;
  int sampling = 0;
  int colours = 0;
  check(tjDecompressHeader3(decoder.get(), bytes, content.size(), &width, &height, &sampling,
                            &colours));
  if (colours == TJCS_CMYK || colours == TJCS_YCCK) {
    refuse(path, "has the colours of inks (CMYK), allowed: grey, or red, green and blue");
  }
  Decoded decoded = room_for(height, width, kColours, path);
  check(tjDecompress2(decoder.get(), bytes, content.size(), decoded.colours.data(), width, 0,
                      height, TJPF_RGB, TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING));
  return decoded;
}

/// Source of the weights: ITU-R BT.601.
std::uint8_t grey_of(const std::uint8_t* colours) {
  return static_cast<std::uint8_t>((299 * colours[0] + 587 * colours[1] + 114 * colours[2] + 500) /
                                   1000);
}

}  // namespace

bool is_image(std::string_view name) { return has_ending(name, {".png", ".jpg", ".jpeg"}); }

Image decode_image(std::string_view content, const std::filesystem::path& path,
                   std::int64_t channels) {
  const bool is_png = content.starts_with(kPngStart);
  if (!is_png && !content.starts_with(kJpegStart)) {
    refuse(path, content.empty() ? "is empty, allowed: a PNG or JPEG image"
                                 : "is neither a PNG nor a JPEG image, allowed: one of them");
  }
  const Decoded decoded = is_png ? decode_png(content, path) : decode_jpeg(content, path);
  Image image{.shape = {channels, decoded.height, decoded.width}, .pixels = {}};
  const std::size_t area = decoded.colours.size() / kColours;
  image.pixels.reserve(static_cast<std::size_t>(image.shape.values()));
  if (channels == 1) {
    for (std::size_t i = 0; i < area; ++i) {
      image.pixels.push_back(grey_of(&decoded.colours[kColours * i]));
    }
    return image;
  }
  for (std::size_t colour = 0; colour < kColours; ++colour) {
    for (std::size_t i = 0; i < area; ++i) {
      image.pixels.push_back(decoded.colours[kColours * i + colour]);
    }
  }
  return image;
}

Image averaged(const Image& image, std::int64_t height, std::int64_t width) {
  const Shape& from = image.shape;
  if (from.height == height && from.width == width) return image;
  Image result{.shape = {from.channels, height, width}, .pixels = {}};
  result.pixels.reserve(static_cast<std::size_t>(result.shape.values()));
  for (std::int64_t channel = 0; channel < from.channels; ++channel) {
    const std::uint8_t* const map = image.pixels.data() + channel * from.height * from.width;
    for (std::int64_t row = 0; row < height; ++row) {
      const Covered rows = covered(row, from.height, height);
      for (std::int64_t column = 0; column < width; ++column) {
        const Covered columns = covered(column, from.width, width);
        std::int64_t sum = 0;
        for (std::int64_t y = rows.first; y < rows.end; ++y) {
          for (std::int64_t x = columns.first; x < columns.end; ++x) sum += map[y * from.width + x];
        }
        const std::int64_t count = (rows.end - rows.first) * (columns.end - columns.first);
        result.pixels.push_back(static_cast<std::uint8_t>((2 * sum + count) / (2 * count)));
      }
    }
  }
  return result;
}

}  // namespace inas::data
