#include "elf.hpp"

#include <cstring>
#include <elf.h>

#include <fmt/format.h>

#include <inas/core/error.hpp>
#include <inas/core/files.hpp>

namespace inas::emulator {
namespace {

/// The `T` at `offset`. The processor's byte order is this computer's.
template <class T>
T at(const std::string& data, std::size_t offset) {
  if (offset > data.size() || data.size() - offset < sizeof(T)) throw Error("the file is cut off");
  T value;
  std::memcpy(&value, data.data() + offset, sizeof(T));
  return value;
}

std::string text_at(const std::string& data, std::size_t offset) {
  const std::size_t end = data.find('\0', offset);
  if (end == std::string::npos) throw Error("the file is cut off");
  return data.substr(offset, end - offset);
}

Elf parse(const std::string& data) {
  const auto header = at<Elf32_Ehdr>(data, 0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS32 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB) {
    throw Error("not a 32-bit little-endian ELF file");
  }
  Elf elf;
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    const auto segment = at<Elf32_Phdr>(data, header.e_phoff + i * sizeof(Elf32_Phdr));
    if (segment.p_type != PT_LOAD || segment.p_filesz == 0) continue;
    if (segment.p_offset > data.size() || data.size() - segment.p_offset < segment.p_filesz) {
      throw Error("the file is cut off");
    }
    const auto begin = data.begin() + segment.p_offset;
    elf.segments.push_back({segment.p_paddr, {begin, begin + segment.p_filesz}});
  }
  for (std::size_t i = 0; i < header.e_shnum; ++i) {
    const auto table = at<Elf32_Shdr>(data, header.e_shoff + i * sizeof(Elf32_Shdr));
    if (table.sh_type != SHT_SYMTAB) continue;
    const auto names = at<Elf32_Shdr>(data, header.e_shoff + table.sh_link * sizeof(Elf32_Shdr));
    for (std::size_t entry = 0; entry < table.sh_size; entry += sizeof(Elf32_Sym)) {
      const auto symbol = at<Elf32_Sym>(data, table.sh_offset + entry);
      const std::string name = text_at(data, names.sh_offset + symbol.st_name);
      if (!name.empty()) elf.symbols.emplace(name, symbol.st_value);
    }
  }
  return elf;
}

}  // namespace

std::uint32_t Elf::symbol(const std::string& name) const {
  const auto found = symbols.find(name);
  if (found == symbols.end()) throw Error(fmt::format("the program has no symbol {}", name));
  return found->second;
}

Elf read_elf(const std::filesystem::path& file) {
  try {
    return parse(read_file(file));
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", file.string(), error.what()));
  }
}

}  // namespace inas::emulator
