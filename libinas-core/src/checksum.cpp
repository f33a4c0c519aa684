#include <array>

#include <fmt/format.h>

#include <inas/core/checksum.hpp>

namespace inas {
namespace {

constexpr std::array<std::uint32_t, 256> kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xEDB88320U : 0);
    table[byte] = rest;
  }
  return table;
}();

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t rest = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    rest = kTable[(rest ^ static_cast<unsigned char>(byte)) & 0xFF] ^ (rest >> 8);
  }
  return ~rest;
}

Checksum checksum_of(std::string_view content) {
  return {crc32(content), static_cast<std::int64_t>(content.size())};
}

std::string crc32_text(std::uint32_t crc32) { return fmt::format("{:08x}", crc32); }

}  // namespace inas
