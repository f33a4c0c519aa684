#include <random>

#include <support/idx_files.hpp>

#include <inas/core/files.hpp>

namespace inas::test {
namespace {

void append_big_endian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift & 0xFF));
}

}  // namespace

void write_idx(const std::filesystem::path& folder, const std::string& part, std::uint32_t count,
               std::uint64_t seed, std::uint32_t classes) {
  constexpr std::uint32_t kSide = 28;
  std::mt19937_64 random(seed);
  std::string images;
  std::string labels;
  append_big_endian(images, 0x803);
  append_big_endian(images, count);
  append_big_endian(images, kSide);
  append_big_endian(images, kSide);
  append_big_endian(labels, 0x801);
  append_big_endian(labels, count);
  for (std::uint32_t image = 0; image < count; ++image) {
    const std::uint32_t label = image % classes;
    labels.push_back(static_cast<char>(label));
    for (std::uint32_t y = 0; y < kSide; ++y) {
      for (std::uint32_t x = 0; x < kSide; ++x) {
        const bool bright = y / 4 == label / 5 * 3 && x / 4 == label % 5;
        images.push_back(static_cast<char>(bright ? 255 : random() % 64));
      }
    }
  }
  write_file(folder / (part + "-images-idx3-ubyte"), images);
  write_file(folder / (part + "-labels-idx1-ubyte"), labels);
}

}  // namespace inas::test
