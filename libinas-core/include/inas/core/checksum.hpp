#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace inas {

/// CRC-32 as zlib, gzip and PNG compute it: polynomial 0x04C11DB7, bits reflected, initial value
/// and final exclusive-or 0xFFFFFFFF. Of "123456789": cbf43926.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes);

/// What tells a file's content from another's.
struct Checksum {
  std::uint32_t crc32 = 0;
  std::int64_t bytes = 0;

  bool operator==(const Checksum&) const = default;
};

[[nodiscard]] Checksum checksum_of(std::string_view content);

/// Eight hexadecimal digits in lower case, the form of all files.
[[nodiscard]] std::string crc32_text(std::uint32_t crc32);

}  // namespace inas
