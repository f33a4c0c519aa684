#include "image_file.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <zlib.h>

#include <fmt/format.h>

#include <inas/core/error.hpp>

#include "covered.hpp"

namespace {

/// More memory at once than any image that is allowed needs: a file may unpack to a thousand times
/// its size.
constexpr std::size_t kMostAtOnce = std::size_t{1} << 29;

void* allocate(std::size_t bytes) { return bytes > kMostAtOnce ? nullptr : std::malloc(bytes); }
void* reallocate(void* block, std::size_t bytes) {
  return bytes > kMostAtOnce ? nullptr : std::realloc(block, bytes);
}

}  // namespace

#define STBI_MALLOC(bytes) allocate(bytes)
#define STBI_REALLOC(block, bytes) reallocate(block, bytes)
#define STBI_FREE(block) std::free(block)
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb/stb_image.h>

namespace inas::data {
namespace {

constexpr std::int64_t kMostPixels = std::int64_t{1} << 26;
constexpr std::string_view kPngStart = "\x89PNG\r\n\x1a\n";
constexpr std::string_view kJpegStart = "\xff\xd8\xff";
constexpr std::string_view kJpegEnd = "\xff\xd9";

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view what) {
  throw Error(fmt::format("'{}' {}.", path.string(), what));
}

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// The decoder minds neither checksums nor, of JPEG, the end. Source of the chunks: PNG (ISO/IEC
/// 15948), section 5.3.
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

/// Some cameras write a little behind the end.
bool is_whole_jpeg(std::string_view content) {
  constexpr std::size_t kBehind = 4096;
  const std::size_t end = content.rfind(kJpegEnd);
  return end != std::string_view::npos && content.size() - end <= kBehind;
}

void check_whole(std::string_view content, const std::filesystem::path& path) {
  const bool is_png = content.starts_with(kPngStart);
  if (!is_png && !content.starts_with(kJpegStart)) {
    refuse(path, content.empty() ? "is empty" : "is neither a PNG nor a JPEG image");
  }
  if (is_png ? !is_whole_png(content) : !is_whole_jpeg(content)) {
    refuse(path, "is an image that is cut short or damaged");
  }
}

}  // namespace

bool is_image(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.ends_with(".png") || lower.ends_with(".jpg") || lower.ends_with(".jpeg");
}

Image decode_image(std::string_view content, const std::filesystem::path& path,
                   std::int64_t channels) {
  check_whole(content, path);
  if (content.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    refuse(path, "is too large");
  }
  const auto* const bytes = reinterpret_cast<const stbi_uc*>(content.data());
  const auto size = static_cast<int>(content.size());
  int width = 0;
  int height = 0;
  int stored = 0;
  if (stbi_info_from_memory(bytes, size, &width, &height, &stored) == 0) {
    refuse(path, fmt::format("cannot be read as an image: {}", stbi_failure_reason()));
  }
  if (std::int64_t{width} * height > kMostPixels) {
    refuse(path, fmt::format("has {}×{} pixels, allowed: at most {}", height, width, kMostPixels));
  }
  const std::unique_ptr<stbi_uc, decltype(&std::free)> decoded(
      stbi_load_from_memory(bytes, size, &width, &height, &stored, static_cast<int>(channels)),
      &std::free);
  if (!decoded) refuse(path, fmt::format("cannot be read as an image: {}", stbi_failure_reason()));
  Image image{.shape = {channels, height, width}, .pixels = {}};
  image.pixels.resize(static_cast<std::size_t>(image.shape.values()));
  const auto area = static_cast<std::size_t>(std::int64_t{width} * height);
  const auto planes = static_cast<std::size_t>(channels);
  for (std::size_t plane = 0; plane < planes; ++plane) {
    for (std::size_t i = 0; i < area; ++i) {
      image.pixels[plane * area + i] = decoded.get()[i * planes + plane];
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
