#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace inas::emulator {

/// What a 32-bit little-endian ELF file puts into memory, and where its symbols are.
struct Elf {
  struct Segment {
    std::uint32_t address = 0;  ///< where it lies in the file's image of memory, which is flashed
    std::vector<std::uint8_t> bytes;
  };
  std::vector<Segment> segments;
  std::map<std::string, std::uint32_t, std::less<>> symbols;

  /// Throws Error if there is none of that name.
  [[nodiscard]] std::uint32_t symbol(const std::string& name) const;
};

/// Throws Error, naming the file, if it is no such file.
[[nodiscard]] Elf read_elf(const std::filesystem::path& file);

}  // namespace inas::emulator
